// One dense term's postings as they lie in a segment: a bitmap in windows, with what occurs more
// than once told apart. PostingsFormat has the layout.

import CKernels
import Storage

/// The postings of a dense term in one segment.
struct DensePostings {
    /// Parts of 512 documents, which a walk decodes one at a time.
    let parts: Int

    private let bytes: TermBytes
    private let windows: Int
    private let documentCount: UInt32
    private var bitmaps: Int { windows * PostingsFormat.windowEntryBytes }
    private var exceptions: Int { bitmaps + windows * PostingsFormat.windowBytes }

    init(_ bytes: TermBytes, documents: UInt32) {
        self.bytes = bytes
        documentCount = documents
        let wanted = PostingsFormat.windows(documents)
        let each = PostingsFormat.windowEntryBytes + PostingsFormat.windowBytes
        windows = wanted * each <= bytes.postingsCount ? wanted : 0
        parts = windows * (PostingsFormat.windowCount / PostingsFormat.windowPart)
    }

    private func entry(_ window: Int) -> Int { window * PostingsFormat.windowEntryBytes }

    private func bits(_ window: Int) -> WindowBits {
        WindowBits(rawValue: bytes.u32(entry(window) + 12))
    }

    /// The bitmap of a window, 64 words at any address; nil when there is no such window.
    @inline(__always)
    func bitmap(_ window: Int) -> UnsafeRawPointer? {
        guard window < windows else { return nil }
        return unsafe UnsafeRawPointer(
            bytes.postings(bitmaps + window * PostingsFormat.windowBytes))
    }

    /// Whether a document, which is one of the index, holds the term.
    @inline(__always)
    func holds(_ document: UInt32) -> Bool {
        let byte = Int(document) / 8
        return byte < windows * PostingsFormat.windowBytes
            && bytes.u8(bitmaps + byte) >> UInt8(document % 8) & 1 == 1
    }

    /// Keeps of `count` documents those that hold the term, and tells how many they are.
    func keep(_ documents: UnsafeMutablePointer<UInt32>, _ count: Int) -> Int {
        guard let bits = unsafe bitmap(0) else { return 0 }
        let end = UInt32(clamping: windows * PostingsFormat.windowCount)
        return unsafe mspd_window_set(bits, 0, end, documents, count)
    }

    /// Asks ahead for the entries of the windows that some documents lie in.
    func fetchEntries(of documents: UnsafePointer<UInt32>, _ count: Int) {
        for at in 0..<count {
            let window = unsafe Int(documents[at]) / PostingsFormat.windowCount
            unsafe mspd_prefetch(bytes.postings(entry(window)), 1)
        }
    }

    /// Asks ahead for the first positions in some documents that hold the term, and for what tells
    /// how often they do.
    func fetchPlaces(of documents: UnsafePointer<UInt32>, _ count: Int) {
        for at in 0..<count {
            let document = unsafe documents[at]
            let window = entry(Int(document) / PostingsFormat.windowCount)
            let width = WindowBits(rawValue: bytes.u32(window + 12)).positionWidth
            let place = Int(bytes.u32(window + 8)) &+ rankInWindow(document) &* width / 8
            unsafe mspd_prefetch(bytes.positions(place), 1)
            let exception = 2 &* Int(bytes.u16(partEntry(document) + 32))
            unsafe mspd_prefetch(
                bytes.postings(exceptions &+ Int(bytes.u32(window + 4)) &+ exception), 1)
        }
    }

    /// The largest frequency in a window, `.max` for many.
    @inline(__always)
    func largestFrequency(_ window: Int) -> UInt32 {
        guard window < windows else { return 0 }
        let largest = bits(window).largestFrequency
        return largest >= PostingsFormat.frequencyCap ? .max : largest
    }

    /// Decodes a part's documents and returns how many there are.
    func load(part: Int, _ documents: UnsafeMutablePointer<UInt32>) -> Int {
        let start = bitmaps + part * (PostingsFormat.windowPart / 8)
        let first = UInt32(part * PostingsFormat.windowPart)
        var count = 0
        for word in 0..<PostingsFormat.windowPart / 64 {
            let at = start + word * 8
            var bits = UInt64(bytes.u32(at)) | UInt64(bytes.u32(at + 4)) << 32
            let base = first + UInt32(word * 64)
            while bits != 0 {
                let document = base + UInt32(bits.trailingZeroBitCount)
                guard document < documentCount else { return count }
                unsafe documents[count] = document
                count += 1
                bits &= bits &- 1
            }
        }
        return count
    }

