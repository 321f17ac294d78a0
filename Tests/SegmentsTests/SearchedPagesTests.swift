// A segment that was just written is checked before a search comes to it: what is wrong with what
// searches read is found then.

import Segments
import Storage
import TestSupport
import Testing
import TextIndex

@Suite struct SearchedPagesTests {
    private static let path = "/data/tracks/1/segments/0000000001.seg"

    /// A data folder with one segment of some rows.
    private func folder() throws -> FaultyFileSystem {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        try store.write([.create(track: 1)])
        let rows = (0..<300).map { number in
            Annotation(
                title: [1], start: Int64(number), end: Int64(number) + 1,
                key: [UInt8](text: "\(number)"), text: [UInt8](text: "a a word \(number % 9)"))
        }
        try store.write([.put(track: 1, rows: batch(rows))])
        try store.flush()
        store.close()
        return fs.powerCut(.keepAll)
    }

    @Test(arguments: [
        TextSection.terms.rawValue, TextSection.postings.rawValue, TextSection.positions.rawValue,
        SegmentSection.rows.rawValue,
    ]) func `a wrong byte in what searches read is found`(section: UInt32) throws {
        let fs = try folder()
        try Segment(Self.path, id: 1, in: fs).checkSearched()
        var bytes = try #require(fs.contents(Self.path))
        let file = try SectionFile(opening: Self.path, kind: SegmentFormat.kind, fileID: 1, in: fs)
        let found = try #require(file.section(section))
        #expect(found.count > 0)
        bytes[Int(found.offset) + found.count - 1] ^= 1
        fs.place(bytes, at: Self.path)
        // Opening does not look there.
        let segment = try Segment(Self.path, id: 1, in: fs)
        #expect(throws: StorageError.self) { try segment.checkSearched() }
    }
}
