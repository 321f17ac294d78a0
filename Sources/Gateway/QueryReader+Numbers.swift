// Numbers that are typed with spaces between groups of three digits: the groups are words like any
// others, and the whole number is looked for too, as texts have it that write it in other ways.

import TextIndex

extension QueryReader {
    /// Groups of digits that are one number.
    struct NumberRun {
        let digits: [[UInt8]]
        var count: Int { digits.count }
    }

    /// By the place of their first item, numbers in several plain words side by side.
    func numberRuns(_ items: [QuerySyntax.Item]) -> [Int: NumberRun] {
        guard items.count > 1 else { return [:] }
        return Self.numbers(items.map { Self.plainWord($0) ?? [] })
    }

    /// Runs of one to three digits and groups of three behind them; only the last group may have
    /// punctuation behind it.
    private static func numbers(_ words: [[UInt8]]) -> [Int: NumberRun] {
        var runs: [Int: NumberRun] = [:]
        var next = 0
        while next < words.count {
            var digits: [[UInt8]] = []
            if isNumber(words[next], 1...3), words[next][0] != UInt8(ascii: "0") {
                digits.append(words[next])
                for word in words[(next + 1)...] {
                    let group = Array(word.prefix(3))
                    guard isNumber(group, 3...3), isPunctuation(word.dropFirst(3)) else { break }
                    digits.append(group)
                    if word.count > 3 { break }
                }
            }
            if digits.count > 1 { runs[next] = NumberRun(digits: digits) }
            next += max(digits.count, 1)
        }
        return runs
    }

    private static func isNumber(_ word: [UInt8], _ counts: ClosedRange<Int>) -> Bool {
        counts.contains(word.count) && word.allSatisfy { (48...57).contains($0) }
    }

    private static func isPunctuation(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { ".,;:!?".utf8.contains($0) }
    }

    /// Groups of digits side by side: each of them, and best all together, with the spaces or
    /// without.
    mutating func number(
        _ items: ArraySlice<QuerySyntax.Item>, _ digits: [[UInt8]],
        _ occurrence: TextQuery.Occurrence
    ) -> [TextQuery.Clause] {
        let words = items.flatMap { clauses($0, occurrence) }
        let term = TermKey.word(Array(digits.joined()))
        // As much as the groups together, which rows may have that have no such number.
        let boost = Float(digits.count)
        var whole = [TextQuery.Clause(.should, .terms([term], slop: 0), boost: boost)]
        if occurrence != .must {
            whole.insert(
                TextQuery.Clause(.should, phrase(digits.map(TermKey.word), slop: 0)), at: 0)
        }
        return Self.together(words, or: whole, occurrence)
    }

    /// A phrase with each number of several groups as one word; nil when there is none.
    func numbered(_ words: [Token], _ text: [UInt8]) -> [[UInt8]]? {
        let runs = Self.numbers(
            words.enumerated().map { place, token in
                // Behind a token of another run, or what is no space, no number goes on.
                place + 1 == words.count || text[token.range.upperBound] == UInt8(ascii: " ")
                    ? token.term : token.term + [UInt8(ascii: ",")]
            })
        guard !runs.isEmpty else { return nil }
        var terms: [[UInt8]] = []
        var next = 0
        while next < words.count {
            let run = runs[next]
            terms.append(TermKey.word(run.map { Array($0.digits.joined()) } ?? words[next].term))
            next += run?.count ?? 1
        }
        return terms
    }
}
