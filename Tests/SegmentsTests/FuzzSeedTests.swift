// The seeds of the fuzzers are files of today's format: a fuzzer that begins with what nothing
// opens finds nothing. `scripts/fuzz.sh seeds` writes them anew.

import Segments
import Storage
import TestSupport
import Testing

@Suite struct FuzzSeedTests {
    @Test(arguments: ["Segment", "Manifest", "RecordLog", "Index"])
    func `the seeds of a fuzzer are read`(target: String) throws {
        let root = try #require(SharedData.packageRoot)
        let disk = RealFileSystem()
        let names = try disk.list("\(root)/Fuzz/corpus/\(target)")
        #expect(!names.isEmpty)
        for name in names {
            let file = try disk.open("\(root)/Fuzz/corpus/\(target)/\(name)", .read)
            // The first byte says how the rest is to be taken.
            let bytes = Array(try file.read(Int(try file.size()), at: 0).dropFirst())
            let fs = FaultyFileSystem()
            fs.place(bytes, at: "/f")
            #expect(throws: Never.self, "\(name)") { try read(name, fs) }
        }
    }

    private func read(_ name: String, _ fs: FaultyFileSystem) throws {
        if name.hasSuffix(".log") {
            _ = try RecordLogReader.read("/f", in: fs) { (frame) throws(StorageError) in
                do { _ = try Operation.decode(frame.payload.rawSpan) } catch {
                    throw .corrupt(file: "/f", offset: frame.offset, what: "\(error)")
                }
            }
            return
        }
        if name.hasSuffix(".vec") {
            let file = try SectionFile(
                opening: "/f", kind: SegmentIndex.kind, fileID: nil, in: fs)
            return try file.verifyAll()
        }
        let kind =
            name.hasSuffix(".seg")
            ? SegmentFormat.kind : name.hasPrefix("MANIFEST") ? Manifest.kind : Checkpoint.kind
        let id = try SectionFile(opening: "/f", kind: kind, fileID: nil, in: fs).fileID
        switch kind.magic {
        case Manifest.kind.magic: _ = try Manifest.read("/f", generation: id, in: fs)
        case Checkpoint.kind.magic: _ = try Checkpoint.read("/f", generation: id, in: fs)
        default:
            let segment = try Segment("/f", id: id, in: fs)
            for document in 0..<segment.documentCount { _ = try segment.annotation(document) }
        }
    }
}
