// Where documents hold a packed term first: asked for ahead, and read for a block's documents in
// one go. Most that hold the words of a phrase are told by it not to hold the phrase.

import CKernels
import Storage

/// Where a document holds a term.
struct FirstPlace {
    var document: UInt32 = 0
    /// The first position.
    var position: UInt32 = 0
    /// Whether it is the only one.
    var isOnce = false
}

/// Room for as many of them as documents are asked for.
@safe struct FirstPlaces {
    let base: UnsafeMutablePointer<FirstPlace>
    /// The places of the documents in their blocks, until they are read.
    let places: UnsafeMutablePointer<UInt32>
}

extension PackedPostings {
    /// Asks ahead for the first positions of a block's documents.
    func fetchFirsts(_ block: Int) {
        guard block < fullBlocks else { return }
        let count = PostingsFormat.blockCount / 8 * bits(block).positionWidth
        unsafe mspd_prefetch(bytes.positions(Int(bytes.u32(entry(block) + 8))), count)
    }

    /// Asks ahead for the first positions of some documents of a full block.
    func fetchFirsts(_ block: Int, _ some: Range<Int>, _ firsts: FirstPlaces) {
        let width = bits(block).positionWidth
        let start = Int(bytes.u32(entry(block) + 8))
        for at in some {
            let place = unsafe start &+ Int(firsts.places[at]) &* width / 8
            unsafe mspd_prefetch(bytes.positions(place), 1)
        }
    }

    /// Reads where some documents of a full block hold the term.
    func readFirsts(_ block: Int, _ some: Range<Int>, _ firsts: FirstPlaces) {
        guard !some.isEmpty else { return }
        let width = bits(block).positionWidth
        let start = Int(bytes.u32(entry(block) + 8))
        let isThere = bytes.holdsPositions(start, PostingsFormat.blockCount, width: width)
        for at in some {
            let place = unsafe Int(firsts.places[at])
            let position = isThere ? bytes.position(start, place, width: width) : 0
            unsafe firsts.base[at].position = position
            unsafe firsts.base[at].isOnce = true
        }
        var next = some.lowerBound
        forEachException(block) { place, _ in
            while unsafe next < some.upperBound && firsts.places[next] < place { next += 1 }
            guard next < some.upperBound else { return false }
            if unsafe firsts.places[next] == place { unsafe firsts.base[next].isOnce = false }
            return true
        }
    }

    /// Reads where some documents of the tail, whose frequencies are known, hold the term.
    func readTailFirsts(
        _ frequencies: UnsafePointer<UInt32>, _ some: Range<Int>, _ firsts: FirstPlaces
    ) {
        let start = min(Int(bytes.u32(dataStart)), bytes.positionsCount)
        var tail = unsafe TailFirsts(
            next: bytes.positions(start), end: bytes.positions(bytes.positionsCount),
            frequencies: frequencies)
        for at in some {
            let place = unsafe Int(firsts.places[at])
            unsafe firsts.base[at].position = tail.next(place) ?? 0
            unsafe firsts.base[at].isOnce = frequencies[place] == 1
        }
    }
}

/// Reads the first positions of a tail from front to back, for as long as the term's bytes live.
@safe private struct TailFirsts {
    private var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let frequencies: UnsafePointer<UInt32>
    private var index = 0

    init(
        next: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>,
        frequencies: UnsafePointer<UInt32>
    ) {
        unsafe (self.next, self.end, self.frequencies) = (next, end, frequencies)
    }

    /// The first position of the document at a place, which no one before had; nil where it does
    /// not decode.
    mutating func next(_ place: Int) -> UInt32? {
        var left = 0
        while index < place {
            unsafe left += Int(frequencies[index])
            index += 1
        }
        while left > 0, unsafe next < end {
            // The last byte of a number has no upper bit.
            left -= unsafe next.pointee < 128 ? 1 : 0
            unsafe next += 1
        }
        defer { index = place }
        var here = unsafe next
        return unsafe readVarint(&here, end: end).map { UInt32(truncatingIfNeeded: $0) }
    }
}
