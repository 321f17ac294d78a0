// A window that is looked at through the documents of one word: one that must be held, or
// repeated, in so few documents that the others' bits need not be combined.

extension WindowEvaluator {
    /// The word whose documents in the window are few, and which must be held; nil when it is
    /// better to combine bits.
    func driver() -> Int? {
        var driver: Int?
        var fewest = Self.driverMax
        for at in 0..<presentCount {
            let index = present[at]
            guard words[index].need > 0 else { continue }
            let count = words[index].candidates(window, documents: documentCount)
            let isRepeated = words[index].need > 1
            guard count < fewest || isRepeated && driver == nil else { continue }
            (driver, fewest) = (index, count)
        }
        return driver
    }

    /// Looks at the documents of the part that hold a word as often as is needed.
    func visitDocuments(
        of word: Int, _ walk: DocumentWalk, _ best: inout TopK, _ hits: inout HitCount
    ) {
        let count = unsafe words[word].state.pointee.documents(
            window, atLeast: words[word].need, into: candidates.base)
        var kept = part.count == PostingsFormat.windowCount ? count : keepOfPart(count)
        kept = keep(kept, but: word, isDense: true)
        kept = keep(kept, but: word, isDense: false)
        guard kept > Self.few else {
            for at in 0..<kept { visit(candidates[at], walk, &best, &hits) }
            return
        }
        for at in 0..<presentCount { words[present[at]].loadBits(window) }
        let first = UInt32(window * PostingsFormat.windowCount)
        for at in 0..<kept where !isExcluded(candidates[at]) {
            visit(Int(candidates[at] - first), candidates[at], walk, &best, &hits)
        }
    }

    private func keepOfPart(_ count: Int) -> Int {
        var kept = 0
        for at in 0..<count {
            candidates[kept] = candidates[at]
            kept += part.contains(candidates[at]) ? 1 : 0
        }
        return kept
    }

    /// Keeps of the first candidates those that all needed words hold, but the one that they come
    /// from, of the words that are dense or of the others.
    private func keep(_ count: Int, but known: Int, isDense: Bool) -> Int {
        var count = count
        for at in 0..<presentCount {
            let index = present[at]
            guard index != known, words[index].isDense == isDense else { continue }
            guard words[index].need > 0, count > 0 else { continue }
            if isDense || count > Self.few {
                words[index].loadBits(window)
                let first = UInt32(window * PostingsFormat.windowCount)
                count = unsafe words[index].keep(candidates.base, count, from: first)
                continue
            }
            count = unsafe words[index].state.pointee.keep(candidates.base, count)
        }
        return count
    }

    /// Scores one candidate that all needed words hold.
    private func visit(
        _ document: UInt32, _ walk: DocumentWalk, _ best: inout TopK, _ hits: inout HitCount
    ) {
        guard !isExcluded(document) else { return }
        let code = isUniform ? lengthCode : unsafe walk.lengthCodes[Int(document)]
        guard let score = score(document, walk.norms[Int(code)]) else { return }
        if hits.count > walk.countLimit, !best.wouldEnter(score) {
            hits.isExact = false
            return
        }
        guard walk.accepts?(document) ?? true else { return }
        hits.count += 1
        best.offer(score, document)
    }

    private func isExcluded(_ document: UInt32) -> Bool {
        for index in excluded.indices where unsafe excluded[index].state.pointee.holds(document) {
            return true
        }
        return false
    }

    /// The score of a document; nil when too few words occur in it.
    private func score(_ document: UInt32, _ norm: Float) -> Float? {
        var sum: Float = 0
        var occurring = 0
        for at in 0..<presentCount {
            let index = present[at]
            guard unsafe words[index].state.pointee.holds(document) else { continue }
            if !words[index].isRequired { occurring += 1 }
            let frequency =
                words[index].largestFrequency == 1
                ? 1 : unsafe words[index].state.pointee.frequency(of: document)
            sum += BM25.impact(idf: words[index].idf, frequency: frequency, norm: norm)
        }
        return occurring >= atLeast ? sum : nil
    }
}
