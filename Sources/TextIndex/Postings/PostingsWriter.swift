// Encodes the postings of one term after another; PostingsFormat has the layout.
// Documents of a term come in ascending order, positions of a document too.

import CKernels
package import Storage

/// Writes the postings and positions sections of a segment.
package struct PostingsWriter {
    /// The postings section so far.
    let postings: Spool
    /// The positions section so far.
    let positions: Spool

    private let documentCount: UInt32
    private var term = TermPostings()
    private var positionBytes = ByteWriter()
    private var packer = BlockPacker()

    /// Two empty sections, gathered in spools, of an index of so many documents.
    package init(postings: Spool, positions: Spool, documents: UInt32) {
        self.postings = postings
        self.positions = positions
        documentCount = documents
    }

    /// Adds a document of the current term with its positions, none for a term without.
    package mutating func add(document: UInt32, positions all: ArraySlice<UInt32>) {
        term.documents.append(document)
        term.frequencies.append(UInt32(max(all.count, 1)))
        guard var previous = all.first else { return }
        term.firsts.append(previous)
        for position in all.dropFirst() {
            term.further.append(position - previous)
            previous = position
        }
    }

    /// Adds a document of the current term; `gaps` are the first position and the distances of the
    /// others, none for a term without positions.
    @inline(__always)
    mutating func add(document: UInt32, frequency: UInt32, gaps: ArraySlice<UInt32>) {
        term.documents.append(document)
        term.frequencies.append(frequency)
        guard let first = gaps.first else { return }
        term.firsts.append(first)
        guard gaps.count > 1 else { return }
        term.further.append(contentsOf: gaps.dropFirst())
    }

    /// Adds all documents of the current term.
    mutating func add(_ gathered: borrowing GatheredTerm, _ content: TermContent) {
        term.add(gathered, content)
    }

    /// Ends the current term and tells where it lies; nil when it has no document.
    package mutating func finishTerm() throws(StorageError) -> TermInfo? {
        guard !term.documents.isEmpty else { return nil }
        let isDense = PostingsFormat.isDense(term.documents.count, of: documentCount)
        let bytes = isDense ? encodeDense() : encodePacked()
        let info = TermInfo(
            documentFrequency: UInt32(term.documents.count), postingsOffset: postings.count,
            postingsCount: UInt64(bytes.count), positionsOffset: positions.count,
            positionsCount: UInt64(positionBytes.count))
        try postings.append(bytes.bytes.rawSpan)
        try positions.append(positionBytes.bytes.rawSpan)
        term.removeAll()
        positionBytes.bytes.removeAll(keepingCapacity: true)
        return info
    }

    // MARK: Packed

    private mutating func encodePacked() -> ByteWriter {
        let blocks = term.documents.count / PostingsFormat.blockCount
        var offsets: [(last: UInt32, offset: Int, positions: UInt32, bits: BlockBits)] = []
        var data = ByteWriter()
        for block in 0..<blocks {
            let places =
                block * PostingsFormat.blockCount..<(block + 1) * PostingsFormat.blockCount
            let (offset, positionsOffset) = (data.count, UInt32(positionBytes.count))
            let documentWidth = packDocuments(places, into: &data)
            let exceptions = term.exceptions(
                places, escape: PostingsFormat.blockEscape, into: &data
            ) { place, code in UInt16(place - places.lowerBound) | UInt16(code) << 7 }
            let bits = BlockBits(
                documentWidth: documentWidth,
                positionWidth: term.packPositions(places, into: &positionBytes),
                exceptions: exceptions, largestFrequency: term.largestFrequency(places))
            offsets.append((term.documents[places.upperBound - 1], offset, positionsOffset, bits))
        }
        let tail = encodeTail(from: blocks * PostingsFormat.blockCount)
        var bytes = ByteWriter(
            capacity: blocks * PostingsFormat.directoryEntryBytes + tail.count + data.count)
        for entry in offsets {
            bytes.u32(entry.last)
            bytes.u32(UInt32(entry.offset + tail.count))
            bytes.u32(entry.positions)
            bytes.u32(entry.bits.rawValue)
        }
        bytes.bytes(tail.bytes)
        bytes.bytes(data.bytes)
        return bytes
    }

    private mutating func packDocuments(_ places: Range<Int>, into data: inout ByteWriter) -> Int {
        var previous = places.lowerBound == 0 ? 0 : term.documents[places.lowerBound - 1]
        for (index, place) in places.enumerated() {
            packer.values[index] = term.documents[place] - previous
            previous = term.documents[place]
        }
        return packer.pack(into: &data)
    }

    private mutating func encodeTail(from start: Int) -> ByteWriter {
        var tail = ByteWriter()
        guard start < term.documents.count else { return tail }
        tail.u32(UInt32(positionBytes.count))
        tail.u8(UInt8(term.largestFrequency(start..<term.documents.count)))
        var previous = start == 0 ? 0 : term.documents[start - 1]
        for place in start..<term.documents.count {
            let gap = UInt64(term.documents[place] - previous) << 1
            previous = term.documents[place]
            let frequency = term.frequencies[place]
            tail.varint(frequency == 1 ? gap | 1 : gap)
            if frequency > 1 { tail.varint(UInt64(frequency)) }
            guard !term.firsts.isEmpty else { continue }
            positionBytes.varint(UInt64(term.firsts[place]))
            for _ in 1..<frequency { positionBytes.varint(UInt64(term.takeFurther())) }
        }
        return tail
    }

    // MARK: Dense

    private mutating func encodeDense() -> ByteWriter {
        let windows = PostingsFormat.windows(documentCount)
        var bytes = ByteWriter(
            capacity: windows * (PostingsFormat.windowEntryBytes + PostingsFormat.windowBytes))
        var bitmaps = ByteWriter(capacity: windows * PostingsFormat.windowBytes)
        var exceptions = ByteWriter()
        var start = 0
        for window in 0..<windows {
            let first = UInt32(window * PostingsFormat.windowCount)
            var end = start
            var bitmap = [UInt8](repeating: 0, count: PostingsFormat.windowBytes)
            var parts = PartCounts()
            while end < term.documents.count,
                term.documents[end] - first < PostingsFormat.windowCount
            {
                let place = Int(term.documents[end] - first)
                bitmap[place / 8] |= 1 << UInt8(place % 8)
                parts.add(place / PostingsFormat.windowPart, term.frequencies[end])
                end += 1
            }
            bitmaps.bytes(bitmap)
            let places = start..<end
            bytes.u32(UInt32(start))
            bytes.u32(UInt32(exceptions.count))
            bytes.u32(UInt32(positionBytes.count))
            let documents = term.documents
            let count = term.exceptions(
                places, escape: PostingsFormat.windowEscape, into: &exceptions
            ) { place, code in UInt16(code) | UInt16(documents[place] - first) << 4 }
            let bits = WindowBits(
                positionWidth: term.packPositions(places, into: &positionBytes), exceptions: count,
                largestFrequency: places.isEmpty ? 0 : term.largestFrequency(places))
            bytes.u32(bits.rawValue)
            parts.encode(into: &bytes)
            start = end
        }
        bytes.bytes(bitmaps.bytes)
        bytes.bytes(exceptions.bytes)
        return bytes
    }
}

