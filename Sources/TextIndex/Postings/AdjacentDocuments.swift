// What needs a cursor to go to any document: who follows from one document to another.

extension PostingsCursor {
    /// Whether a document holds the term; goes to any document, backwards too.
    package func holds(_ document: UInt32) -> Bool { unsafe state.pointee.holds(document) }

    /// Replaces `list` with the positions in a document that holds the term; goes to any document,
    /// backwards too.
    package func positions(of document: UInt32, into list: inout [UInt32]) {
        unsafe state.pointee.positions(of: document, into: &list)
    }

    /// Calls `body` with each document of the term that is followed by one of another term, and
    /// with that; both lie in `range`, which does not lie behind the cursors.
    ///
    /// Documents that do not count, as `counts` says, come between no two others; nil where all do.
    package func forEachPair(
        followedBy other: PostingsCursor, in range: Range<UInt32>, counts: ((UInt32) -> Bool)?,
        _ body: (UInt32, UInt32) -> Void
    ) {
        let (first, second) = unsafe (state, other.state)
        unsafe first.pointee.advance(to: range.lowerBound)
        while unsafe first.pointee.document < range.upperBound {
            let document = unsafe first.pointee.document
            unsafe second.pointee.advance(to: document + 1)
            let next = unsafe second.pointee.document
            guard next < range.upperBound else { return }
            var previous = next - 1
            if let counts {
                while previous > document, !counts(previous) { previous -= 1 }
            }
            if previous > document {
                // Documents before it are followed by others than the second term's.
                unsafe first.pointee.advance(to: previous)
            } else if let counts, !counts(document) {
                unsafe first.pointee.advance()
            } else if let counts, !counts(next) {
                unsafe second.pointee.advance()
            } else {
                body(document, next)
                unsafe first.pointee.advance()
            }
        }
    }
}
