// The synonyms of a track, from a text that people write: one rule a line.
//
//     # films about driving
//     car, automobile, motor car          each stands for each
//     tv, telly => television             only what is on the left stands for what is on the right
//
// Words are taken apart as the track's texts are, and compared by their stems where the language
// has stems; of several words the synonym is the phrase of them.

package import TextIndex

/// What words and phrases of a track stand for.
package struct Synonyms: Sendable, Equatable {
    /// The longest text in bytes.
    package static let bytesMax = 256 << 10
    /// Words and phrases of one rule.
    package static let entriesMax = 32
    /// Words of one entry.
    package static let wordsMax = 8
    /// What one word or phrase stands for at most; further rules add nothing to it.
    package static let alternativesMax = 32

    /// A line that is no rule.
    package struct Problem: Sendable, Equatable {
        /// Counted from 1.
        package let line: Int
        /// What is wrong with it.
        package let text: String
    }

    /// What was read.
    package let text: [UInt8]
    /// The rules as they were written.
    package private(set) var rules: [[UInt8]] = []
    /// The most words that stand for something together.
    private(set) var longest = 0
    /// For each key, the words of each alternative.
    private var alternatives: [[UInt8]: [[Token]]] = [:]

    /// Reads the rules for a track with this analyzer; lines that are none are told and left out.
    package static func read(
        _ text: [UInt8], _ analyzer: Analyzer
    ) -> (synonyms: Synonyms, problems: [Problem]) {
        var synonyms = Synonyms(text: text)
        var problems: [Problem] = []
        let lines = text.split(separator: 10, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = trimmed(line)
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            do throws(Complaint) { try synonyms.add(line, analyzer) } catch {
                problems.append(Problem(line: index + 1, text: error.text))
            }
        }
        return (synonyms, problems)
    }

    private init(text: [UInt8]) { self.text = text }

    private struct Complaint: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// What some words stand for; `key` is theirs.
    func alternatives(_ key: [UInt8]) -> [[Token]] { alternatives[key] ?? [] }

    /// By what words are looked up: their stems or themselves, in their order.
    static func key(_ words: [Token]) -> [UInt8] {
        var key: [UInt8] = []
        for word in words where !word.place.isOtherForm {
            if !key.isEmpty { key.append(separator) }
            key += word.stem ?? word.term
        }
        return key
    }

    /// The key of words one after the other, of which each has its own.
    static func key(joining keys: ArraySlice<[UInt8]>) -> [UInt8] {
        Array(keys.joined(separator: [separator]))
    }

    /// No word has it.
    private static let separator: UInt8 = 0

    // MARK: Rules

    private mutating func add(
        _ line: ArraySlice<UInt8>, _ analyzer: Analyzer
    ) throws(Complaint) {
        let sides = Self.sides(line)
        guard sides.count <= 2 else { throw Complaint("'=>' stands there more than once") }
        var entries: [[[Token]]] = []
        for side in sides { entries.append(try Self.entries(side, analyzer)) }
        let count = entries.reduce(0) { $0 + $1.count }
        guard count <= Self.entriesMax else {
            throw Complaint("a rule takes \(Self.entriesMax) words and phrases, not \(count)")
        }
        guard count > 1 else {
            throw Complaint(
                "one alone stands for nothing; write car, automobile or tv => television")
        }
        rules.append(Array(line))
        for from in entries[0] { add(from, standsFor: entries[entries.count - 1]) }
    }

    private mutating func add(_ words: [Token], standsFor others: [[Token]]) {
        let key = Self.key(words)
        var known = alternatives[key] ?? []
        var keys = Set(known.map(Self.key)).union([key])
        for other in others where known.count < Self.alternativesMax {
            if keys.insert(Self.key(other)).inserted { known.append(other) }
        }
        alternatives[key] = known
        longest = max(longest, words.count)
    }

    private static func entries(
        _ side: ArraySlice<UInt8>, _ analyzer: Analyzer
    ) throws(Complaint) -> [[Token]] {
        var entries: [[Token]] = []
        for entry in side.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let shown = String(decoding: trimmed(entry).prefix(64), as: UTF8.self)
            let words = analyzer.tokens(Array(entry)).filter { !$0.place.isOtherForm }
            guard !words.isEmpty else { throw Complaint("'\(shown)' has no word in it") }
            guard words.count <= wordsMax else {
                throw Complaint("'\(shown)' has more than \(wordsMax) words")
            }
            entries.append(words)
        }
        return entries
    }

    /// What stands around `=>`.
    private static func sides(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var sides: [ArraySlice<UInt8>] = []
        var rest = line
        let arrow = Array("=>".utf8)
        while let found = rest.firstRange(of: arrow) {
            sides.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        return sides + [rest]
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 <= 32 }
        while let last = bytes.last, last <= 32 { bytes.removeLast() }
        return bytes
    }
}