/// What the parts of a window hold of a term.
private struct PartCounts {
    private static let parts = PostingsFormat.windowCount / PostingsFormat.windowPart

    private var documents = [Int](repeating: 0, count: parts)
    private var exceptions = [Int](repeating: 0, count: parts)
    private var distances = [Int](repeating: 0, count: parts)

    mutating func add(_ part: Int, _ frequency: UInt32) {
        documents[part] += 1
        guard frequency > 1 else { return }
        exceptions[part] += 1
        distances[part] += Int(frequency) - 1
    }

    /// Appends what comes before each part.
    func encode(into bytes: inout ByteWriter) {
        for counts in [documents, exceptions, distances] {
            var before = 0
            for count in counts {
                bytes.u16(UInt16(clamping: before))
                before += count
            }
        }
    }
}

/// The postings of the term at hand.
private struct TermPostings {
    var documents: [UInt32] = []
    var frequencies: [UInt32] = []
    /// The first position of each document; empty for a term without positions.
    var firsts: [UInt32] = []
    /// Distances of all further positions, and how many have been written.
    var further: [UInt32] = []
    private var furtherIndex = 0

    mutating func removeAll() {
        documents.removeAll(keepingCapacity: true)
        frequencies.removeAll(keepingCapacity: true)
        firsts.removeAll(keepingCapacity: true)
        further.removeAll(keepingCapacity: true)
        furtherIndex = 0
    }

