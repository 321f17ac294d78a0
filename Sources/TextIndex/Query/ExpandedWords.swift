// The words that a prefix or a fuzzy word stands for, in one part of a track, as postings of one
// word: a document holds it once if it holds any of them, at the distance of the nearest.

/// The postings of an expansion's words in one part of a track, by distance.
struct ExpandedWords {
    /// For each distance that occurs, nearest first, the cursors of its words.
    let classes: [(distance: Int, cursors: [PostingsCursor])]

    /// Groups the words' cursors, nil where the part has none.
    init(_ expansion: Expansion, _ cursors: [PostingsCursor?]) {
        let farthest = expansion.edits == nil ? 0 : EditDistance.editsMax
        let all = (0...farthest).map { distance in
            let near = cursors.indices.filter { expansion.words[$0].distance == distance }
            return (distance: distance, cursors: near.compactMap { cursors[$0] })
        }
        classes = all.filter { !$0.cursors.isEmpty }
    }

    /// A distance, and the documents whose nearest word is so far.
    typealias Class = (distance: Int, documents: DecodedPostings)

    /// For each distance the documents, of so many, that hold no nearer word; takes the words'
    /// cursors, which are at their first documents, to their ends.
    func merged(_ documents: UInt32) -> [Class] {
        var seen = [UInt64](repeating: 0, count: Int(documents) / 64 + 1)
        return classes.map { distance, cursors in
            var found: [UInt32] = []
            for cursor in cursors { Self.collect(cursor, unseen: &seen, into: &found) }
            Self.sort(&found, below: documents)
            return (distance, DecodedPostings(documents: found))
        }
    }

    /// Sorts documents that are all different: very many by a bit for each.
    private static func sort(_ found: inout [UInt32], below end: UInt32) {
        guard found.count > Int(end) / 64 else { return found.sort() }
        var bits = [UInt64](repeating: 0, count: Int(end) / 64 + 1)
        for document in found { bits[Int(document / 64)] |= 1 << UInt64(document % 64) }
        found.removeAll(keepingCapacity: true)
        for (place, word) in bits.enumerated() {
            var word = word
            while word != 0 {
                found.append(UInt32(place * 64 + word.trailingZeroBitCount))
                word &= word &- 1
            }
        }
    }

    private static func collect(
        _ cursor: PostingsCursor, unseen seen: inout [UInt64], into found: inout [UInt32]
    ) {
        let state = unsafe cursor.state
        while unsafe state.pointee.document != PostingsCursor.end {
            let document = unsafe state.pointee.document
            let bit = UInt64(1) << UInt64(document % 64)
            if seen[Int(document / 64)] & bit == 0 {
                seen[Int(document / 64)] |= bit
                found.append(document)
            }
            unsafe state.pointee.advance()
        }
    }
}
