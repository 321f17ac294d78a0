// A snapshot: a folder laid out like a data folder without logs, whose files are hard links to
// those of the data folder, and one file SNAPSHOT that names them all. Complete as soon as it has
// its name; docs/FORMAT.md has the fields.

package import Storage

/// A name that a snapshot may have, so that none leads out of its folder.
package struct SnapshotName: Sendable, Equatable {
    /// 1 to 64 letters, digits, dots, underscores and hyphens; the first a letter or digit.
    package let text: String

    /// Nil for a name that snapshots cannot have.
    package init?(_ text: String) {
        func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                return true
            default: return false
            }
        }
        guard let first = text.utf8.first, isPlain(first), text.utf8.count <= 64,
            text.utf8.allSatisfy({ isPlain($0) || "._-".utf8.contains($0) })
        else { return nil }
        self.text = text
    }
}

/// What a snapshot's own file says.
package struct Snapshot: Sendable, Equatable {
    /// Magic and version of snapshots.
    package static let kind = FileKind(magic: "MSPDSNP1", version: 1)
    /// The file's name.
    static let fileName = "SNAPSHOT"

    /// One file of a snapshot.
    package struct Entry: Sendable, Equatable {
        /// Its path in the snapshot and in the data folder.
        package var path: String
        /// Its bytes.
        package var length: UInt64
        /// The checksum of its directory.
        package var directory: UInt32
    }

    /// The name it was given.
    package var name = ""
    /// The last operation in it.
    package var sequence: UInt64 = 0
    /// When it was made, in milliseconds since 1970.
    package var time: UInt64 = 0
    /// The program that made it.
    package var program = ""
    /// All other files.
    package var files: [Entry] = []

    /// Bytes of its files.
    package var bytes: UInt64 { files.reduce(0) { $0 &+ $1.length } }

    func write(_ path: String, in fs: any FileSystem) throws(StorageError) {
        var bytes = ByteWriter()
        bytes.lengthPrefixed(Array(name.utf8))
        bytes.u64(sequence)
        bytes.u64(time)
        bytes.lengthPrefixed(Array(program.utf8))
        bytes.varint(UInt64(files.count))
        for file in files {
            bytes.lengthPrefixed(Array(file.path.utf8))
            bytes.u64(file.length)
            bytes.u32(file.directory)
        }
        _ = try writeSingleSection(path, kind: Self.kind, fileID: sequence, bytes.bytes, in: fs)
    }

    /// Reads the SNAPSHOT file of a snapshot's folder.
    package static func read(
        _ folder: String, in fs: any FileSystem
    ) throws(StorageError) -> Snapshot {
        let path = "\(folder)/\(fileName)"
        let section = try readSingleSection(path, kind: kind, fileID: nil, in: fs)
        var reader = ByteReader(try section.bytes(0..<section.count))
        var snapshot = Snapshot()
        do throws(DecodeError) {
            snapshot.name = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
            snapshot.sequence = try reader.u64()
            snapshot.time = try reader.u64()
            snapshot.program = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
            for _ in 0..<(try reader.count(ofAtLeast: 13)) {
                let name = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
                let parts = name.split(separator: "/", omittingEmptySubsequences: false)
                guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
                    throw DecodeError(offset: reader.position, expected: "a path in the snapshot")
                }
                snapshot.files.append(
                    Entry(
                        path: name, length: try reader.u64(), directory: try reader.u32()))
            }
            try reader.expectEnd()
        } catch { throw .corrupt(file: path, offset: section.offset, what: "\(error)") }
        return snapshot
    }
}

/// The files that make up a store as of one operation, right after a flush.
struct FlushedState: Sendable {
    let sequence: UInt64
    let checkpointGeneration: UInt64
    let tracks: [(id: UInt32, generation: UInt64, manifest: Manifest)]
    /// A track set aside, whose files cannot be vouched for.
    let quarantined: (track: UInt32, reason: StorageError)?

    /// The folders and the files, each folder after the one it is in.
    func layout(_ folder: Folder) -> (folders: [String], files: [String]) {
        var folders = [folder.catalog, folder.tracks]
        var files = [folder.checkpoint(checkpointGeneration)]
        for (id, generation, manifest) in tracks {
            folders += [folder.track(id), folder.segments(id)]
            files.append(folder.manifest(id, generation))
            for entry in manifest.segments {
                files += folder.files(entry, of: id)
            }
        }
        return (folders, files)
    }
}
