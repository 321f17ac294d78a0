// The list of a track's live segments with their deletions: one small file per generation, written
// whole and switched by rename. The newest one counts; an older one never takes its place.
//
// Its one section: covered sequence u64 | next segment u64 | varint segments, each
// id u64 | file length u64 | tombstone generation u64 (0 for none) | tombstone file length u64.
// A tombstone file's one section: varint deletions, each document u32 | sequence u64.

package import Storage

/// What a track consists of on disk.
package struct Manifest: Sendable, Equatable {
    /// Magic and version of manifests.
    package static let kind = FileKind(magic: "MSPDMAN1", version: 1)
    /// Magic and version of tombstone files.
    package static let tombstoneKind = FileKind(magic: "MSPDDEL1", version: 1)
    static let section: UInt32 = 1

    /// A live segment file.
    package struct Entry: Sendable, Equatable {
        /// The segment's number.
        package var id: UInt64
        /// Bytes of the segment file.
        package var length: UInt64
        /// Generation of its tombstone file; 0 for none.
        package var tombstoneGeneration: UInt64
        /// Bytes of its tombstone file.
        package var tombstoneLength: UInt64
    }

    /// Every operation up to this one is in the segments, or was undone by a later one.
    package var covered: UInt64 = 0
    /// The number that the next segment gets.
    package var nextSegment: UInt64 = 1
    /// Live segments, oldest first.
    package var segments: [Entry] = []

    /// Writes the manifest of a generation under its final name; the caller syncs the folder.
    func write(
        _ path: String, generation: UInt64, in fs: any FileSystem
    ) throws(StorageError) {
        var bytes = ByteWriter()
        bytes.u64(covered)
        bytes.u64(nextSegment)
        bytes.varint(UInt64(segments.count))
        for segment in segments {
            bytes.u64(segment.id)
            bytes.u64(segment.length)
            bytes.u64(segment.tombstoneGeneration)
            bytes.u64(segment.tombstoneLength)
        }
        _ = try writeSingleSection(path, kind: Self.kind, fileID: generation, bytes.bytes, in: fs)
    }

    /// Reads the manifest of a generation.
    package static func read(
        _ path: String, generation: UInt64, in fs: any FileSystem
    ) throws(StorageError) -> Manifest {
        let section = try readSingleSection(path, kind: kind, fileID: generation, in: fs)
        var reader = ByteReader(try section.bytes(0..<section.count))
        var manifest = Manifest()
        do {
            manifest.covered = try reader.u64()
            manifest.nextSegment = try reader.u64()
            for _ in 0..<(try reader.count(ofAtLeast: 32)) {
                manifest.segments.append(
                    Entry(
                        id: try reader.u64(), length: try reader.u64(),
                        tombstoneGeneration: try reader.u64(), tombstoneLength: try reader.u64()))
            }
            try reader.expectEnd()
        } catch {
            throw .corrupt(file: path, offset: section.offset, what: "\(error)")
        }
        return manifest
    }

    /// Writes a segment's deletions and returns the length of the file.
    static func writeTombstones(
        _ path: String, segment: UInt64, _ marks: [(document: UInt32, sequence: UInt64)],
        in fs: any FileSystem
    ) throws(StorageError) -> UInt64 {
        var bytes = ByteWriter(capacity: marks.count * 12 + 10)
        bytes.varint(UInt64(marks.count))
        for mark in marks {
            bytes.u32(mark.document)
            bytes.u64(mark.sequence)
        }
        return try writeSingleSection(
            path, kind: tombstoneKind, fileID: segment, bytes.bytes, in: fs)
    }

    /// Reads a segment's deletions into its tombstones.
    package static func readTombstones(
        _ path: String, into segment: Segment, in fs: any FileSystem
    ) throws(StorageError) {
        let section = try readSingleSection(
            path, kind: tombstoneKind, fileID: segment.id, in: fs)
        var reader = ByteReader(try section.bytes(0..<section.count))
        do {
            for _ in 0..<(try reader.count(ofAtLeast: 12)) {
                let document = try reader.u32()
                let sequence = try reader.u64()
                guard document < segment.documentCount, sequence > 0 else {
                    throw DecodeError(offset: reader.position, expected: "a document")
                }
                segment.tombstones.mark(document, at: sequence)
            }
            try reader.expectEnd()
        } catch {
            throw .corrupt(file: path, offset: section.offset, what: "\(error)")
        }
    }
}

/// Writes a file with one section and returns its length; the caller syncs the folder.
func writeSingleSection(
    _ path: String, kind: FileKind, fileID: UInt64, _ bytes: [UInt8], in fs: any FileSystem
) throws(StorageError) -> UInt64 {
    let file = try SectionFileWriter(creating: path, kind: kind, fileID: fileID, in: fs)
    do {
        file.begin(Manifest.section)
        try file.append(bytes)
        return try file.finish()
    } catch {
        file.abandon()
        throw error
    }
}

/// Opens a file with one section.
func readSingleSection(
    _ path: String, kind: FileKind, fileID: UInt64?, in fs: any FileSystem
) throws(StorageError) -> Section {
    let file = try SectionFile(opening: path, kind: kind, fileID: fileID, in: fs)
    guard let section = file.section(Manifest.section) else {
        throw .corrupt(file: path, offset: 0, what: "it has no section \(Manifest.section)")
    }
    return section
}
