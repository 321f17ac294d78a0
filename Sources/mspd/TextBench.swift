// Times the text index as a server would use it: through the log, the segment writer and reader.

import Gateway
import Segments
import Storage
import Synchronization
import TextIndex

/// One corpus, indexed and ready to be queried.
final class TextBench {
    private static let track: UInt32 = 1
    private static let batchRows = 2_000

    private let store: Store
    private let analyzer = Analyzer(.plain)
    private var documents = 0
    private var indexSeconds = 0.0
    /// Between lines that a phrase may go over; nil for phrases within lines, as the peers have.
    private let gap: Int64?

    init(_ corpus: String, index: String, gap milliseconds: Int64? = nil) throws {
        gap = milliseconds.map { min(max($0, 0), Int64(Int32.max)) * 1_000_000 }
        var settings = StoreSettings()
        // One segment, as an index has that was built in one go.
        settings.memtableBytes = 1 << 30
        settings.logBytes = 4 << 30
        do { store = try Store(opening: index, in: RealFileSystem(), settings) } catch {
            throw Failure(error)
        }
        if store.view.tracks[Self.track] == nil { try build(corpus) }
        documents = store.view.tracks[Self.track]?.documentCount ?? 0
        // As those that were just made.
        do {
            for segment in store.view.tracks[Self.track]?.segments ?? [] {
                try segment.checkSearched()
            }
        } catch { throw Failure(.damaged, "mspd: \(error)") }
    }

    func close() { store.close() }

    /// Hands rows to the store without waiting for those before them, as a client does that sends
    /// ahead; the store bounds how many are on their way.
    private func build(_ corpus: String) throws {
        let started = Terminal.seconds
        let bytes = try Files.read(corpus)
        let refused = Refusals()
        do throws(StoreError) {
            try store.write([.create(track: Self.track, content: TrackContent(language: .plain))])
            var rows = RowBatch()
            BenchCorpus.forEachRow(bytes) { row in
                rows.append(row)
                guard rows.count == Self.batchRows else { return }
                store.submit([.put(track: Self.track, rows: rows)]) { refused.take($0) }
                rows = RowBatch()
            }
            // Done after all before it.
            try store.write([.put(track: Self.track, rows: rows)])
            if let error = refused.first { throw error }
            try store.flush()
        } catch { throw Failure(error) }
        indexSeconds = Terminal.seconds - started
    }

    /// The figures as JSON.
    func run(_ classes: [QueryFile.Class]) throws -> String {
        var latencies: [String] = []
        var tops: [String] = []
        var skipped: [String] = []
        var differing = 0
        for (name, queries) in classes {
            guard let read = QueryClass(name) else {
                skipped.append("\"\(name)\"")
                continue
            }
            let requests = queries.map {
                var request = SearchRequest(read.query($0, analyzer), limit: 10)
                request.gap = gap
                return request
            }
            let (latency, top) = try measure(requests)
            differing += try zip(requests, top).count { try best($0.exhaustive) != $1 }
            Terminal.error("\(name) \(latency)")
            latencies.append("\"\(name)\": \(latency)")
            tops.append("\"\(name)\": [\(top.joined(separator: ","))]")
        }
        let track = store.view.tracks[Self.track]
        return """
            {"peer": "mspd \(Gateway.version)", "docs": \(documents), \
            "index_s": \((indexSeconds * 1_000).rounded() / 1_000), \
            "bytes": \(track?.segmentBytes ?? 0), \
            "segments": \(track?.segments.count ?? 0), \
            "skipped": [\(skipped.joined(separator: ","))], "differing": \(differing),
            "lat_us": {\(latencies.joined(separator: ",\n "))},
            "top": {\(tops.joined(separator: ",\n "))}}

            """
    }

    private func measure(_ requests: [SearchRequest]) throws -> (latency: String, top: [String]) {
        let (view, tracks) = (store.view, [Self.track])
        let requests = requests.map(\.pruned)
        var times = Latencies()
        do {
            for request in requests.prefix(50) { _ = try view.find(tracks, request) }
            for request in requests { try times.add { _ = try view.find(tracks, request) } }
        } catch { throw Failure(.damaged, "mspd: \(error)") }
        return (times.json, try requests.map { try best($0) })
    }

    /// The ids of the best, as JSON.
    private func best(_ request: SearchRequest) throws -> String {
        do {
            let keys = try store.view.search([Self.track], request).hits.map {
                String(decoding: $0.annotation.key, as: UTF8.self)
            }
            return "[\(keys.joined(separator: ","))]"
        } catch { throw Failure(.damaged, "mspd: \(error)") }
    }
}

/// Why rows were not taken.
private final class Refusals: Sendable {
    private let error = Mutex<StoreError?>(nil)

    var first: StoreError? { error.withLock { $0 } }

    func take(_ result: Result<Applied, StoreError>) {
        guard case .failure(let refusal) = result else { return }
        error.withLock { $0 = $0 ?? refusal }
    }
}

extension SearchRequest {
    /// Without counting: the peers do not count either.
    fileprivate var pruned: SearchRequest {
        var request = self
        request.countLimit = 0
        return request
    }

    /// Counting all, so that every match is scored.
    fileprivate var exhaustive: SearchRequest {
        var request = self
        request.countLimit = .max
        return request
    }
}

/// The classes of queries, told apart by their names.
enum QueryClass {
    case any, all, phrase, prefix
    case fuzzy(edits: Int)

    init?(_ name: String) {
        if name.hasPrefix("and") {
            self = .all
        } else if name.hasPrefix("phrase") {
            self = .phrase
        } else if name.hasPrefix("prefix") {
            self = .prefix
        } else if name.hasPrefix("fuzzy") {
            // `fuzzy1`, `fuzzy2`.
            self = .fuzzy(edits: name.hasSuffix("2") ? 2 : 1)
        } else if name.hasPrefix("term") || name.hasPrefix("or") || name.hasPrefix("quote") {
            self = .any
        } else {
            return nil
        }
    }

    /// The query as one types it.
    func typed(_ words: [String]) -> String {
        switch self {
        case .phrase: return "\"\(words.joined(separator: " "))\""
        case .all: return words.map { "+" + $0 }.joined(separator: " ")
        case .any: return words.joined(separator: " ")
        case .prefix: return words.map { $0 + "*" }.joined(separator: " ")
        case .fuzzy(let edits): return words.map { $0 + "~\(edits)" }.joined(separator: " ")
        }
    }

    func query(_ words: [String], _ analyzer: Analyzer) -> TextQuery {
        let terms = words.flatMap { analyzer.terms(Array($0.utf8)) }.map { TermKey.word($0) }
        switch self {
        case .phrase: return TextQuery(clauses: [TextQuery.Clause(.must, terms)])
        case .all: return TextQuery(clauses: terms.map { TextQuery.Clause(.must, [$0]) })
        case .any: return TextQuery(clauses: terms.map { TextQuery.Clause(.should, [$0]) })
        case .prefix: return TextQuery(clauses: terms.map { .init(.should, .prefix($0)) })
        case .fuzzy(let edits):
            return TextQuery(clauses: terms.map { .init(.should, .fuzzy($0, edits: edits)) })
        }
    }
}
