// The best documents of a union of words, by MaxScore over windows of documents (Turtle & Flood,
// "Query evaluation: strategies and optimizations", 1995; in windows with block maxima as in Ding &
// Suel, "Faster top-k document retrieval using block-max indexes", 2011).
//
// In each window the words whose bounds together cannot pass the threshold are not essential: they
// never propose a document, and are asked only about those that the others propose.
// Bounds are padded, and contributions add up in query order, so the answer is the exhaustive one
// to the last bit.

/// A word's postings with its weight; `order` is its place in the query.
@safe struct WeightedCursor {
    private let cursor: PostingsCursor
    /// The cursor's own, which lives as long as this.
    let state: UnsafeMutablePointer<PostingsState>
    let idf: Float
    let order: Int
    /// Documents that hold the word, in this part of the track.
    var documentFrequency: Int { cursor.documentFrequency }

    init(_ cursor: PostingsCursor, idf: Float, order: Int) {
        self.cursor = cursor
        unsafe state = cursor.state
        self.idf = idf
        self.order = order
    }
}

/// Evaluates a union of words.
struct UnionEvaluator {
    /// Documents in a window; 1,024 and 16,384 were no better.
    private static let windowCount: UInt32 = 4_096
    /// Makes up for the rounding of a sum of bounds.
    private static let padding: Float = 1.00001

    private let words: [WeightedCursor]
    private let norms: [Float]
    private let countLimit: Int
    /// Bound of each word in the window at hand.
    private var bounds: [Float]
    /// Words by falling bound: essential ones first.
    private var ranked: [Int]
    /// remaining[i] bounds what words ranked i and later can add together.
    private var remaining: [Float]
    private var contributions: [Float]

    init(_ words: [WeightedCursor], norms: [Float], countLimit: Int) {
        self.words = words
        self.norms = norms
        self.countLimit = countLimit
        bounds = Array(repeating: 0, count: words.count)
        ranked = Array(words.indices)
        remaining = Array(repeating: 0, count: words.count + 1)
        contributions = Array(repeating: 0, count: words.count)
    }

    /// Offers the documents of one range; ranges come in ascending order.
    mutating func run(
        _ range: Range<UInt32>, lengthCodes: UnsafePointer<UInt8>, _ accepts: ((UInt32) -> Bool)?,
        _ best: inout TopK, _ hits: inout HitCount
    ) {
        var start = range.lowerBound
        while start < range.upperBound {
            let first = words.reduce(PostingsCursor.end) {
                unsafe min($0, $1.state.pointee.document)
            }
            start = max(start, first)
            guard start < range.upperBound else { return }
            let end = min(range.upperBound, (start | (Self.windowCount - 1)) &+ 1)
            let isPruning = hits.count > countLimit
            let essential = isPruning ? rank(start, end, best) : rankAll()
            if isPruning { hits.isExact = false }
            if essential > 0 {
                unsafe walk(start..<end, essential, lengthCodes, accepts, &best, &hits)
            }
            start = end
        }
    }

    private mutating func rankAll() -> Int {
        for index in words.indices { bounds[index] = .infinity }
        remaining = Array(repeating: .infinity, count: words.count + 1)
        return words.count
    }

    /// Orders the words for a window and returns how many are essential.
    private mutating func rank(_ start: UInt32, _ end: UInt32, _ best: TopK) -> Int {
        for (index, word) in words.enumerated() {
            let idf = word.idf
            let norms = norms
            bounds[index] =
                unsafe word.state.pointee.document >= end
                ? 0
                : unsafe word.state.pointee.bound(start, end) { frequency, length in
                    frequency == .max
                        ? idf
                        : BM25.impact(idf: idf, frequency: frequency, norm: norms[Int(length)])
                } * Self.padding
        }
        let bounds = bounds
        ranked.sort { bounds[$0] > bounds[$1] }
        remaining[words.count] = 0
        for place in ranked.indices.reversed() {
            remaining[place] = (remaining[place + 1] + bounds[ranked[place]]) * Self.padding
        }
        var essential = words.count
        while essential > 0, !best.wouldEnter(remaining[essential - 1]) { essential -= 1 }
        return essential
    }

    /// Visits the documents that essential words propose in a window.
    private mutating func walk(
        _ window: Range<UInt32>, _ essential: Int, _ lengthCodes: UnsafePointer<UInt8>,
        _ accepts: ((UInt32) -> Bool)?, _ best: inout TopK, _ hits: inout HitCount
    ) {
        for place in 0..<essential {
            unsafe words[ranked[place]].state.pointee.advance(to: window.lowerBound)
        }
        let isPruning = remaining[words.count] == 0
        while true {
            var document = PostingsCursor.end
            for place in 0..<essential {
                document = unsafe min(document, words[ranked[place]].state.pointee.document)
            }
            guard document < window.upperBound else { return }
            let norm = unsafe norms[Int(lengthCodes[Int(document)])]
            var sum: Float = 0
            for place in 0..<essential {
                sum += take(ranked[place], document, norm)
            }
            let isPossible =
                !isPruning || probe(document, norm, from: essential, sum, best)
            if isPossible, accepts?(document) ?? true {
                hits.count += 1
                best.offer(contributions.reduce(0, +), document)
            }
            for index in contributions.indices { contributions[index] = 0 }
        }
    }

    /// Records what a word adds to a document, and moves it past that document.
    @inline(__always)
    private mutating func take(_ index: Int, _ document: UInt32, _ norm: Float) -> Float {
        let state = unsafe words[index].state
        guard unsafe state.pointee.document == document else { return 0 }
        let frequency = unsafe state.pointee.frequency
        let impact = BM25.impact(idf: words[index].idf, frequency: frequency, norm: norm)
        contributions[words[index].order] = impact
        unsafe state.pointee.advance()
        return impact
    }

    /// Asks the words that are not essential; false as soon as the document cannot enter.
    private mutating func probe(
        _ document: UInt32, _ norm: Float, from first: Int, _ sum: Float, _ best: TopK
    ) -> Bool {
        var sum = sum
        for place in first..<words.count {
            guard best.wouldEnter((sum + remaining[place]) * Self.padding) else { return false }
            unsafe words[ranked[place]].state.pointee.advance(to: document)
            sum += take(ranked[place], document, norm)
        }
        return best.wouldEnter(sum * Self.padding)
    }
}
