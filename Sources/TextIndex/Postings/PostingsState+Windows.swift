// One term's postings for an evaluation: windows of 4,096 documents as bits, and documents asked
// for one by one or as a list.

import CKernels

extension PostingsState {
    /// The first document that is `target` or later; for a dense term, `target` itself.
    @inline(__always)
    mutating func next(from target: UInt32) -> UInt32 {
        if dense != nil { return target }
        if document < target || !isFirst(notBefore: target) { seek(to: target) }
        return document
    }

    /// Whether the document before the current one, if any, comes before `target`.
    @inline(__always)
    private func isFirst(notBefore target: UInt32) -> Bool {
        guard index > 0 else { return document == target || isFirstBlock(holding: target) }
        return unsafe index <= count && documents[index - 1] < target
    }

    /// The largest frequency of documents of a window that are not before the current one.
    @inline(__always)
    func largestFrequency(_ window: Int) -> UInt32 {
        if let dense { return dense.largestFrequency(window) }
        if let packed {
            let end = UInt32(clamping: (window + 1) * PostingsFormat.windowCount)
            return packed.largestFrequency(from: block, before: end)
        }
        return unsafe decoded?.largestFrequency ?? 0
    }

    /// The documents of a window as bits: those of a dense term in place, others put into
    /// `scratch`, and into `repeats` those that hold it more than once; tells whether there may be
    /// any.
    mutating func bits(
        _ window: Int, _ scratch: UnsafeMutablePointer<UInt64>,
        _ repeats: UnsafeMutablePointer<UInt64>
    ) -> (bits: UnsafePointer<UInt64>, mayRepeat: Bool) {
        if let place = unsafe dense?.bitmap(window) {
            return unsafe (place.assumingMemoryBound(to: UInt64.self), true)
        }
        unsafe scratch.update(repeating: 0, count: PostingsFormat.windowCount / 64)
        unsafe repeats.update(repeating: 0, count: PostingsFormat.windowCount / 64)
        let first = UInt32(window * PostingsFormat.windowCount)
        let packed = packed
        var mayRepeat = false
        unsafe forEachInWindow(window) { block, documents, frequencies, places in
            unsafe mspd_window_scatter(
                documents + places.lowerBound, places.count, first, scratch)
            if let packed, block < packed.fullBlocks {
                let marked = unsafe packed.markExceptions(block, documents, places, first, repeats)
                mayRepeat = mayRepeat || marked
                return
            }
            for place in places where unsafe frequencies[place] > 1 {
                let bit = unsafe Int(documents[place] &- first) % PostingsFormat.windowCount
                unsafe repeats[bit / 64] |= 1 << UInt64(bit % 64)
                mayRepeat = true
            }
        }
        return unsafe (UnsafePointer(scratch), mayRepeat)
    }

    /// Puts the documents of a window that hold a dense term more than once into `words` as bits.
    func repeats(_ window: Int, _ words: UnsafeMutablePointer<UInt64>) {
        unsafe words.update(repeating: 0, count: PostingsFormat.windowCount / 64)
        unsafe dense?.fillRepeats(window, words)
    }

    /// How many documents of a window hold a dense term more than once.
    func repeatCount(_ window: Int) -> Int { dense?.repeatCount(window) ?? 0 }

    /// Puts the documents of a window that hold the term so often (of a dense term twice at least)
    /// into `list`, which has room for a window's, and tells how many they are.
    mutating func documents(
        _ window: Int, atLeast least: UInt32, into list: UnsafeMutablePointer<UInt32>
    ) -> Int {
        if let dense { return unsafe dense.repeats(window, atLeast: least, into: list) }
        var count = 0
        unsafe forEachInWindow(window, withFrequencies: least > 1) {
            _, documents, frequencies, all in
            let all = all.prefix(PostingsFormat.windowCount - count)
            if least == 1 {
                unsafe (list + count).update(from: documents + all.lowerBound, count: all.count)
                count += all.count
                return
            }
            for place in all {
                unsafe list[count] = documents[place]
                count += unsafe frequencies[place] >= least ? 1 : 0
            }
        }
        return count
    }

    /// The largest frequency of some documents, or of others near them too; `.max` for many.
    func largestFrequency(in documents: Range<UInt32>) -> UInt32 {
        if let packed {
            let first = packed.block(holding: documents.lowerBound, from: 0)
            return packed.largestFrequency(from: first, before: documents.upperBound)
        }
        guard let dense else { return unsafe decoded?.largestFrequency ?? 0 }
        let windows = UInt32(PostingsFormat.windowCount)
        var largest: UInt32 = 0
        for window in documents.lowerBound / windows...(documents.upperBound - 1) / windows {
            largest = max(largest, dense.largestFrequency(Int(window)))
        }
        return largest
    }

