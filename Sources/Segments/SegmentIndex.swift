// The index over a segment's vectors, in a file of its own beside the segment. It says nothing that
// the segment does not say, so no manifest names it: it is taken when it fits the segment, and
// else made again in the background, while every vector is looked at.
//
// A section file whose ID is the segment's number. Sections:
//     2 … 6    those of VectorSection, but for the vectors, which the segment has
//     16       the segment's bytes u64 and fingerprint u32

package import Storage
package import VectorIndex

/// The files of indexes.
package enum SegmentIndex {
    /// Magic and version of index files.
    package static let kind = FileKind(magic: "MSPDVEC1", version: 1)
    static let owner: UInt32 = 16

    /// The name of a section.
    package static func sectionName(_ id: UInt32) -> String {
        if id == owner { return "segment" }
        return VectorSection(rawValue: id).map { "\($0)" } ?? "unknown"
    }

    /// Writes the index of a segment under its final name.
    package static func write(
        _ index: VectorIndex, of segment: Segment, to path: String, in fs: any FileSystem
    ) throws(StorageError) {
        let file = try SectionFileWriter(creating: path, kind: kind, fileID: segment.id, in: fs)
        do throws(StorageError) {
            let append = { (bytes: RawSpan) throws(StorageError) in try file.append(bytes) }
            file.begin(VectorSection.epoch.rawValue)
            try index.epoch.write(to: append)
            for section in VectorIndex.sections {
                file.begin(section.rawValue)
                try index.write(section, to: append)
            }
            var bytes = ByteWriter()
            bytes.u64(segment.length)
            bytes.u32(segment.fingerprint)
            file.begin(owner)
            try file.append(bytes.bytes)
            _ = try file.finish()
        } catch {
            file.abandon()
            throw error
        }
    }

    /// Opens the index of a segment; throws what is wrong with the file, or that it is another
    /// segment's.
    ///
    /// An epoch that is known is shared, so that it is in memory once.
    package static func read(
        _ path: String, of segment: Segment, knowing epochs: [VectorEpoch] = [],
        in fs: any FileSystem
    ) throws(StorageError) -> VectorIndex {
        let file = try SectionFile(opening: path, kind: kind, fileID: segment.id, in: fs)
        guard let vectors = segment.vectors?.part.stored, isOwn(file, segment) else {
            throw .corrupt(file: path, offset: 0, what: "it is the index of another segment")
        }
        try file.verifyAll()
        do throws(VectorDamage) {
            let identity = try VectorIndex.epochIdentity(lists: bytes(.lists, of: file))
            let known = epochs.first { $0.identity == identity && $0.layout == vectors.layout }
            let epoch: VectorEpoch
            if let known {
                epoch = known
            } else {
                epoch = try VectorEpoch(vectors.layout, bytes(.epoch, of: file))
            }
            return try VectorIndex(epoch, count: vectors.count) { section throws(VectorDamage) in
                try bytes(section, of: file)
            }
        } catch {
            let place = file.section(error.section.rawValue)?.offset ?? 0
            throw .corrupt(file: path, offset: place, what: "\(error)")
        }
    }

    private static func isOwn(_ file: SectionFile, _ segment: Segment) -> Bool {
        guard let section = file.section(owner),
            let bytes = try? section.bytes(0..<section.count)
        else { return false }
        var reader = ByteReader(bytes)
        return (try? reader.u64()) == segment.length && (try? reader.u32()) == segment.fingerprint
    }

    private static func bytes(
        _ section: VectorSection, of file: SectionFile
    ) throws(VectorDamage) -> VectorBytes {
        guard let found = file.section(section.rawValue) else {
            throw VectorDamage(section, "is missing")
        }
        return found.vectorBytes
    }
}
