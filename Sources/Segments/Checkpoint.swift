// The catalog on disk: its named values and the tracks that exist, as of one operation. Written
// whole at each flush that changes it, so that the log before it can go.
//
// Its one section: covered sequence u64 | varint tracks, each u32 | varint entries, each a name and
// a value (strings after their length as a varint) | varint tracks set aside, each u32 and u64 |
// varint requests, each token, milliseconds u64, and the varints put, replaced, deleted.

package import Storage

/// The catalog as of one operation.
package struct Checkpoint: Sendable, Equatable {
    /// Magic and version of checkpoints.
    package static let kind = FileKind(magic: "MSPDCAT1", version: 1)

    /// Every operation up to this one is in the checkpoint.
    package var covered: UInt64 = 0
    /// The tracks that exist.
    package var tracks: [UInt32] = []
    /// Of these, the ones that were set aside, with the operation that their manifests cover at
    /// least: those of all others cover `covered`.
    package var aside: [UInt32: UInt64] = [:]
    /// Named values.
    package var catalog: [[UInt8]: [UInt8]] = [:]
    /// Requests with tokens, oldest first.
    package var requests: [FinishedRequest] = []

    func write(
        _ path: String, generation: UInt64, in fs: any FileSystem
    ) throws(StorageError) {
        var bytes = ByteWriter()
        bytes.u64(covered)
        bytes.varint(UInt64(tracks.count))
        for track in tracks { bytes.u32(track) }
        bytes.varint(UInt64(catalog.count))
        for (name, value) in catalog.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            bytes.lengthPrefixed(name)
            bytes.lengthPrefixed(value)
        }
        bytes.varint(UInt64(aside.count))
        for (track, bound) in aside.sorted(by: { $0.key < $1.key }) {
            bytes.u32(track)
            bytes.u64(bound)
        }
        bytes.varint(UInt64(requests.count))
        for request in requests {
            bytes.lengthPrefixed(request.token)
            bytes.u64(request.time)
            let applied = request.applied
            for count in [applied.put, applied.replaced, applied.deleted] {
                bytes.varint(UInt64(count))
            }
        }
        _ = try writeSingleSection(path, kind: Self.kind, fileID: generation, bytes.bytes, in: fs)
    }

    /// Reads the checkpoint of a generation.
    package static func read(
        _ path: String, generation: UInt64, in fs: any FileSystem
    ) throws(StorageError) -> Checkpoint {
        let section = try readSingleSection(path, kind: kind, fileID: generation, in: fs)
        var reader = ByteReader(try section.bytes(0..<section.count))
        var checkpoint = Checkpoint()
        do {
            checkpoint.covered = try reader.u64()
            for _ in 0..<(try reader.count(ofAtLeast: 4)) {
                checkpoint.tracks.append(try reader.u32())
            }
            for _ in 0..<(try reader.count(ofAtLeast: 2)) {
                let name = try reader.lengthPrefixed()
                checkpoint.catalog[name] = try reader.lengthPrefixed()
            }
            for _ in 0..<(try reader.count(ofAtLeast: 12)) {
                let track = try reader.u32()
                checkpoint.aside[track] = try reader.u64()
            }
            for _ in 0..<(try reader.count(ofAtLeast: 12)) {
                var request = FinishedRequest(
                    token: try reader.lengthPrefixed(), time: try reader.u64(), applied: Applied())
                request.applied.put = Int(clamping: try reader.varint())
                request.applied.replaced = Int(clamping: try reader.varint())
                request.applied.deleted = Int(clamping: try reader.varint())
                checkpoint.requests.append(request)
            }
            try reader.expectEnd()
        } catch {
            throw .corrupt(file: path, offset: section.offset, what: "\(error)")
        }
        return checkpoint
    }
}
