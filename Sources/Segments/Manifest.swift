// The list of a track's live segments with their deletions: one small file per generation, written
// whole and switched by rename. The newest one counts; an older one never takes its place.
//
// Its one section: covered sequence u64 | next segment u64 | content | varint segments, each
// id u64 | file length u64 | fingerprint u32 | tombstone generation u64 (0 for none)
// | tombstone file length u64 | its fingerprint u32; varint commits, each title, attribute name,
// value, first and last operation u64. A fingerprint is the checksum of a file's directory, as it
// stands in its footer.
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
        /// Tells the segment file from any other.
        package var fingerprint: UInt32
        /// Generation of its tombstone file; 0 for none.
        package var tombstoneGeneration: UInt64 = 0
        /// Bytes of its tombstone file.
        package var tombstoneLength: UInt64 = 0
        /// Tells the tombstone file from any other.
        package var tombstoneFingerprint: UInt32 = 0
    }

    /// Every operation up to this one is in the segments, or was undone by a later one.
    package var covered: UInt64 = 0
    /// The number that the next segment gets.
    package var nextSegment: UInt64 = 1
    /// What the track's annotations hold.
    package var content = TrackContent()
    /// Live segments, oldest first.
    package var segments: [Entry] = []
    /// The last commit to each lane that has one.
    package var commits: [Commit] = []

    /// Writes the manifest of a generation under its final name; the caller syncs the folder.
    func write(
        _ path: String, generation: UInt64, in fs: any FileSystem
    ) throws(StorageError) {
        var bytes = ByteWriter()
        bytes.u64(covered)
        bytes.u64(nextSegment)
        content.encode(into: &bytes)
        bytes.varint(UInt64(segments.count))
        for segment in segments {
            segment.encodeSegment(into: &bytes)
            bytes.u64(segment.tombstoneGeneration)
            bytes.u64(segment.tombstoneLength)
            bytes.u32(segment.tombstoneFingerprint)
        }
        bytes.varint(UInt64(commits.count))
        for commit in commits {
            commit.scope.encode(into: &bytes)
            bytes.u64(commit.sequences.lowerBound)
            bytes.u64(commit.sequences.upperBound)
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
            manifest.content = try TrackContent(&reader)
            for _ in 0..<(try reader.count(ofAtLeast: 40)) {
                var entry = try Entry(segment: &reader)
                entry.tombstoneGeneration = try reader.u64()
                entry.tombstoneLength = try reader.u64()
                entry.tombstoneFingerprint = try reader.u32()
                manifest.segments.append(entry)
            }
            for _ in 0..<(try reader.count(ofAtLeast: 19)) {
                let scope = try Scope(&reader)
                let (first, last) = (try reader.u64(), try reader.u64())
                guard first <= last else {
                    throw DecodeError(offset: reader.position, expected: "operations in order")
                }
                manifest.commits.append(Commit(scope: scope, sequences: first...last))
            }
            try reader.expectEnd()
        } catch {
            throw .corrupt(file: path, offset: section.offset, what: "\(error)")
        }
        return manifest
    }

    private static func writeTombstones(
        _ path: String, segment: UInt64, _ marks: [(document: UInt32, sequence: UInt64)],
        in fs: any FileSystem
    ) throws(StorageError) {
        var bytes = ByteWriter(capacity: marks.count * 12 + 10)
        bytes.varint(UInt64(marks.count))
        for mark in marks {
            bytes.u32(mark.document)
            bytes.u64(mark.sequence)
        }
        _ = try writeSingleSection(
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

extension Manifest.Entry {
    /// Names a segment without deletions.
    init(_ segment: Segment) {
        self.init(id: segment.id, length: segment.length, fingerprint: segment.fingerprint)
    }

    /// Reads what names the segment file: 20 bytes.
    init(segment reader: inout ByteReader) throws(DecodeError) {
        self.init(
            id: try reader.u64(), length: try reader.u64(), fingerprint: try reader.u32())
    }

    func encodeSegment(into bytes: inout ByteWriter) {
        bytes.u64(id)
        bytes.u64(length)
        bytes.u32(fingerprint)
    }

    /// Gives the segment's deletions a file of their own, unless there are none; the caller syncs
    /// the folder.
    mutating func write(
        _ marks: [(document: UInt32, sequence: UInt64)], _ generation: UInt64, of track: UInt32,
        in folder: Folder, _ fs: any FileSystem
    ) throws(StorageError) {
        guard !marks.isEmpty else { return }
        let path = folder.tombstones(track, id, generation)
        try Manifest.writeTombstones(path, segment: id, marks, in: fs)
        let found = try SectionFile.fingerprint(of: path, in: fs)
        tombstoneGeneration = generation
        (tombstoneLength, tombstoneFingerprint) = (found.length, found.directory)
    }

    /// Opens the segment with its deletions; throws when a file is not the one that this names.
    func open(
        of track: UInt32, in folder: Folder, _ fs: any FileSystem
    ) throws(StorageError) -> Segment {
        let path = folder.segment(track, id)
        let segment = try Segment(path, id: id, in: fs)
        try check((segment.length, segment.fingerprint), (length, fingerprint), path)
        if tombstoneGeneration > 0 {
            let path = folder.tombstones(track, id, tombstoneGeneration)
            try Manifest.readTombstones(path, into: segment, in: fs)
            let found = try SectionFile.fingerprint(of: path, in: fs)
            try check(
                (found.length, found.directory), (tombstoneLength, tombstoneFingerprint), path)
        }
        return segment
    }

    private func check(
        _ found: (length: UInt64, fingerprint: UInt32),
        _ wanted: (length: UInt64, fingerprint: UInt32), _ path: String
    ) throws(StorageError) {
        guard found.length == wanted.length else {
            throw .corrupt(
                file: path, offset: min(found.length, wanted.length),
                what: "it has \(found.length) bytes, the manifest says \(wanted.length)")
        }
        guard found.fingerprint == wanted.fingerprint else {
            throw .corrupt(
                file: path, offset: 0, what: "it is another file than the manifest names")
        }
    }
}

extension Manifest {
    /// Makes the manifest of a generation durable, after the files in the segments' folder.
    func install(
        _ generation: UInt64, of track: UInt32, in folder: Folder, _ fs: any FileSystem
    ) throws(StorageError) {
        try fs.syncDirectory(folder.segments(track))
        try write(folder.manifest(track, generation), generation: generation, in: fs)
        try fs.syncDirectory(folder.track(track))
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