    /// Adds all documents of a term.
    mutating func add(_ gathered: borrowing GatheredTerm, _ content: TermContent) {
        let count = gathered.count
        documents = Self.array(count) { gathered.document($0) }
        guard content != .documents else {
            frequencies = Array(repeating: 1, count: count)
            return
        }
        frequencies = Self.array(count) { UInt32(gathered.places($0).count) }
        guard content == .positions else { return }
        firsts = Self.array(count) { unsafe gathered.positions[gathered.places($0).lowerBound] }
        guard gathered.occurrences > count else { return }
        for index in 0..<count {
            let places = gathered.places(index)
            for place in places.dropFirst() {
                further.append(unsafe gathered.positions[place] - gathered.positions[place - 1])
            }
        }
    }

    @inline(__always)
    private static func array(_ count: Int, _ element: (Int) -> UInt32) -> [UInt32] {
        unsafe Array(unsafeUninitializedCapacity: count) { elements, initialized in
            for index in 0..<count { unsafe elements[index] = element(index) }
            initialized = count
        }
    }

    mutating func takeFurther() -> UInt32 {
        defer { furtherIndex += 1 }
        return further[furtherIndex]
    }

    func largestFrequency(_ places: Range<Int>) -> UInt32 {
        min(frequencies[places].max() ?? 0, PostingsFormat.frequencyCap)
    }

    /// Appends the exceptions among some documents and returns how many there are.
    func exceptions(
        _ places: Range<Int>, escape: UInt32, into data: inout ByteWriter,
        _ code: (_ place: Int, _ code: UInt32) -> UInt16
    ) -> Int {
        var count = 0
        for place in places where frequencies[place] > 1 {
            data.u16(code(place, min(frequencies[place] - 2, escape)))
            count += 1
        }
        for place in places where frequencies[place] > 1 && frequencies[place] - 2 >= escape {
            data.u32(frequencies[place])
        }
        return count
    }

    /// Appends the positions of some documents in one width, which it returns.
    mutating func packPositions(_ places: Range<Int>, into bytes: inout ByteWriter) -> Int {
        guard !firsts.isEmpty else { return 0 }
        var count = 0
        for place in places { count += Int(frequencies[place]) - 1 }
        let distances = further[furtherIndex..<furtherIndex + count]
        furtherIndex += count
        let all = firsts[places].reduce(0, |) | distances.reduce(0, |)
        let width = 32 - all.leadingZeroBitCount
        guard width > 0 else { return 0 }
        var bits = BitAppender(width: width)
        for first in firsts[places] { bits.append(first, to: &bytes) }
        for distance in distances { bits.append(distance, to: &bytes) }
        bits.finish(&bytes)
        return width
    }
}

/// Appends values of one width, lowest bit first.
private struct BitAppender {
    let width: Int
    private var word: UInt64 = 0
    private var filled = 0

    init(width: Int) { self.width = width }

    @inline(__always)
    mutating func append(_ value: UInt32, to bytes: inout ByteWriter) {
        word |= UInt64(value) << UInt64(filled)
        filled += width
        while filled >= 8 {
            bytes.u8(UInt8(truncatingIfNeeded: word))
            word >>= 8
            filled -= 8
        }
    }

    func finish(_ bytes: inout ByteWriter) {
        if filled > 0 { bytes.u8(UInt8(truncatingIfNeeded: word)) }
    }
}

/// Packs the 128 values of a block.
private struct BlockPacker {
    var values = [UInt32](repeating: 0, count: PostingsFormat.blockCount)
    private var packed = [UInt8](repeating: 0, count: 4 * PostingsFormat.blockCount)

    /// Appends the values in their smallest width, which it returns.
    mutating func pack(into data: inout ByteWriter) -> Int {
        let width = unsafe mspd_bits128(values)
        unsafe mspd_pack128(values, width, &packed)
        data.bytes(packed.rawSpan.extracting(first: 16 * Int(width)))
        return Int(width)
    }
}
