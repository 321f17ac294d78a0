// Whole files that are good but in the wrong place: each is named, wherever it was put.

import Segments
import Storage
import TestSupport
import Testing

@Suite struct SwappedFileTests {
    /// Two tracks with files of the same names and lengths, and other texts.
    private func twins() throws -> FaultyFileSystem {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small())
        try store.write([.create(track: 1), .create(track: 2)])
        for (track, words) in [(UInt32(1), ["red", "sun"]), (2, ["hot", "tea"])] {
            for word in words {
                let annotation = Annotation(
                    title: [1], start: 1, end: 2, key: [7], text: [UInt8](text: word))
                try store.write([.put(track: track, rows: batch([annotation]))])
            }
        }
        try store.flush()
        store.close()
        return fs.powerCut(.keepAll)
    }

    private func swapped(_ fs: FaultyFileSystem, _ a: String, _ b: String) throws -> String? {
        let first = try #require(fs.contents(a))
        fs.place(try #require(fs.contents(b)), at: a)
        fs.place(first, at: b)
        do {
            let store = try Store(opening: "/data", in: fs, .small())
            defer { store.close() }
            _ = try store.view.state()
            return nil
        } catch { return "\(error)" }
    }

    @Test(arguments: ["segments/0000000001.seg", "MANIFEST-0000000001"])
    func `files of two tracks that change places are found`(name: String) throws {
        let (a, b) = ("/data/tracks/1/\(name)", "/data/tracks/2/\(name)")
        let message = try swapped(try twins(), a, b)
        #expect(message != nil, "\(name) is taken for another")
    }
}
