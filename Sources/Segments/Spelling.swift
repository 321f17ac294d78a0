// How words and values are written: terms are folded, so a few of the rows that hold one are read,
// and the form taken that they show.

package import Storage
package import TextIndex

/// Looks a few rows up.
private enum Samples {
    /// Rows that are read for a word at most.
    static let most = 5
    /// Documents that are asked whether they live, for one that does.
    static let tries = 64
}

extension View {
    /// A word as a track's texts have it, nil where no row shows it.
    ///
    /// Of several forms the one that most of a few rows have, in the middle of a sentence rather
    /// than at its beginning, where a first capital says nothing. `word` is folded, and `analyzer`
    /// the track's.
    package func spelling(
        _ number: UInt32, of word: [UInt8], _ analyzer: Analyzer
    ) throws(StorageError) -> [UInt8]? {
        guard let track = try soundTrack(number) else { return nil }
        var votes: [[UInt8]: Int] = [:]
        var rows = 0
        // Segments first: a memtable decodes all of a word's postings.
        for source in track.sources where rows < Samples.most {
            let documents = try source.documents(
                holding: TermKey.word(word), most: Samples.most - rows, liveAt: sequence)
            for document in documents {
                rows += 1
                let text = try source.annotation(document).text ?? []
                for token in analyzer.tokens(text) where token.term == word {
                    let form = Array(text[token.range])
                    if Self.isInside(text, token.range.lowerBound) {
                        votes[form, default: 0] += 2
                    } else {
                        votes[Self.uncapitalised(form), default: 0] += 1
                    }
                }
            }
        }
        // Capitals come before small letters, which are taken where votes are equal.
        return votes.max { a, b in
            a.value != b.value
                ? a.value < b.value : a.key.lexicographicallyPrecedes(b.key)
        }?.key
    }

    /// A word without a capital at its beginning, unless it has further ones.
    private static func uncapitalised(_ word: [UInt8]) -> [UInt8] {
        let text = String(decoding: word, as: UTF8.self)
        let rest = text.dropFirst()
        guard rest == rest.lowercased() else { return word }
        return Array((text.prefix(1).lowercased() + rest).utf8)
    }

    /// Whether a word that begins at a place goes on with a sentence.
    private static func isInside(_ text: [UInt8], _ start: Int) -> Bool {
        guard let last = text[..<start].lastIndex(where: { $0 > 32 }) else { return false }
        switch text[last] {
        case 0x80...:
            // What begins so is punctuation: dashes, quotes, the ellipsis, notes.
            return last < 2 || ![0xE2, 0xE3].contains(text[last - 2])
        case UInt8(ascii: ","), UInt8(ascii: "'"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            return true
        default: return false
        }
    }

    /// A value of a keyword as the first row has it that is found to hold it, nil where none does.
    ///
    /// `folded` is the value as it is looked up.
    package func spelling(
        _ number: UInt32, ofValue folded: [UInt8], of name: [UInt8], _ analyzer: Analyzer
    ) throws(StorageError) -> [UInt8]? {
        guard let track = try soundTrack(number) else { return nil }
        for source in track.sources.reversed() {
            let documents = try source.documents(
                holding: TermKey.attribute(name, folded), most: 1, liveAt: sequence)
            for document in documents {
                let own = try source.annotation(document).attributes.first {
                    $0.type == .keyword && $0.name == name && analyzer.fold($0.value) == folded
                }
                if let own { return own.value }
            }
        }
        return nil
    }
}

extension Source {
    /// Some of the live documents that hold a term, from all over the part where there are many.
    fileprivate func documents(
        holding term: [UInt8], most: Int, liveAt sequence: UInt64
    ) throws(StorageError) -> [UInt32] {
        guard let probe = try cursor(term) else { return [] }
        let step = max(terms.documentCount / UInt32(most + 1), 1)
        let isByOrdinal = TermKind.isByOrdinal(term)
        var documents: [UInt32] = []
        func take(_ place: UInt32) {
            let document = isByOrdinal ? self.document(place) : place
            if isLive(document, at: sequence), !documents.contains(document) {
                documents.append(document)
            }
        }
        for part in 1...UInt32(most) {
            probe.advance(to: part * step)
            if probe.document < terms.documentCount { take(probe.document) }
        }
        guard documents.isEmpty, let first = try cursor(term) else { return documents }
        var left = Samples.tries
        while first.document < terms.documentCount, documents.isEmpty, left > 0 {
            take(first.document)
            first.advance()
            left -= 1
        }
        return documents
    }

    /// A cursor over a term's documents as they are stored: words by ordinal, values by document.
    private func cursor(_ term: [UInt8]) throws(StorageError) -> PostingsCursor? {
        guard case .segment(let segment) = self else {
            return try terms.cursor(term, withPositions: false)
        }
        guard let info = try segment.text.dictionary.find(term) else { return nil }
        return try segment.text.cursor(info, withPositions: false)
    }
}
