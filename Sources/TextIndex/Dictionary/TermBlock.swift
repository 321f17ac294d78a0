// One block of a dictionary, read term by term; TermDictionaryWriter has the layout. Nothing is
// copied and nothing decoded that is not asked for, so that a walk costs little for each term that
// it passes.

import Storage

/// The terms of a block in order, for no longer than the dictionary lives.
@safe struct TermBlock {
    /// The place of the current term in the block; -1 before the first.
    private(set) var place = -1
    /// Bytes that the current term has in common with the one before.
    private(set) var shared = 0
    /// The bytes that follow them.
    private(set) var rest: UnsafeBufferPointer<UInt8>
    /// Bytes of the current term.
    private(set) var length = 0
    /// Whether something did not decode; the walk ended there.
    private(set) var isDamaged = false

    private let count: Int
    private let key: UInt64
    private var nextTerm: UnsafePointer<UInt8>
    private let termsEnd: UnsafePointer<UInt8>
    private var info = TermInfo(
        documentFrequency: 0, postingsOffset: 0, postingsCount: 0, positionsOffset: 0,
        positionsCount: 0)
    private var infoPlace = -1
    private var nextInfo: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    /// The block in `bytes`, which have been verified, of so many terms; the first has this key.
    init(_ bytes: UnsafeBufferPointer<UInt8>, count: Int, key: UInt64) {
        self.key = key
        let start = unsafe bytes.baseAddress.unsafelyUnwrapped
        unsafe end = start + bytes.count
        unsafe nextTerm = start
        unsafe rest = UnsafeBufferPointer(start: start, count: 0)
        let terms = unsafe readVarint(&nextTerm, end: end)
        if let terms, unsafe terms <= UInt64(end - nextTerm) {
            self.count = count
            unsafe termsEnd = nextTerm + Int(terms)
        } else {
            self.count = 0
            isDamaged = true
            unsafe termsEnd = nextTerm
        }
        unsafe nextInfo = termsEnd
    }

    /// Goes to the next term; false past the last.
    @inline(__always)
    mutating func next() -> Bool {
        guard place + 1 < count else {
            if unsafe nextTerm != termsEnd { isDamaged = true }
            return false
        }
        guard readTerm() else {
            isDamaged = true
            return false
        }
        place += 1
        return true
    }

    @inline(__always)
    private mutating func readTerm() -> Bool {
        guard place >= 0 else { return readFirst() }
        var (shared, rest) = (0, 0)
        if unsafe termsEnd - nextTerm >= 2, unsafe (nextTerm[0] | nextTerm[1]) < 128 {
            (shared, rest) = unsafe (Int(nextTerm[0]), Int(nextTerm[1]))
            unsafe nextTerm += 2
        } else {
            guard let first = readLength(), let second = readLength() else { return false }
            (shared, rest) = (first, second)
        }
        guard shared <= length, unsafe rest <= termsEnd - nextTerm else { return false }
        take(shared, rest)
        return true
    }

    private mutating func readFirst() -> Bool {
        guard let count = readLength(), unsafe count <= termsEnd - nextTerm else { return false }
        take(0, count)
        return unsafe TermDictionary.key(of: rest) == key
    }

    @inline(__always)
    private mutating func take(_ shared: Int, _ rest: Int) {
        self.shared = shared
        unsafe self.rest = UnsafeBufferPointer(start: nextTerm, count: rest)
        length = shared + rest
        unsafe nextTerm += rest
    }

    /// A number of bytes; nil when there can be no so many.
    private mutating func readLength() -> Int? {
        guard let length = unsafe readVarint(&nextTerm, end: termsEnd), length <= UInt32.max
        else { return nil }
        return Int(length)
    }

    /// Goes on to the first term that is not before another, and tells how many bytes the two have
    /// in common; nil past the last.
    mutating func seek(_ term: [UInt8]) -> Int? {
        var matched = 0
        while next() {
            // One that has more in common with the one before comes before `term` as that did.
            if shared > matched { continue }
            if shared < matched { return shared }
            while matched < term.count, matched < length,
                unsafe rest[matched - shared] == term[matched]
            {
                matched += 1
            }
            if matched == term.count { return matched }
            if matched < length, unsafe rest[matched - shared] > term[matched] { return matched }
        }
        return nil
    }

    /// The current term, made of the one before.
    func term(after previous: [UInt8]) -> [UInt8] {
        var term: [UInt8] = []
        term.reserveCapacity(length)
        term.append(contentsOf: previous.prefix(shared))
        unsafe term.append(contentsOf: rest)
        return term
    }

    /// Where the current term's postings lie; nil when that does not decode.
    mutating func readInfo() -> TermInfo? {
        while infoPlace < place {
            guard readNextInfo() else {
                isDamaged = true
                return nil
            }
            infoPlace += 1
        }
        return info
    }

    private mutating func readNextInfo() -> Bool {
        guard let frequency = unsafe readVarint(&nextInfo, end: end), frequency <= UInt32.max else {
            return false
        }
        info.documentFrequency = UInt32(frequency)
        if infoPlace < 0 {
            guard let postings = unsafe readVarint(&nextInfo, end: end),
                let positions = unsafe readVarint(&nextInfo, end: end)
            else { return false }
            info.postingsOffset = postings
            info.positionsOffset = positions
        } else {
            info.postingsOffset &+= info.postingsCount
            info.positionsOffset &+= info.positionsCount
        }
        guard let postingsCount = unsafe readVarint(&nextInfo, end: end),
            let positionsCount = unsafe readVarint(&nextInfo, end: end)
        else { return false }
        info.postingsCount = postingsCount
        info.positionsCount = positionsCount
        return true
    }
}
