// A gateway over a store in memory, asked as a front end asks it.

import Gateway
import Segments
import Storage
import Synchronization
import TestSupport
import Testing

/// A clock that a test moves.
final class HandClock: Sendable {
    private let time = Mutex(1_000.0)
    var now: Double { time.withLock { $0 } }
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// The rows of an answer and what is said of them altogether, by the names of their fields.
struct TalkAnswer {
    var rows: [[String: String]] = []
    var summary: [String: String] = [:]

    /// The rows of hits, without those of context.
    var hits: [[String: String]] { rows.filter { $0["score"] != nil } }
    /// The keys of the hits.
    var keys: [String] { hits.compactMap { $0["key"] } }
}

/// One connection to a gateway of its own.
final class Talk {
    let store: Store
    let gateway: Gateway
    let clock = HandClock()
    private var settings = ConversationSettings()

    init() throws {
        var options = StoreSettings()
        options.memtableBytes = 1 << 24
        options.reserveBytes = 0
        options.logStepBytes = 1 << 16
        store = try Store(opening: "/data", in: FaultyFileSystem(), options)
        gateway = Gateway(store, clock: { [clock] in clock.now })
    }

    deinit { store.close() }

    /// Carries out a request; `keys` alternate names and values.
    @discardableResult
    func ask(
        _ verb: String, _ words: [String] = [], text: String? = nil,
        _ keys: [(String, String)] = [],
        quoted: Set<String> = []
    ) throws -> TalkAnswer {
        let arguments = Arguments(
            words: words.map { Array($0.utf8) },
            keys: keys.map { (name: $0.0, value: Array($0.1.utf8)) },
            quoted: quoted, text: text.map { Array($0.utf8) })
        switch try gateway.call(verb, arguments, &settings) {
        case .answer(let answer): return Self.read(answer)
        case .write(let operations, let answer):
            return Self.read(answer(try store.write(operations)))
        case .later, .goodbye: return TalkAnswer()
        }
    }

    func search(_ text: String, _ keys: [(String, String)] = []) throws -> TalkAnswer {
        try ask("SEARCH", ["dialogue"], text: text, keys)
    }

    /// The error's code of a search that is refused; nil when it is not.
    func refusal(_ text: String, _ keys: [(String, String)]) -> String? {
        do {
            _ = try search(text, keys)
            return nil
        } catch let error as GatewayError { return error.code } catch { return "\(error)" }
    }

    static func read(_ answer: Answer) -> TalkAnswer {
        switch answer {
        case .done(let word): return TalkAnswer(summary: ["done": word])
        case .ok(let fields): return TalkAnswer(summary: named(fields))
        case .rows(let rows, let summary):
            return TalkAnswer(rows: rows.map(named), summary: named(summary))
        }
    }

    private static func named(_ fields: [AnswerField]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: fields.map { field in
                switch field.value {
                case .text(let text): return (field.name, text)
                case .bytes(let bytes): return (field.name, String(decoding: bytes, as: UTF8.self))
                case .integer(let number): return (field.name, "\(number)")
                case .number(let number, _), .decimal(let number):
                    return (field.name, "\(number)")
                }
            })
    }
}

/// A spoken line as tests write it; times are in milliseconds.
struct Line {
    var title: String
    var start: Int
    var end: Int
    var key: String
    var text: String
    var speaker: String?

    var annotation: Annotation {
        var line = Annotation(
            title: Array(title.utf8), start: Int64(start) * 1_000_000,
            end: Int64(end) * 1_000_000, key: Array(key.utf8), text: Array(text.utf8))
        if let speaker {
            line.attributes = [
                Attribute(
                    name: Array("speaker".utf8), type: .keyword, value: Array(speaker.utf8))
            ]
        }
        return line
    }
}

extension Talk {
    /// Makes the track `dialogue` and some titles.
    func prepare(_ titles: [String], language: String = "auto") throws {
        try ask("TRACK", ["CREATE", "dialogue"], [("text", language)])
        for title in titles { try ask("TITLE", ["SET", title]) }
    }

    /// One with lines of title "t", so many milliseconds from one to the next.
    static func lines(
        _ language: String, _ texts: [String], every milliseconds: Int = 9_000
    ) throws -> Talk {
        let talk = try Talk()
        try talk.prepare(["t"], language: language)
        try talk.put(
            texts.enumerated().map { number, text in
                let start = number * milliseconds
                return Line(
                    title: "t", start: start, end: start + 900, key: "\(number)", text: text)
            })
        return talk
    }

    /// Expects of lines, in memory and in a segment, that each of some queries finds those with the
    /// numbers beside it.
    static func check(
        _ language: String, _ texts: [String], _ wanted: [(query: String, rows: [Int])]
    ) throws {
        let talk = try lines(language, texts)
        for place in ["memory", "a segment"] {
            for (query, rows) in wanted {
                let keys = [("fold", "0"), ("limit", "100")]
                let found = try talk.search(query, keys).keys.compactMap { Int($0) }.sorted()
                #expect(found == rows, "\(query) in \(place)")
            }
            try talk.store.flush()
        }
    }

    /// The number of the track `dialogue`.
    static let track: UInt32 = 1

    func put(_ lines: [Line]) throws {
        var rows = RowBatch()
        for line in lines { rows.append(line.annotation) }
        try store.write([.put(track: Self.track, rows: rows)])
    }
}

extension SeededRandom {
    /// A number from 0 up to a limit.
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}
