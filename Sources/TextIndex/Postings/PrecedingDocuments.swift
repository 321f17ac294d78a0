// What needs a cursor to go to any document: who follows from one document to another. Of the
// documents of one term those that come right before one of some others are found by a bit for
// each document of the part, in one walk through each list.

extension PostingsCursor {
    /// Whether a document holds the term; goes to any document, backwards too.
    package func holds(_ document: UInt32) -> Bool { unsafe state.pointee.holds(document) }

    /// Replaces `list` with the positions in a document that holds the term; goes to any document,
    /// backwards too.
    package func positions(of document: UInt32, into list: inout [UInt32]) {
        unsafe state.pointee.positions(of: document, into: &list)
    }

    /// Calls `body` with the documents of the term in some ascending ranges, some at a time, and
    /// how many these are; leaves the cursor where it is.
    fileprivate func forEachBlock(
        in ranges: [Range<UInt32>], _ body: (UnsafePointer<UInt32>, Int) -> Void
    ) {
        let cursor = PostingsCursor(over: self)
        let list = FixedList<UInt32>(
            repeating: 0, count: max(PostingsFormat.blockCount, PostingsFormat.windowPart))
        let state = unsafe cursor.state
        for range in ranges {
            unsafe state.pointee.advance(to: range.lowerBound)
            while unsafe state.pointee.document < range.upperBound {
                unsafe state.pointee.enterBlock()
                let count = unsafe state.pointee.documentsOfBlock(
                    before: range.upperBound, atLeast: 1, into: list.base)
                unsafe state.pointee.leaveBlock(before: range.upperBound, atLeast: 1)
                unsafe body(list.base, count)
            }
        }
    }
}

/// The documents of a part that come right before one which holds one of some terms.
package struct PrecedingDocuments {
    /// How the documents of a part follow each other.
    package enum Order {
        /// By their numbers, past some that do not count.
        case numbers(except: [UInt32])
        /// Another, which tells the document before one; nil for none.
        case own((UInt32) -> UInt32?)
    }

    private let ranges: [Range<UInt32>]
    private let order: Order
    /// A bit for each document.
    private var bits: [UInt64]
    /// The same, of those that do not count.
    private var skipped: [UInt64]

    /// None yet, of a part with so many documents, of which only those in some ascending ranges are
    /// asked for.
    package init(count: UInt32, in ranges: [Range<UInt32>], _ order: Order) {
        (self.ranges, self.order) = (ranges, order)
        bits = [UInt64](repeating: 0, count: Int(count + 63) / 64)
        skipped = []
        guard case .numbers(let others) = order, !others.isEmpty else { return }
        skipped = bits
        Self.mark(others, in: &skipped)
    }

    private static func mark(_ documents: [UInt32], in bits: inout [UInt64]) {
        for document in documents { bits[Int(document / 64)] |= 1 << UInt64(document % 64) }
    }

    /// Adds some documents.
    package mutating func add(_ documents: [UInt32]) { Self.mark(documents, in: &bits) }

    /// Adds those before a term's documents; before one that does not count any may be added.
    package mutating func add(before term: PostingsCursor) {
        let order = order
        unsafe bits.withUnsafeMutableBufferPointer { bits in
            unsafe term.forEachBlock(in: ranges) { documents, count in
                for at in 0..<count {
                    var document = unsafe documents[at]
                    if case .own(let previous) = order {
                        guard let before = previous(document) else { continue }
                        document = before
                    } else {
                        guard document > 0 else { continue }
                        document -= 1
                    }
                    unsafe bits[Int(document / 64)] |= 1 << UInt64(document % 64)
                }
            }
        }
        moveBack()
    }

    /// Puts in the place of what does not count the one before that does.
    private mutating func moveBack() {
        for word in skipped.indices.reversed() {
            var wrong = bits[word] & skipped[word]
            while wrong != 0 {
                let place = 63 - wrong.leadingZeroBitCount
                bits[word] &= ~(1 << UInt64(place))
                let before = word * 64 + place - 1
                if before >= 0 { bits[before / 64] |= 1 << UInt64(before % 64) }
                wrong = bits[word] & skipped[word]
            }
        }
    }

    /// Those that hold a term, in the order of its postings.
    package func holding(_ term: PostingsCursor) -> [UInt32] {
        var held: [UInt32] = []
        unsafe bits.withUnsafeBufferPointer { bits in
            unsafe term.forEachBlock(in: ranges) { documents, count in
                for at in 0..<count {
                    let document = unsafe documents[at]
                    guard unsafe bits[Int(document / 64)] >> UInt64(document % 64) & 1 == 1 else {
                        continue
                    }
                    held.append(document)
                }
            }
        }
        return held
    }
}
