// Small data folders with a file of each kind, for tests that damage them: one as a clean stop
// leaves it, one as a crash does.

import Segments
import Storage
import Synchronization
import TestSupport
import Testing
import TextIndex

/// What opening a data folder and asking it everything gave.
struct DamageAnswer: Equatable {
    var state: StoreState
    /// Sequences of what some searches and lookups found.
    var found: [[UInt64]]
}

/// A data folder, and what it answers.
struct DamageSample {
    let fs: FaultyFileSystem
    /// Its files, without the lock.
    let paths: [String]
    let answer: DamageAnswer
    /// The state before the last request.
    let stateBefore: StoreState

    /// A folder after a clean stop, or with a log that a crash left open.
    init(crashed: Bool) throws {
        var source = RandomOperations(seed: 5)
        source.longestText = 4
        let first = FaultyFileSystem()
        let store = try Store(opening: "/data", in: first, Self.settings())
        try store.write([.create(track: 1), .set(name: [1, 2], value: [3])])
        for count in [16, 4] {
            try store.write([.put(track: 1, rows: Self.rows(&source, count))])
            try store.flush()
        }
        try store.write([.clear(track: 1, title: source.title(), name: [], value: [])])
        try store.flush()
        for count in [3, 2] {
            try store.write([.put(track: 1, rows: Self.rows(&source, count))])
        }
        stateBefore = try store.view.state()
        try store.write([.put(track: 1, rows: Self.rows(&source, 2))])
        let cut = first.powerCut(.keepAll)
        store.close()
        fs = crashed ? cut : first.powerCut(.keepAll)
        answer = try Self.read(fs.powerCut(.keepAll)).answer
        paths = try Self.files("/data", fs).filter { !$0.hasSuffix("LOCK") }
        for kind in [".seg", ".del", ".log", "MANIFEST", "CATALOG"] {
            #expect(paths.contains { $0.contains(kind) }, "no \(kind)")
        }
    }

    private static func rows(_ source: inout RandomOperations, _ count: Int) -> RowBatch {
        batch((0..<count).map { _ in source.annotation() })
    }

    private static func settings() -> StoreSettings {
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        // Merges would leave nothing deleted.
        settings.policy.fanout = 0
        settings.logStepBytes = 512
        return settings
    }

    static func files(_ folder: String, _ fs: FaultyFileSystem) throws -> [String] {
        try fs.list(folder).flatMap { name in
            let path = "\(folder)/\(name)"
            return fs.contents(path) == nil ? try Self.files(path, fs) : [path]
        }
    }

    /// Opens a folder and asks it everything; `reports` is what recovery told.
    static func read(
        _ fs: FaultyFileSystem
    ) throws -> (answer: DamageAnswer, reports: [String]) {
        let reports = ReportRecorder()
        var settings = Self.settings()
        settings.log = { reports.record($0) }
        let store = try Store(opening: "/data", in: fs, settings)
        defer { store.close() }
        var found: [[UInt64]] = []
        let word = { (text: String) in TermKey.word([UInt8](text: text)) }
        let queries: [[[UInt8]]] = [
            [word("w0")], [word("w0"), word("w1")], [word("w9")],
            [TermKey.attribute([UInt8](text: "by"), [UInt8](text: "ann"))],
        ]
        for track in store.view.tracks.keys.sorted() {
            for terms in queries {
                let query = TextQuery(clauses: [TextQuery.Clause(.should, terms)])
                let result = try store.view.search([track], SearchRequest(query, limit: 100))
                found.append(result.hits.map(\.sequence))
            }
            for number in 0..<12 {
                for title in 0..<5 {
                    let annotation = try store.view.annotation(
                        track, title: [UInt8](text: "t\(title)"), key: [UInt8](text: "k\(number)"))
                    found.append(annotation.map { [UInt64($0.start)] } ?? [])
                }
            }
        }
        return (DamageAnswer(state: try store.view.state(), found: found), reports.all)
    }

    /// What opening gives when a file has these bytes, or is not there.
    func outcome(_ path: String, _ bytes: [UInt8]?) -> DamageOutcome {
        let damaged = fs.powerCut(.keepAll)
        if let bytes {
            damaged.place(bytes, at: path)
        } else {
            try? damaged.remove(path)
        }
        do {
            let (answer, reports) = try Self.read(damaged)
            if answer == self.answer { return .same(reports) }
            if answer.state == stateBefore { return .lastLost(reports) }
            return .wrong("another answer")
        } catch {
            return .refused("\(error)")
        }
    }
}

/// What came of damage.
enum DamageOutcome: Equatable {
    /// Refused, with this message.
    case refused(String)
    /// As if nothing was, with what recovery reported.
    case same([String])
    /// All but the last request, with what recovery reported.
    case lastLost([String])
    case wrong(String)
}

/// Collects what recovery reports.
private final class ReportRecorder: Sendable {
    private let reports = Mutex<[String]>([])
    var all: [String] { reports.withLock { $0 } }
    func record(_ report: String) { reports.withLock { $0.append(report) } }
}
