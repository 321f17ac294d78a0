// Whether a segment's text index makes sense: terms in order, each with postings that lie one after
// the other and fill their sections, documents that ascend and exist, positions that ascend.

package import Storage

/// The check of one open text index, whose checksums were found to hold.
package struct TextCheck {
    /// What is wrong, and where.
    package struct Finding {
        /// The section that does not make sense.
        package var section: TextSection
        /// Where in the section.
        package var offset: UInt64
        /// What is wrong there.
        package var what: String
    }

    private let text: TextSections
    private let pace: Pace
    /// Words counted so far.
    package private(set) var tokens: UInt64 = 0
    private var previous: [UInt8]?
    private var postingsEnd: UInt64 = 0
    private var positionsEnd: UInt64 = 0

    /// A check of a text index.
    package init(_ text: TextSections, _ pace: Pace) {
        self.text = text
        self.pace = pace
    }

    /// The first thing that is wrong; nil when nothing is, or when the pace was cancelled.
    package mutating func run() -> Finding? {
        var this = self
        var finding: Finding?
        do throws(StorageError) {
            try text.dictionary.forEach { term, info in
                finding = this.check(term, info)
                return finding == nil && !this.pace.wasCancelled
            }
        } catch { finding = Finding(section: .terms, offset: 0, what: "\(error)") }
        self = this
        if finding != nil || pace.wasCancelled { return finding }
        guard text.orderIsSound() else {
            return Finding(section: .order, offset: 0, what: "documents out of order")
        }
        guard text.hasExtent(postings: postingsEnd, positions: positionsEnd) else {
            return Finding(section: .postings, offset: postingsEnd, what: "bytes of no term")
        }
        return nil
    }

    private mutating func check(_ term: [UInt8], _ info: TermInfo) -> Finding? {
        if let previous, !previous.lexicographicallyPrecedes(term) {
            return Finding(section: .terms, offset: 0, what: "terms out of order")
        }
        guard info.postingsOffset == postingsEnd, info.positionsOffset == positionsEnd else {
            return Finding(
                section: .terms, offset: 0, what: "postings that do not follow each other")
        }
        previous = term
        let finding = checkPostings(term, info)
        postingsEnd += info.postingsCount
        positionsEnd += info.positionsCount
        return finding
    }

    private mutating func checkPostings(_ term: [UInt8], _ info: TermInfo) -> Finding? {
        func finding(_ what: String) -> Finding {
            Finding(section: .postings, offset: info.postingsOffset, what: what)
        }
        let isWord = term.first == TermKind.word.rawValue
        guard let cursor = try? text.cursor(info, withPositions: true) else {
            return finding("postings beyond their section")
        }
        var count = 0
        var last: UInt32?
        var list: [UInt32] = []
        while cursor.document != PostingsCursor.end {
            let document = cursor.document
            guard document < text.documentCount, last.map({ $0 < document }) ?? true else {
                return finding("document \(document) after \(last ?? 0), of \(text.documentCount)")
            }
            if isWord {
                cursor.positions(into: &list)
                let ascends = zip(list, list.dropFirst()).allSatisfy { $0 < $1 }
                guard list.count == Int(cursor.frequency), ascends else {
                    return Finding(
                        section: .positions, offset: info.positionsOffset,
                        what: "the positions in document \(document) do not decode")
                }
                tokens += UInt64(list.count)
            }
            last = document
            count += 1
            cursor.advance()
        }
        guard count == Int(info.documentFrequency) else {
            return finding("\(count) documents of \(info.documentFrequency)")
        }
        return nil
    }
}
