// Damaged files: whatever byte changes and wherever a file is cut, opening and reading either say
// which file is damaged, or give the answers that they gave before.

import Segments
import Storage
import TestSupport
import Testing
import TextIndex

@Suite struct CorruptionTests {
    @Test func `a changed byte is named or harmless`() throws {
        let sample = try Sample()
        var random = SeededRandom(seed: 11)
        for path in sample.paths {
            let bytes = try #require(sample.fs.contents(path))
            for offset in bytes.indices {
                var damaged = bytes
                damaged[offset] ^= UInt8.random(in: 1...255, using: &random)
                let problem = sample.problem(with: damaged, at: path)
                #expect(problem == nil, "\(path), byte \(offset): \(problem ?? "")")
                guard problem == nil else { break }
            }
        }
    }

    @Test func `a file that was cut is named or harmless`() throws {
        let sample = try Sample()
        for path in sample.paths {
            let bytes = try #require(sample.fs.contents(path))
            for count in stride(from: 0, to: bytes.count, by: 5) {
                // A log that was cut looks like one that a crash left unfinished.
                let problem = sample.problem(
                    with: Array(bytes.prefix(count)), at: path,
                    orWithoutLog: path.hasSuffix(".log"))
                #expect(problem == nil, "\(path), cut to \(count): \(problem ?? "")")
                guard problem == nil else { break }
            }
        }
    }

    @Test func `files of a newer format are refused as such`() throws {
        let sample = try Sample()
        for path in sample.paths {
            var bytes = try #require(sample.fs.contents(path))
            let headerCount = path.hasSuffix(".log") ? 40 : 32
            bytes[8] = 200
            let crc = CRC32C.checksum(Array(bytes[..<(headerCount - 4)]).rawSpan)
            for byte in 0..<4 {
                bytes[headerCount - 4 + byte] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * byte))
            }
            let fs = sample.fs.powerCut(.keepAll)
            fs.place(bytes, at: path)
            let supported: UInt32 = 1
            let expected = StorageError.newerFormat(file: path, found: 200, supported: supported)
            #expect(throws: StoreError.storage(expected)) {
                _ = try Store(opening: "/data", in: fs, .small())
            }
        }
    }

    @Test func `a missing file is named`() throws {
        let sample = try Sample()
        for path in sample.paths where path.hasSuffix(".seg") || path.hasSuffix(".del") {
            let fs = sample.fs.powerCut(.keepAll)
            try fs.remove(path)
            do {
                _ = try Store(opening: "/data", in: fs, .small())
                Issue.record("\(path) was not missed")
            } catch { #expect("\(error)".contains(path)) }
        }
    }
}

/// A small data folder with a file of each kind.
private struct Sample {
    let fs: FaultyFileSystem
    let paths: [String]
    private let answers: [[UInt64]]
    private let state: StoreState
    private let stateWithoutLog: StoreState

    init() throws {
        var source = RandomOperations(seed: 5)
        let first = FaultyFileSystem()
        let store = try Store(opening: "/data", in: first, .small(memtableBytes: 1 << 30))
        try store.write([.create(track: 1), .set(name: [1, 2], value: [3])])
        for _ in 0..<2 {
            let rows = (0..<25).map { _ in source.annotation() }
            try store.write([.put(track: 1, rows: batch(rows))])
            try store.flush()
        }
        try store.write([.clear(track: 1, title: source.title(), name: [], value: [])])
        try store.flush()
        stateWithoutLog = try store.view.state()
        try store.write([.put(track: 1, rows: batch((0..<8).map { _ in source.annotation() }))])
        let second = first.powerCut(.dropAll)
        store.close()
        // Opened again after a power cut: the log is rewritten and sealed.
        let again = try Store(opening: "/data", in: second, .small(memtableBytes: 1 << 30))
        fs = second.powerCut(.keepAll)
        again.close()
        let found = try Self.read(fs.powerCut(.keepAll))
        (state, answers) = found
        let all = try Self.files("/data", fs)
        paths = all.filter { !$0.hasSuffix("LOCK") && !$0.hasSuffix("0000000005.log") }
        let kinds = [".seg", ".del", ".log", "MANIFEST", "CATALOG"]
        for kind in kinds { #expect(paths.contains { $0.contains(kind) }, "no \(kind)") }
    }

    private static func files(_ folder: String, _ fs: FaultyFileSystem) throws -> [String] {
        var files: [String] = []
        for name in try fs.list(folder) {
            let path = "\(folder)/\(name)"
            if fs.contents(path) != nil {
                files.append(path)
            } else {
                files += try Self.files(path, fs)
            }
        }
        return files
    }

    /// What the folder shows, and what some searches find.
    private static func read(_ fs: FaultyFileSystem) throws -> (StoreState, [[UInt64]]) {
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        defer { store.close() }
        var answers: [[UInt64]] = []
        let queries: [[[UInt8]]] = [
            [TermKey.word([UInt8](text: "w0"))],
            [TermKey.word([UInt8](text: "w0")), TermKey.word([UInt8](text: "w1"))],
            [TermKey.word([UInt8](text: "w9"))],
            [TermKey.attribute([UInt8](text: "by"), [UInt8](text: "ann"))],
        ]
        for terms in queries {
            let query = TextQuery(clauses: [TextQuery.Clause(.should, terms)])
            let found = try store.view.search([1], SearchRequest(query, limit: 100))
            answers.append(found.hits.map(\.sequence))
        }
        for number in 0..<12 {
            for title in 0..<5 {
                let found = try store.view.annotation(
                    1, title: [UInt8](text: "t\(title)"), key: [UInt8](text: "k\(number)"))
                answers.append(found.map { [UInt64($0.start)] } ?? [])
            }
        }
        return (try store.view.state(), answers)
    }

    /// What is wrong when a file has these bytes; nil when it is named or harmless.
    func problem(
        with bytes: [UInt8], at path: String, orWithoutLog: Bool = false
    ) -> String? {
        let damaged = fs.powerCut(.keepAll)
        damaged.place(bytes, at: path)
        do {
            let (state, answers) = try Self.read(damaged)
            if orWithoutLog, state == stateWithoutLog { return nil }
            if state != self.state { return "another state" }
            return answers == self.answers ? nil : "other answers"
        } catch {
            return "\(error)".contains(path) ? nil : "it is not named: \(error)"
        }
    }
}
