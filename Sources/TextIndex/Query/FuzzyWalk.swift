// Finds the words of a dictionary that are near one. What is known of each beginning of the word at
// hand is kept, so that a word is measured only from where it parts from the one before; and where
// no word can be near that begins like this one, the walk goes on at the first beginning that can.

package import Storage

extension TermDictionary {
    /// Calls `body` with each word that is near another (as `TermKey` builds it), in order, with
    /// its distance and where its postings lie.
    package func forEach(
        near distance: EditDistance, _ body: ([UInt8], Int, TermInfo) -> Void
    ) throws(StorageError) {
        var walk = FuzzyWalk(self, near: distance)
        try walk.run(body)
    }
}

/// One walk through the words of a dictionary.
@safe private struct FuzzyWalk: ~Copyable {
    private static let kind = TermKind.word.rawValue

    private let dictionary: TermDictionary
    private let distance: EditDistance
    /// What is known of each beginning of the term that was measured last, by its bytes.
    private let states: UnsafeMutablePointer<EditDistance.State>
    /// The bytes of that term; some are readable behind them.
    private let bytes: UnsafeMutablePointer<UInt8>
    /// How many of them were measured.
    private var depth = 0
    /// No term that has so many bytes in common with it is near.
    private var hopeless = Int.max

    init(_ dictionary: TermDictionary, near distance: EditDistance) {
        self.dictionary = dictionary
        self.distance = distance
        // The kind, four bytes for each character until it is hopeless, a key's bytes.
        let capacity = 1 + 4 * (distance.count + 3) + 8
        unsafe states = .allocate(capacity: capacity)
        unsafe states.initialize(repeating: distance.start, count: capacity)
        unsafe bytes = .allocate(capacity: capacity)
        unsafe bytes.initialize(repeating: 0, count: capacity)
        unsafe bytes[0] = Self.kind
    }

    deinit {
        unsafe states.deallocate()
        unsafe bytes.deallocate()
    }

    mutating func run(_ body: ([UInt8], Int, TermInfo) -> Void) throws(StorageError) {
        let first = TermDictionary.key(of: CollectionOfOne(Self.kind))
        var number = max(0, dictionary.firstBlock(from: 0, notBefore: first) - 1)
        while number < dictionary.blockCount {
            guard let next = try scan(number, body) else { return }
            number = next
        }
    }

    /// Looks through a block and tells which to look through next; nil when no word is left.
    private mutating func scan(
        _ number: Int, _ body: ([UInt8], Int, TermInfo) -> Void
    ) throws(StorageError) -> Int? {
        let following = number + 1 < dictionary.blockCount ? dictionary.key(number + 1) : .max
        var block = try dictionary.block(number)
        while block.next() {
            let shared = block.place > 0 ? block.shared : unsafe sharedBytes(block.rest)
            guard shared < hopeless else { continue }
            if shared == 0 {
                let kind = unsafe block.rest.first ?? 0
                guard kind <= Self.kind else { return nil }
                guard kind == Self.kind else {
                    (depth, hopeless) = (0, 1)
                    continue
                }
            }
            if measure(block, from: max(shared, 1)),
                let near = distance.distance(unsafe states[depth])
            {
                guard let info = block.readInfo() else { break }
                body(unsafe Array(UnsafeBufferPointer(start: bytes, count: depth)), near, info)
            }
            guard hopeless < .max else { continue }
            guard let next = nextKey() else { return nil }
            // The term could as well be the last of the block before one with its key.
            if next > following {
                return max(number + 1, dictionary.firstBlock(from: number + 1, notBefore: next) - 1)
            }
        }
        guard !block.isDamaged else { throw dictionary.damaged(number) }
        return number + 1
    }

    /// How many bytes the first term of a block has in common with what was measured last.
    private func sharedBytes(_ term: UnsafeBufferPointer<UInt8>) -> Int {
        var shared = 0
        while shared < depth, shared < term.count, unsafe term[shared] == bytes[shared] {
            shared += 1
        }
        return shared
    }

    /// Measures the block's term from a byte on; false, and `hopeless` is set, when none that
    /// begins with the bytes up to `depth` is near.
    @inline(__always)
    private mutating func measure(_ block: TermBlock, from start: Int) -> Bool {
        var at = start
        var state = unsafe states[at]
        while at < block.length {
            let byte = unsafe block.rest[at - block.shared]
            state = distance.after(state, byte)
            unsafe bytes[at] = byte
            at += 1
            unsafe states[at] = state
            if state.isHopeless {
                depth = at
                hopeless = at
                return false
            }
        }
        depth = at
        hopeless = .max
        return true
    }

    /// The key of a beginning before which no near word is left, nil when none is left at all.
    ///
    /// What is known to be hopeless becomes as short as it can.
    private mutating func nextKey() -> UInt64? {
        var end = hopeless
        while end > 1 {
            var start = end - 1
            while unsafe states[start].missing > 0 { start -= 1 }
            let state = unsafe states[start]
            hopeless = end
            // While an edit is left any character will do.
            if state.hasEditLeft {
                return end > 8 ? key(8) : key(end) &+ 1 &<< UInt64(64 - 8 * end)
            }
            if let next = distance.character(after: state, above: character(start, end)) {
                return key(start) | place(next, at: start)
            }
            end = start
        }
        return nil
    }

    /// The key of the first bytes.
    private func key(_ count: Int) -> UInt64 {
        let all = unsafe UInt64(
            bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
        return count < 8 ? all & ~(UInt64.max &>> UInt64(8 * count)) : all
    }

    /// The bytes of a character as one number.
    private func character(_ start: Int, _ end: Int) -> UInt32 {
        var character: UInt32 = 0
        for at in start..<end { character = unsafe character &<< 8 | UInt32(bytes[at]) }
        return character
    }

    /// A character as it stands in a key from a byte on.
    private func place(_ character: UInt32, at start: Int) -> UInt64 {
        let length = 4 - character.leadingZeroBitCount / 8
        let shift = 64 - 8 * (start + length)
        return shift >= 0 ? UInt64(character) << UInt64(shift) : UInt64(character) >> UInt64(-shift)
    }
}