    /// The largest frequency of any document, `.max` for many or where that takes a search.
    var largestFrequency: UInt32 {
        if dense != nil { return .max }
        return unsafe decoded?.largestFrequency ?? packed?.largestFrequency(from: 0, before: .max)
            ?? 0
    }

    /// Whether a document holds the term.
    @inline(__always)
    mutating func holds(_ document: UInt32) -> Bool {
        if let dense { return dense.holds(document) }
        seek(to: document)
        return self.document == document
    }

    /// Keeps of `count` ascending documents those that hold the term, and tells how many they are;
    /// of packed postings puts where they hold it into `firsts`.
    mutating func keep(
        _ documents: UnsafeMutablePointer<UInt32>, _ count: Int, firsts: FirstPlaces? = nil
    ) -> Int {
        if let dense { return unsafe dense.keep(documents, count) }
        if let packed, let firsts { return unsafe keep(documents, count, packed, firsts) }
        var met = mspd_window_met()
        while met.seen < count, unsafe turn(toBlockHolding: documents[met.seen]) {
            met.place = packed == nil ? index : 0
            unsafe met = mspd_window_meet(
                self.documents, self.count, documents, count, nil, met)
        }
        return met.kept
    }

    private mutating func keep(
        _ documents: UnsafeMutablePointer<UInt32>, _ count: Int, _ packed: PackedPostings,
        _ firsts: FirstPlaces
    ) -> Int {
        var met = mspd_window_met()
        var (before, waiting) = (0, 0..<0)
        while met.seen < count, unsafe turn(toBlockHolding: documents[met.seen]) {
            met.place = 0
            let kept = met.kept
            unsafe met = mspd_window_meet(
                self.documents, self.count, documents, count, firsts.places, met)
            guard met.kept > kept else { continue }
            if block == packed.fullBlocks {
                unsafe packed.readTailFirsts(frequencies, kept..<met.kept, firsts)
                continue
            }
            // They are asked for ahead, and read when the next block has been looked through.
            packed.fetchFirsts(block, kept..<met.kept, firsts)
            packed.readFirsts(before, waiting, firsts)
            (before, waiting) = (block, kept..<met.kept)
        }
        packed.readFirsts(before, waiting, firsts)
        for at in 0..<met.kept { unsafe firsts.base[at].document = documents[at] }
        return met.kept
    }

    /// Asks the memory ahead for where the documents of the block at hand hold the term.
    func fetchFirsts() { packed?.fetchFirsts(block) }

    /// Asks the memory ahead for what will be read of some documents that hold the term.
    func fetch(_ documents: UnsafePointer<UInt32>, _ count: Int) {
        guard let dense, count > 1 else { return }
        unsafe dense.fetchEntries(of: documents, count)
        unsafe dense.fetchPlaces(of: documents, count)
    }

    /// How often the term occurs in a document that holds it.
    @inline(__always)
    mutating func frequency(of document: UInt32) -> UInt32 {
        if let dense { return dense.frequency(of: document) }
        seek(to: document)
        return self.document == document ? frequency : 1
    }

    /// The first position in a document that holds the term; nil where that takes a search.
    @inline(__always)
    mutating func firstPosition(of document: UInt32) -> UInt32? {
        if let dense { return dense.firstPosition(document) }
        guard let packed else { return nil }
        seek(to: document)
        return self.document == document ? packed.firstPosition(block, index) : nil
    }

    /// Replaces `list` with the positions in a document that holds the term.
    mutating func positions(of document: UInt32, into list: inout [UInt32]) {
        if let dense {
            list.removeAll(keepingCapacity: true)
            return dense.positions(document, into: &list)
        }
        seek(to: document)
        positions(into: &list)
    }

    /// Calls `body` with each block's number, documents, frequencies (which may not be those of a
    /// packed block unless they are asked for) and the places of those that lie in the window.
    private mutating func forEachInWindow(
        _ window: Int, withFrequencies: Bool = false,
        _ body: (Int, UnsafePointer<UInt32>, UnsafePointer<UInt32>, Range<Int>) -> Void
    ) {
        let end = UInt32(clamping: (window + 1) * PostingsFormat.windowCount)
        _ = next(from: UInt32(window * PostingsFormat.windowCount))
        while document < end {
            let last = unsafe documents[count - 1] < end ? count : placeInBlock(of: end)
            if withFrequencies, !frequenciesAreLoaded { loadFrequencies() }
            unsafe body(block, UnsafePointer(documents), UnsafePointer(frequencies), index..<last)
            guard last == count else {
                // Where the next window begins.
                go(toPlace: last)
                return
            }
            load(block: block + 1)
        }
    }
}
