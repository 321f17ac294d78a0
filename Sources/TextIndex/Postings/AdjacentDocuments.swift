// What needs a cursor to go to any document: who follows from one document to another.

extension PostingsCursor {
    /// Whether a document holds the term; goes to any document, backwards too.
    package func holds(_ document: UInt32) -> Bool { unsafe state.pointee.holds(document) }

    /// Replaces `list` with the positions in a document that holds the term; goes to any document,
    /// backwards too.
    package func positions(of document: UInt32, into list: inout [UInt32]) {
        unsafe state.pointee.positions(of: document, into: &list)
    }

    /// Those of some ascending documents that hold the term; goes to any document, backwards too.
    package func held(among documents: [UInt32]) -> [UInt32] {
        var held = documents
        let count = unsafe held.withUnsafeMutableBufferPointer { list in
            unsafe list.baseAddress.map { unsafe state.pointee.keep($0, list.count) } ?? 0
        }
        held.removeLast(held.count - count)
        return held
    }

    /// Calls `body` with each document of the term that is followed by one of another term, and
    /// with that; both lie in `range`, which does not lie behind the cursors.
    ///
    /// Documents that do not count, as `counts` says, are of no pair and come between no others;
    /// nil where all do. The neighbours of the rarer term's documents are looked for among those of
    /// the other term, a block at a time.
    package func forEachPair(
        followedBy other: PostingsCursor, in range: Range<UInt32>, counts: ((UInt32) -> Bool)?,
        _ body: (UInt32, UInt32) -> Void
    ) {
        let neighbours = Neighbours(range: range, counts: counts)
        let list = FixedList<UInt32>(
            repeating: 0, count: max(PostingsFormat.blockCount, PostingsFormat.windowPart))
        if documentFrequency <= other.documentFrequency {
            forEachBlock(in: range, list) { count in
                let found = other.keep(list, count) { neighbours.next(after: $0) }
                for at in 0..<found { body(neighbours.previous(before: list[at]) ?? 0, list[at]) }
            }
        } else {
            other.forEachBlock(in: range, list) { count in
                let found = keep(list, count) { neighbours.previous(before: $0) }
                for at in 0..<found { body(list[at], neighbours.next(after: list[at]) ?? 0) }
            }
        }
    }

    /// Puts the documents of a range into `list`, a block at a time, and calls `body` with how many
    /// these are.
    private func forEachBlock(
        in range: Range<UInt32>, _ list: borrowing FixedList<UInt32>, _ body: (Int) -> Void
    ) {
        let state = unsafe self.state
        unsafe state.pointee.advance(to: range.lowerBound)
        while unsafe state.pointee.document < range.upperBound {
            unsafe state.pointee.enterBlock()
            let count = unsafe state.pointee.documentsOfBlock(
                before: range.upperBound, atLeast: 1, into: list.base)
            unsafe state.pointee.leaveBlock(before: range.upperBound, atLeast: 1)
            body(count)
        }
    }

    /// Puts the neighbours of the documents in `list` in their place, keeps those that hold the
    /// term, and tells how many they are.
    private func keep(
        _ list: borrowing FixedList<UInt32>, _ count: Int, _ neighbour: (UInt32) -> UInt32?
    ) -> Int {
        var moved = 0
        for at in 0..<count {
            guard let document = neighbour(list[at]) else { continue }
            list[moved] = document
            moved += 1
        }
        return unsafe state.pointee.keep(list.base, moved)
    }
}

/// Who comes next to whom among the documents of a range that count.
private struct Neighbours {
    let range: Range<UInt32>
    /// Nil where all count.
    let counts: ((UInt32) -> Bool)?

    /// The next document that counts; nil where there is none, and for one that does not count.
    func next(after document: UInt32) -> UInt32? {
        guard let counts else { return document + 1 < range.upperBound ? document + 1 : nil }
        guard counts(document) else { return nil }
        var next = document + 1
        while next < range.upperBound, !counts(next) { next += 1 }
        return next < range.upperBound ? next : nil
    }

    /// The document before that counts; nil where there is none, and for one that does not count.
    func previous(before document: UInt32) -> UInt32? {
        guard document > range.lowerBound else { return nil }
        guard let counts else { return document - 1 }
        guard counts(document) else { return nil }
        var previous = document - 1
        while !counts(previous) {
            guard previous > range.lowerBound else { return nil }
            previous -= 1
        }
        return previous
    }
}
