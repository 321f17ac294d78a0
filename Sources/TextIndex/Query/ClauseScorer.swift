// Walks the documents that match one clause: a word, a phrase, or any of a list of terms.

/// The documents of one clause in ascending order.
@safe final class ClauseScorer {
    private enum Kind { case word, phrase, anyOf }

    private let kind: Kind
    /// In the order of the clause's terms.
    private let cursors: [PostingsCursor]
    /// The states of a phrase's terms, the one in the fewest documents first: it leads.
    private let byRarity: [UnsafeMutablePointer<PostingsState>]
    private let idf: Float
    /// The current document; `PostingsCursor.end` past the last.
    private(set) var document: UInt32 = 0
    private var phraseFrequency: UInt32 = 0
    private var starts: [UInt32] = []
    private var positions: [UInt32] = []

    /// A word, or a phrase when there are several cursors.
    init(terms cursors: [PostingsCursor], idf: Float) {
        kind = cursors.count == 1 ? .word : .phrase
        self.cursors = cursors
        unsafe byRarity = cursors.sorted { $0.documentFrequency < $1.documentFrequency }
            .map { unsafe $0.state }
        self.idf = idf
        settle()
    }

    /// Any of several terms, without a score.
    init(anyOf cursors: [PostingsCursor]) {
        kind = cursors.count == 1 ? .word : .anyOf
        self.cursors = cursors
        unsafe byRarity = []
        idf = 0
        settle()
    }

    /// At most this many documents match.
    var cost: Int {
        let frequencies = cursors.lazy.map(\.documentFrequency)
        return kind == .anyOf ? frequencies.reduce(0, +) : frequencies.min() ?? 0
    }

    /// Goes to the first match that is `target` or later.
    func advance(to target: UInt32) { advance(to: target) { _, _ in false } }

    /// Goes to the first match that is `target` or later.
    ///
    /// Documents that `isHopeless` are passed over where the clause is a phrase, before their
    /// positions are read: it is asked about a document and how often the phrase can occur in it.
    func advance(to target: UInt32, passing isHopeless: (UInt32, UInt32) -> Bool) {
        guard target > document else { return }
        guard kind == .phrase else {
            for cursor in cursors { cursor.advance(to: target) }
            return settle()
        }
        unsafe byRarity[0].pointee.advance(to: target)
        settlePhrase(isHopeless)
    }

    /// How often the clause occurs in the current document; once where any of several terms will
    /// do.
    var frequency: UInt32 {
        switch kind {
        case .word: return cursors[0].frequency
        case .phrase: return phraseFrequency
        case .anyOf: return 1
        }
    }

    /// What the clause adds to the current document's score.
    func score(norm: Float) -> Float {
        guard idf > 0 else { return 0 }
        return BM25.impact(idf: idf, frequency: frequency, norm: norm)
    }

    private func settle() {
        switch kind {
        case .word: document = cursors[0].document
        case .anyOf: document = cursors.reduce(PostingsCursor.end) { min($0, $1.document) }
        case .phrase: settlePhrase { _, _ in false }
        }
    }

    private func settlePhrase(_ isHopeless: (UInt32, UInt32) -> Bool) {
        let lead = unsafe byRarity[0]
        var candidate = unsafe lead.pointee.document
        search: while candidate != PostingsCursor.end {
            for index in unsafe 1..<byRarity.count {
                let other = unsafe byRarity[index]
                unsafe other.pointee.advance(to: candidate)
                if unsafe other.pointee.document != candidate {
                    unsafe lead.pointee.advance(to: other.pointee.document)
                    candidate = unsafe lead.pointee.document
                    continue search
                }
            }
            let most = cursors.reduce(UInt32.max) { min($0, $1.frequency) }
            phraseFrequency = isHopeless(candidate, most) ? 0 : countPhrase()
            if phraseFrequency > 0 { break }
            unsafe lead.pointee.advance()
            candidate = unsafe lead.pointee.document
        }
        document = candidate
    }

    /// How often the terms follow each other in the document that all cursors stand on.
    private func countPhrase() -> UInt32 {
        cursors[0].positions(into: &starts)
        for (offset, cursor) in cursors.enumerated().dropFirst() {
            cursor.positions(into: &positions)
            var kept = 0
            var other = 0
            for start in starts {
                let wanted = start + UInt32(offset)
                while other < positions.count, positions[other] < wanted { other += 1 }
                guard other < positions.count else { break }
                guard positions[other] == wanted else { continue }
                starts[kept] = start
                kept += 1
            }
            starts.removeLast(starts.count - kept)
            if kept == 0 { return 0 }
        }
        return UInt32(starts.count)
    }
}