    /// Sets the frequencies of `count` documents of a part.
    func loadFrequencies(
        part: Int, _ count: Int, _ documents: UnsafePointer<UInt32>,
        _ frequencies: UnsafeMutablePointer<UInt32>
    ) {
        unsafe frequencies.update(repeating: 1, count: count)
        var index = 0
        let first = UInt32(part * PostingsFormat.windowPart)
        forEachException(window(part)) { document, frequency in
            guard document >= first else { return true }
            while index < count, unsafe documents[index] < document { index += 1 }
            guard index < count else { return false }
            if unsafe documents[index] == document { unsafe frequencies[index] = frequency }
            return true
        }
    }

    /// Whether every document of the part's window holds the term once.
    func everyFrequencyIsOne(_ part: Int) -> Bool { bits(window(part)).exceptions == 0 }

    /// How often the term occurs in a document that holds it.
    func frequency(of document: UInt32) -> UInt32 {
        let window = Int(document) / PostingsFormat.windowCount
        let count = bits(window).exceptions
        guard let start = exceptionsStart(window, count),
            let index = exception(document, start, count)
        else { return 1 }
        let code = bytes.u16(start + 2 * index) & 15
        return code == PostingsFormat.windowEscape
            ? frequency(apart: escape(start, count, index)) : UInt32(code) + 2
    }

    /// The place of a document among its window's exceptions; nil when it is none.
    @inline(__always)
    private func exception(_ document: UInt32, _ start: Int, _ count: Int) -> Int? {
        let place = Int(document) % PostingsFormat.windowCount
        let part = partEntry(document)
        var low = Int(bytes.u16(part + 32))
        let isLast = place / PostingsFormat.windowPart == 7
        let high = isLast ? count : min(Int(bytes.u16(part + 34)), count)
        low += unsafe mspd_codes_before(
            bytes.postings(start + 2 * low), max(high - low, 0), UInt32(place))
        return low < count && Int(bytes.u16(start + 2 * low) >> 4) == place ? low : nil
    }

    /// Where the counts of a document's part begin, less those of the window.
    private func partEntry(_ document: UInt32) -> Int {
        entry(Int(document) / PostingsFormat.windowCount)
            + 2 * (Int(document) % PostingsFormat.windowCount / PostingsFormat.windowPart)
    }

    /// How many distances the exceptions before one have in its window.
    private func distances(
        before index: Int, _ document: UInt32, _ start: Int, _ count: Int
    ) -> Int {
        let part = partEntry(document)
        var first = Int(bytes.u16(part + 32))
        var sum = Int(bytes.u16(part + 48))
        if sum == Int(UInt16.max) { (first, sum) = (0, 0) }
        let known = unsafe mspd_codes_further(
            bytes.postings(start + 2 * first), max(index - first, 0))
        guard known < 0 else { return sum &+ known }
        var escape = escape(start, count, first)
        for earlier in first..<max(index, first) {
            let code = bytes.u16(start + 2 * earlier) & 15
            if code == PostingsFormat.windowEscape {
                sum &+= Int(frequency(apart: escape)) &- 1
                escape += 4
            } else {
                sum &+= Int(code) &+ 1
            }
        }
        return sum
    }

    /// Where the frequency of an exception stands, when it stands apart.
    private func escape(_ start: Int, _ count: Int, _ index: Int) -> Int {
        let apart = unsafe Int(mspd_codes_apart(bytes.postings(start), max(index, 0)))
        return start + 2 * count + 4 * apart
    }

    private func frequency(apart escape: Int) -> UInt32 {
        escape + 4 <= bytes.postingsCount ? max(bytes.u32(escape), 1) : 1
    }

    /// Sets the bits of a window's documents that hold the term more than once.
    func fillRepeats(_ window: Int, _ words: UnsafeMutablePointer<UInt64>) {
        let count = bits(window).exceptions
        guard let start = exceptionsStart(window, count) else { return }
        unsafe mspd_window_scatter_codes(bytes.postings(start), count, words)
    }

    /// How many documents of a window hold the term more than once.
    func repeatCount(_ window: Int) -> Int { window < windows ? bits(window).exceptions : 0 }

