// A node of a tree of clauses during an evaluation in windows: from the bits of its parts follow
// its own, which are the documents that match or, where a part's bits are some too many, that may.

import CKernels

/// A clause of a tree.
enum TreeNode {
    case leaf(TreeLeaf)
    case group(TreeGroup)

    /// Whether a document of the part of the window at hand may match.
    var isPresent: Bool {
        switch self {
        case .leaf(let leaf): return leaf.isPresent
        case .group(let group): return group.isPresent
        }
    }

    /// Whether the documents of the bits are those that match, and not some more.
    var isExact: Bool {
        switch self {
        case .leaf(let leaf): return leaf.isExact
        case .group(let group): return group.isExact
        }
    }

    /// The documents of the window that may match, once they are loaded.
    var bits: UnsafePointer<UInt64> {
        switch self {
        case .leaf(let leaf): return unsafe leaf.bits
        case .group(let group): return unsafe UnsafePointer(group.bits.base)
        }
    }

    fileprivate func turn(to window: Int, _ part: Range<UInt32>, norm: Float) {
        switch self {
        case .leaf(let leaf): leaf.turn(to: window, part, norm: norm)
        case .group(let group): group.turn(to: window, part, norm: norm)
        }
    }

    fileprivate func loadBits() {
        switch self {
        case .leaf(let leaf): leaf.loadBits()
        case .group(let group): group.loadBits()
        }
    }

    /// Whether a document of the window matches.
    fileprivate func matches(_ document: UInt32) -> Bool {
        guard isPresent else { return false }
        let place = Int(document) % PostingsFormat.windowCount
        guard unsafe bits[place / 64] >> UInt64(place % 64) & 1 == 1 else { return false }
        if isExact { return true }
        switch self {
        case .leaf(let leaf): return leaf.frequency(document) > 0
        case .group(let group): return group.matches(document)
        }
    }
}

/// Clauses that match together.
final class TreeGroup {
    /// Clauses by what they ask.
    struct Parts {
        var required: [TreeNode] = []
        var optional: [TreeNode] = []
        var excluded: [TreeNode] = []
        /// Required and optional ones in the order in which scores add up.
        var scoring: [TreeNode] = []
        /// How many optional ones must match.
        var atLeast = 0
    }

    /// Whether a document of the part of the window at hand may match.
    private(set) var isPresent = false
    /// Whether the documents of `bits` are those that match, and not some more.
    private(set) var isExact = true
    let bits = FixedList<UInt64>(repeating: 0, count: PostingsFormat.windowCount / 64)

    private let parts: Parts
    private var sums: WindowSums
    /// What was found out last.
    private var known: (document: UInt32, matches: Bool) = (
        PostingsCursor.end, false
    )

    init(_ parts: Parts) {
        self.parts = parts
        sums = WindowSums(words: parts.optional.count)
    }

    /// Turns to the documents of a part of a window, all at least as long as `norm` says.
    func turn(to window: Int, _ part: Range<UInt32>, norm: Float) {
        isPresent = true
        for node in parts.required {
            node.turn(to: window, part, norm: norm)
            if !node.isPresent { isPresent = false }
        }
        var present = 0
        for node in parts.optional {
            node.turn(to: window, part, norm: norm)
            if node.isPresent { present += 1 }
        }
        for node in parts.excluded { node.turn(to: window, part, norm: norm) }
        if present < parts.atLeast { isPresent = false }
    }

    /// Marks the leaves that may add to a score, and tells what they add at most.
    func markScored() -> Float {
        var most: Float = 0
        for node in parts.scoring where node.isPresent {
            switch node {
            case .leaf(let leaf):
                leaf.isScored = true
                most += leaf.most
            case .group(let group): most += group.markScored()
            }
        }
        return most
    }

    /// Makes `bits` those of the window.
    func loadBits() {
        unsafe bits.base.update(repeating: .max, count: bits.count)
        isExact = true
        for node in parts.required {
            node.loadBits()
            unsafe mspd_window_keep(bits.base, node.bits)
            isExact = isExact && node.isExact
        }
        sums.removeAll()
        for node in parts.optional where node.isPresent {
            node.loadBits()
            unsafe sums.add(node.bits, 1)
            if parts.atLeast > 0 { isExact = isExact && node.isExact }
        }
        if parts.atLeast > 0 {
            sums.keep(in: bits, holding: parts.atLeast)
            if parts.atLeast > WindowSums.countMax { isExact = false }
        }
        for node in parts.excluded where node.isPresent {
            node.loadBits()
            if node.isExact {
                unsafe mspd_window_drop(bits.base, node.bits)
            } else {
                isExact = false
            }
        }
    }

    /// Whether a document of the window that is among `bits` matches.
    func matches(_ document: UInt32) -> Bool {
        if isExact { return true }
        if known.document == document { return known.matches }
        known = (document, findsMatch(document))
        return known.matches
    }

    private func findsMatch(_ document: UInt32) -> Bool {
        for node in parts.required where !node.matches(document) { return false }
        for node in parts.excluded where node.matches(document) { return false }
        var missing = parts.atLeast
        for node in parts.optional where missing > 0 && node.matches(document) { missing -= 1 }
        return missing <= 0
    }

    /// Adds the score of a document that matches.
    func addScore(_ document: UInt32, _ norm: Float, to sum: inout Float) {
        for node in parts.scoring where node.matches(document) {
            switch node {
            case .leaf(let leaf): sum += leaf.score(document, norm)
            case .group(let group): group.addScore(document, norm, to: &sum)
            }
        }
    }

    /// Tells what the leaves add to the score of a document that matches.
    func explain(_ document: UInt32, _ norm: Float, into scores: inout [LeafScore]) {
        for node in parts.scoring where node.matches(document) {
            switch node {
            case .leaf(let leaf):
                var score = LeafScore(
                    leaf: leaf.number, frequency: leaf.frequency(document),
                    impact: leaf.score(document, norm))
                score.crosses = leaf.crosses(document)
                scores.append(score)
            case .group(let group): group.explain(document, norm, into: &scores)
            }
        }
    }
}
