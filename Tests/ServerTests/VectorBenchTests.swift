// `mspd bench vectors` on a small set: its figures, its answers, and files that are not as they
// should be.

import Storage
import TestSupport
import Testing

@Suite struct VectorBenchTests {
    private static let dimension = 16

    /// A .npy file of the numbers in `bytes`.
    private func array(_ type: String, _ shape: String, _ bytes: [UInt8]) -> [UInt8] {
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
        header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + bytes
    }

    private func bytes(_ values: [UInt32], _ size: Int) -> [UInt8] {
        values.flatMap { value in (0..<size).map { UInt8(value >> UInt32($0 * 8) & 255) } }
    }

    /// A set of 400 vectors, of whose first 12 each is asked for.
    private func write(_ folder: String, isBytes: Bool, truth: (Int, [UInt8]) -> [UInt8]) throws {
        try RealFileSystem().createDirectory(folder)
        var random = SeededRandom(seed: 11)
        let (count, asked) = (400, 12)
        let numbers = random.bytes(count * Self.dimension)
        func encoded(_ numbers: ArraySlice<UInt8>) -> [UInt8] {
            isBytes ? Array(numbers) : bytes(numbers.map { Float($0).bitPattern }, 4)
        }
        let type = isBytes ? "|u1" : "<f4"
        let query = numbers.prefix(asked * Self.dimension)
        try Command.write(
            array(type, "\(count), \(Self.dimension)", encoded(numbers[...])),
            to: folder + "/base.npy")
        try Command.write(
            array(type, "\(asked), \(Self.dimension)", encoded(query)), to: folder + "/query.npy")
        let ids = (0..<asked).flatMap { truth($0, numbers) }
        try Command.write(array("<i4", "\(asked), 10", ids), to: folder + "/gt_ids.npy")
    }

    /// The numbers of the nearest ten by distance.
    private func nearest(_ query: Int, _ numbers: [UInt8]) -> [UInt8] {
        func distance(_ other: Int) -> Int {
            (0..<Self.dimension).reduce(0) { sum, index in
                let gap =
                    Int(numbers[query * Self.dimension + index])
                    - Int(numbers[other * Self.dimension + index])
                return sum + gap * gap
            }
        }
        let sorted = (0..<400).sorted { (distance($0), $0) < (distance($1), $1) }
        return bytes(sorted.prefix(10).map { UInt32($0) }, 4)
    }

    @Test(arguments: [false, true]) func `figures and answers of a small set`(
        isBytes: Bool
    ) throws {
        let scratch = try scratchDirectory("vectors")
        let (folder, output) = (scratch("small-l2"), scratch("out.json"))
        try write(folder, isBytes: isBytes, truth: nearest)
        let options = isBytes ? ["--batch"] : []
        let done = try Command.run(
            Command.mspd, ["bench", "vectors", folder, output] + options)
        #expect(done.status == 0, "\(done.error)")
        let figures = try Command.text(of: output)
        #expect(figures.contains("\"queries_at_once\": \(isBytes ? 12 : 1)"))
        for name in ["build_s", "bytes_per_vector", "qps_at_recall", "sweep", "calibrated"] {
            #expect(figures.contains("\"\(name)\""))
        }
        #expect(!figures.contains("\"0.99\": null"))
        let file = try RealFileSystem().open(output + ".ids.npy", .read)
        defer { file.close() }
        // Three settings, 12 queries, ten answers; each query is a vector of the set.
        let size = try Int(file.size())
        #expect(size == 128 + 3 * 12 * 10 * 4)
        let ids = try file.read(size, at: 0)
        for query in 0..<12 {
            #expect(ids[128 + (2 * 12 + query) * 40] == UInt8(query))
        }
    }

    @Test func `files that are not as they should be are named`() throws {
        let scratch = try scratchDirectory("vectors")
        let (folder, output) = (scratch("small-cos"), scratch("out.json"))
        func error() throws -> String {
            let done = try Command.run("bench", "vectors", folder, output)
            #expect(done.status == 2)
            return done.error
        }
        #expect(try Command.run("bench", "vectors", scratch(""), output).status == 2)
        #expect(try error().contains("base.npy"))
        try write(folder, isBytes: true) { _, _ in
            bytes([401], 4) + bytes(.init(repeating: 1, count: 9), 4)
        }
        #expect(try error().contains("do not belong together"))
        for (bytes, reason) in [
            (Array("hello".utf8), "is no .npy file"),
            (array("<f8", "2, 16", []), "numbers of type <f8"),
            (array("<f4", "2, 16", [1, 2]), "is cut short"),
            (array("<f4", "2, 16, 1", []), "is no table"),
        ] {
            try RealFileSystem().remove(folder + "/base.npy")
            try Command.write(bytes, to: folder + "/base.npy")
            #expect(try error().contains(reason))
        }
    }
}