    /// Puts the documents of a window that hold the term so often, `least` being 2 at least, into
    /// `list`, which has room for a window's, and tells how many they are.
    func repeats(
        _ window: Int, atLeast least: UInt32, into list: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let exceptions = min(bits(window).exceptions, PostingsFormat.windowCount)
        guard let start = exceptionsStart(window, exceptions) else { return 0 }
        let first = UInt32(window * PostingsFormat.windowCount)
        let code = UInt16(min(least - 2, PostingsFormat.windowEscape))
        var count = 0
        for index in 0..<exceptions {
            let exception = bytes.u16(start + 2 * index)
            unsafe list[count] = first + UInt32(exception >> 4)
            count += exception & 15 >= code ? 1 : 0
        }
        return count
    }

    /// The first position in a document that holds the term.
    func firstPosition(_ document: UInt32) -> UInt32 {
        let window = Int(document) / PostingsFormat.windowCount
        let width = bits(window).positionWidth
        let start = Int(bytes.u32(entry(window) + 8))
        let index = rankInWindow(document)
        guard bytes.holdsPositions(start, index + 1, width: width) else { return 0 }
        return bytes.position(start, index, width: width)
    }

    /// Appends the positions in a document that holds the term.
    func positions(_ document: UInt32, into list: inout [UInt32]) {
        var position = firstPosition(document)
        list.append(position)
        let frequency = frequency(of: document)
        let window = Int(document) / PostingsFormat.windowCount
        let exceptions = bits(window).exceptions
        guard frequency > 1, let first = exceptionsStart(window, exceptions),
            let place = exception(document, first, exceptions)
        else { return }
        let (start, width) = (Int(bytes.u32(entry(window) + 8)), bits(window).positionWidth)
        let further = count(window) &+ distances(before: place, document, first, exceptions)
        guard bytes.holdsPositions(start, further &+ Int(frequency) &- 1, width: width), width > 0
        else { return }
        for index in 0..<Int(frequency) - 1 {
            position &+= bytes.position(start, further + index, width: width)
            list.append(position)
        }
    }

    /// Replaces `list` with the first positions of a window's documents and, behind them, all
    /// distances; false where the bytes do not have them.
    func allPositions(window: Int, further: Int, into list: inout [UInt32]) -> Bool {
        list.removeAll(keepingCapacity: true)
        let (start, width) = (Int(bytes.u32(entry(window) + 8)), bits(window).positionWidth)
        let count = count(window) + further
        guard bytes.holdsPositions(start, count, width: width), width > 0 || further == 0 else {
            return false
        }
        for index in 0..<count { list.append(bytes.position(start, index, width: width)) }
        return true
    }

    /// The window that a part belongs to.
    func window(_ part: Int) -> Int {
        part / (PostingsFormat.windowCount / PostingsFormat.windowPart)
    }

    /// Documents of a window, by the directory.
    private func count(_ window: Int) -> Int {
        let next =
            window + 1 < windows ? Int(bytes.u32(entry(window + 1))) : bytes.documentFrequency
        return max(next - Int(bytes.u32(entry(window))), 0)
    }

    private func rankInWindow(_ document: UInt32) -> Int {
        let place = Int(document) % PostingsFormat.windowCount
        let part = place / PostingsFormat.windowPart
        let window = Int(document) / PostingsFormat.windowCount
        let before = bytes.u16(entry(window) + 16 + 2 * part)
        let start = unsafe bytes.postings(
            bitmaps + window * PostingsFormat.windowBytes + part * PostingsFormat.windowPart / 8)
        let inPart = unsafe mspd_window_rank(
            UnsafeRawPointer(start).assumingMemoryBound(to: UInt64.self),
            UInt32(place % PostingsFormat.windowPart))
        return Int(before) + Int(inPart)
    }

    private func exceptionsStart(_ window: Int, _ count: Int) -> Int? {
        let start = exceptions + Int(bytes.u32(entry(window) + 4))
        return count > 0 && start + 2 * count <= bytes.postingsCount ? start : nil
    }

    /// Calls `body` with the documents that hold the term more than once, until it returns false.
    private func forEachException(_ window: Int, _ body: (UInt32, UInt32) -> Bool) {
        let count = bits(window).exceptions
        guard let start = exceptionsStart(window, count) else { return }
        let first = UInt32(window * PostingsFormat.windowCount)
        var escape = start + 2 * count
        for index in 0..<count {
            let code = bytes.u16(start + 2 * index)
            var frequency = UInt32(code & 15) + 2
            if code & 15 == PostingsFormat.windowEscape {
                guard escape + 4 <= bytes.postingsCount else { return }
                frequency = max(bytes.u32(escape), 1)
                escape += 4
            }
            guard body(first + UInt32(code >> 4), frequency) else { return }
        }
    }
}
