// Merges the text indexes of several segments into one: a walk through all dictionaries at once,
// and for each term through the postings of all that have it. Nothing is analysed again, and
// documents that are left out leave no trace in the statistics.

package import Storage

/// A text index to be merged.
package struct TextMergeInput {
    /// The index.
    let text: TextSections
    /// For each of its documents the new number, ascending; `dropped` for those left out.
    let numbers: [UInt32]
    /// The same for ordinals.
    let ordinals: [UInt32]

    /// Stands for a document that is left out.
    package static let dropped = UInt32.max

    /// An index, the new numbers of its documents and the order of the new index.
    package init(_ text: TextSections, numbers: [UInt32], order: TextOrder) {
        precondition(numbers.count == Int(text.documentCount), "a number for each document")
        self.text = text
        self.numbers = numbers
        ordinals = (0..<text.documentCount).map { ordinal in
            let number = numbers[Int(text.document(ordinal))]
            return number == Self.dropped ? number : order.ordinals[Int(number)]
        }
    }
}

/// One merge; not thread safe.
package struct TextSectionsMerger {
    private let inputs: [TextMergeInput]
    private var iterators: [TermIterator] = []
    /// Words of the documents kept.
    package private(set) var tokens: UInt64 = 0

    /// A merge of several indexes.
    package init(_ inputs: [TextMergeInput]) throws(StorageError) {
        self.inputs = inputs
        for input in inputs { iterators.append(try TermIterator(input.text.dictionary)) }
    }

    /// Writes all terms in order; after each term asks `goesOn`, and returns false when it says no.
    package mutating func run(
        into writer: inout TextSectionsWriter, while goesOn: () -> Bool
    ) throws(StorageError) -> Bool {
        while let term = smallestTerm() {
            try merge(term, into: &writer)
            try writer.finish(term: term)
            guard goesOn() else { return false }
        }
        return true
    }

    private func smallestTerm() -> [UInt8]? {
        var smallest: [UInt8]?
        for iterator in iterators where !iterator.isAtEnd {
            guard let known = smallest else {
                smallest = iterator.term
                continue
            }
            if iterator.term.lexicographicallyPrecedes(known) { smallest = iterator.term }
        }
        return smallest
    }

    /// The postings of one input at the term, and the new number of the document it stands at.
    private struct Head {
        let info: TermInfo
        let text: TextSections
        let numbers: [UInt32]
        var reader: PostingsReader
        var next: UInt32 = 0
    }

    private mutating func merge(
        _ term: [UInt8], into writer: inout TextSectionsWriter
    ) throws(StorageError) {
        let isWord = term.first == TermKind.word.rawValue
        let byOrdinal = TermKind.isByOrdinal(term)
        var heads: [Head] = []
        for index in iterators.indices where !iterators[index].isAtEnd {
            guard iterators[index].term == term else { continue }
            let info = iterators[index].info
            let text = inputs[index].text
            try text.verify(info, withPositions: true)
            heads.append(
                Head(
                    info: info, text: text,
                    numbers: byOrdinal ? inputs[index].ordinals : inputs[index].numbers,
                    reader: PostingsReader(info, text, hasPositions: isWord)))
            try iterators[index].advance()
        }
        for index in heads.indices { try drain(&heads[index], below: 0, isWord, into: &writer) }
        while let (first, second) = twoSmallest(heads) {
            try drain(&heads[first], below: second, isWord, into: &writer)
        }
    }

    /// The head that is next, and up to which document it stays so; nil when all are at their end.
    private func twoSmallest(_ heads: [Head]) -> (first: Int, second: UInt32)? {
        var first = -1
        var smallest = TextMergeInput.dropped
        var second = TextMergeInput.dropped
        for (index, head) in heads.enumerated() {
            if head.next < smallest {
                second = smallest
                smallest = head.next
                first = index
            } else {
                second = min(second, head.next)
            }
        }
        return first < 0 ? nil : (first, second)
    }

    /// Copies a head's documents up to a new number.
    private mutating func drain(
        _ head: inout Head, below limit: UInt32, _ isWord: Bool,
        into writer: inout TextSectionsWriter
    ) throws(StorageError) {
        head.next = TextMergeInput.dropped
        while head.reader.document != PostingsCursor.end {
            guard head.reader.document < head.numbers.count else { throw damaged(head) }
            let number = head.numbers[Int(head.reader.document)]
            if number != TextMergeInput.dropped {
                guard number < limit else {
                    head.next = number
                    return
                }
                if isWord { tokens += UInt64(head.reader.frequency) }
                writer.add(
                    document: number, frequency: head.reader.frequency,
                    gaps: head.reader.currentGaps)
            }
            head.reader.advance()
        }
        guard head.reader.met == Int(head.info.documentFrequency) else { throw damaged(head) }
    }

    private func damaged(_ head: Head) -> StorageError {
        let section = head.text.postings
        return .corrupt(
            file: section.path, offset: section.offset + head.info.postingsOffset,
            what: "the postings of a term do not decode")
    }
}
