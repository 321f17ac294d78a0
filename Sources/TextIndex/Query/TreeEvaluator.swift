// The best documents that match a tree of clauses, in windows of 4,096 documents: the bits of what
// may match follow from those of the leaves, and what the leaves can add tells which of these
// documents may be among the best. Only those are asked whether phrases stand where they should,
// and scored, in query order: the answer is the exhaustive one to the last bit.

import CKernels

/// Evaluates clauses of every kind, in groups of any depth.
@safe struct TreeEvaluator: ~Copyable {
    private let root: TreeGroup
    /// Those whose scores count.
    private let leaves: [TreeLeaf]
    private var sums: WindowSums
    private let selected = FixedList<UInt64>(
        repeating: 0, count: PostingsFormat.windowCount / 64)

    /// A tree over some leaves.
    init(_ root: TreeGroup, _ leaves: [TreeLeaf]) {
        self.root = root
        self.leaves = leaves
        sums = WindowSums(words: leaves.count)
    }

    /// Offers the matching documents and counts them.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        var hits = HitCount()
        var parts = WindowWalk(walk)
        while let part = parts.part({ $0 }) {
            best.beginRun(part.run)
            let isPruning = hits.count > walk.countLimit
            if isPruning { hits.isExact = false }
            root.turn(to: part.window, part.documents, norm: walk.norms[Int(part.lengthCode)])
            guard root.isPresent else { continue }
            let most = root.markScored()
            guard !isPruning || best.wouldEnter(most * WindowSums.padding) else { continue }
            root.loadBits()
            select(part, isPruning ? best.bar : -.infinity)
            visit(part.window, walk, &best, &hits)
        }
        hits.miss(parts.missed)
        return hits
    }

    /// What each leaf that scores adds to a document's score; empty when it does not match.
    func explain(_ document: UInt32, norm: Float) -> [LeafScore] {
        let window = Int(document) / PostingsFormat.windowCount
        root.turn(to: window, document..<document + 1, norm: norm)
        guard root.isPresent else { return [] }
        root.loadBits()
        let place = Int(document) % PostingsFormat.windowCount
        guard root.bits[place / 64] >> UInt64(place % 64) & 1 == 1, root.matches(document) else {
            return []
        }
        var scores: [LeafScore] = []
        root.explain(document, norm, into: &scores)
        return scores
    }

    /// Puts into `selected` the documents of the part that may match and reach `bar`.
    private mutating func select(_ part: WindowPart, _ bar: Float) {
        let first = UInt32(part.window * PostingsFormat.windowCount)
        let places =
            Int(part.documents.lowerBound - first)..<Int(part.documents.upperBound - first)
        unsafe WindowEvaluator.fill(selected.base, places)
        unsafe mspd_window_keep(selected.base, root.bits.base)
        guard bar > -.infinity else { return }
        sums.removeAll()
        for leaf in leaves where leaf.isScored { unsafe sums.add(leaf.bits, leaf.most) }
        sums.keep(in: selected, reaching: bar)
        guard unsafe mspd_window_count(selected.base) > WindowEvaluator.few else { return }
        sums.removeAll()
        for leaf in leaves where leaf.isScored {
            unsafe sums.add(leaf.bits, leaf.once)
            if leaf.most > leaf.once { unsafe sums.add(leaf.repeats(), leaf.most - leaf.once) }
        }
        sums.keep(in: selected, reaching: bar)
    }

    private func visit(
        _ window: Int, _ walk: DocumentWalk, _ best: inout TopK, _ hits: inout HitCount
    ) {
        for word in selected.indices {
            var bits = selected[word]
            while bits != 0 {
                let place = word * 64 + bits.trailingZeroBitCount
                bits &= bits &- 1
                visit(
                    UInt32(window * PostingsFormat.windowCount + place), walk, &best, &hits)
            }
        }
    }

    private func visit(
        _ document: UInt32, _ walk: DocumentWalk, _ best: inout TopK, _ hits: inout HitCount
    ) {
        let norm = unsafe walk.norms[Int(walk.lengthCodes[Int(document)])]
        let isPruning = hits.count > walk.countLimit
        guard !isPruning || best.wouldEnter(bound(document, norm, reaching: best.bar)) else {
            hits.isExact = false
            return
        }
        guard root.matches(document) else { return }
        var score: Float = 0
        root.addScore(document, norm, to: &score)
        if isPruning, !best.wouldEnter(score) {
            hits.isExact = false
            return
        }
        guard walk.accepts?(document) ?? true else { return }
        hits.count += 1
        best.offer(score, document)
    }

    /// At most this is the score of a document; less than `bar` as soon as that is known.
    private func bound(_ document: UInt32, _ norm: Float, reaching bar: Float) -> Float {
        let place = Int(document) % PostingsFormat.windowCount
        var most: Float = 0
        for leaf in leaves where leaf.isScored {
            most += unsafe leaf.bits[place / 64] >> UInt64(place % 64) & 1 == 1 ? leaf.most : 0
        }
        most *= WindowSums.padding
        guard most >= bar else { return most }
        // Twice as many digits, since what is taken off again must leave no less than the score.
        var sum = 0.0
        for leaf in leaves where leaf.isScored {
            guard unsafe leaf.bits[place / 64] >> UInt64(place % 64) & 1 == 1 else { continue }
            sum += Double(leaf.bound(document, norm))
        }
        for leaf in leaves where leaf.isScored && !leaf.isExact {
            guard Float(sum) * WindowSums.padding >= bar else { break }
            guard unsafe leaf.bits[place / 64] >> UInt64(place % 64) & 1 == 1 else { continue }
            sum -= Double(leaf.bound(document, norm) - leaf.scoreIfHeld(document, norm))
        }
        return Float(sum) * WindowSums.padding
    }
}
