// How many edits lie between a word and others: a character put in, left out, replaced, or two
// neighbours exchanged, no stretch of the word being edited twice (optimal string alignment).
//
// What is known of a beginning of another word is which beginnings of the wanted word it can become
// with how many edits. Two edits leave both within two characters of the same length, so that five
// bits tell that for a number of edits, and a few operations on bits take in the next character.

/// Measures words against one word.
@safe package final class EditDistance: Sendable {
    /// More edits cannot be asked for.
    package static let editsMax = 2

    /// What is known of a beginning of another word.
    ///
    /// Bit i of a set stands for the wanted word's first `characters` - 2 + i characters.
    struct State {
        /// What the beginning can become with two, one and no edits left to make: three sets, each
        /// a byte and within the next.
        fileprivate var sets: UInt32 = 0
        /// The same before the last character, where `characters` was one less.
        fileprivate var former: UInt32 = 0
        /// Whether the last character is the one that follows what bit i stood for before it.
        fileprivate var matches: UInt32 = 0
        /// The bytes that are there of a character of which some are missing.
        fileprivate var character: UInt32 = 0
        /// Whole characters; at most three beyond those of the wanted word.
        fileprivate var characters: Int32 = 0
        /// Bytes that are missing of a character.
        fileprivate(set) var missing: UInt8 = 0

        /// Whether no word that begins so is near.
        @inline(__always)
        var isHopeless: Bool { sets < 1 << 16 }

        /// Whether an edit can be left to make, so that any character may follow.
        @inline(__always)
        var hasEditLeft: Bool { sets & 0xFF00 != 0 }
    }

    /// Nothing measured yet.
    let start: State
    /// Characters of the word.
    let count: Int

    private let limit: Int
    private let signature: UInt32
    /// The word's characters between some that are none.
    nonisolated(unsafe) private let wanted: UnsafeMutablePointer<UInt32>
    /// For each number of characters of another word, the bits that stand for anything.
    nonisolated(unsafe) private let bounds: UnsafeMutablePointer<UInt32>

    /// Measures from a term as `TermKey` builds it, whose first byte is no character of the word.
    package init(to term: [UInt8], atMost limit: Int) {
        let limit = min(max(limit, 0), Self.editsMax)
        let word = Array(term.dropFirst())
        let characters = unsafe word.withUnsafeBufferPointer { unsafe Self.characters($0) }
        let count = characters.count
        self.limit = limit
        self.count = count
        signature = unsafe word.withUnsafeBufferPointer { unsafe Self.signature($0) }
        // A walk ends three characters behind the word; bits reach two to either side.
        unsafe wanted = .allocate(capacity: count + 8)
        unsafe wanted.initialize(repeating: .max, count: count + 8)
        for (place, character) in characters.enumerated() {
            unsafe wanted[place + 2] = character
        }
        unsafe bounds = .allocate(capacity: count + 4)
        for length in 0..<count + 4 {
            let bits = (0..<5).filter { (0...count).contains(length - 2 + $0) }
            unsafe bounds[length] = Self.threeSets &* bits.reduce(0) { $0 | 1 << UInt32($1) }
        }
        var start = State()
        // The beginning of no characters, whether edits are left or none.
        let nothing = Self.threeSets &<< UInt32(2 + 8 * (2 - limit))
        start.sets = unsafe Self.withLeftOut(nothing, bounds[0])
        self.start = start
    }

    deinit {
        unsafe wanted.deallocate()
        unsafe bounds.deallocate()
    }

    // MARK: Whole words

    /// The distance of a term, which has the same first byte; nil when it is too far.
    package func measure(_ term: [UInt8]) -> Int? {
        unsafe term.withUnsafeBufferPointer {
            unsafe measure(UnsafeBufferPointer(rebasing: $0.dropFirst()))
        }
    }

    /// The distance of a word; nil when it is too far.
    func measure(_ word: UnsafeBufferPointer<UInt8>) -> Int? {
        var state = start
        for place in word.indices {
            state = unsafe after(state, word[place])
            if state.isHopeless { return nil }
        }
        return distance(state)
    }

    /// Whether a word with a signature can be near: an edit changes two of its bits at most.
    @inline(__always)
    func canBeNear(_ signature: UInt32) -> Bool {
        (signature ^ self.signature).nonzeroBitCount <= 2 * limit
    }

    /// A bit for each character of a word, by the last bits of these.
    static func signature(_ word: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var (signature, left, last): (UInt32, UInt8, UInt8) = (0, 0, 0)
        for place in word.indices {
            last = unsafe word[place]
            left = left == 0 ? length(last) - 1 : left - 1
            if left == 0 { signature |= 1 << UInt32(last % 32) }
        }
        return left == 0 ? signature : signature | 1 << UInt32(last % 32)
    }

    // MARK: Character by character

    /// What is known after one more byte; nothing that is hopeless can be asked.
    @inline(__always)
    func after(_ state: State, _ byte: UInt8) -> State {
        if state.missing == 0, byte < 0xC0 { return after(state, character: UInt32(byte)) }
        return afterPart(state, byte)
    }

    private func afterPart(_ state: State, _ byte: UInt8) -> State {
        var next = state
        if state.missing == 0 {
            next.missing = Self.length(byte) - 1
            next.character = UInt32(byte)
            return next
        }
        next.missing -= 1
        next.character = state.character << 8 | UInt32(byte)
        return next.missing == 0 ? after(next, character: next.character) : next
    }

    @inline(__always)
    private func after(_ state: State, character: UInt32) -> State {
        let place = unsafe wanted + Int(state.characters)
        var matches: UInt32 = unsafe place[0] == character ? 1 : 0
        unsafe matches |= place[1] == character ? 2 : 0
        unsafe matches |= place[2] == character ? 4 : 0
        unsafe matches |= place[3] == character ? 8 : 0
        unsafe matches |= place[4] == character ? 16 : 0
        let exchanged = state.matches &>> 1 & matches &<< 1
        // The character is the one wanted; or put in or replaced; or the second of two exchanged.
        var sets = state.sets & (matches &* Self.threeSets)
        sets |= (state.sets | state.sets &>> 1) &<< 8
        sets |= (state.former & (exchanged &* Self.threeSets)) &<< 8
        var next = State()
        next.sets = unsafe Self.withLeftOut(sets, bounds[Int(state.characters) + 1])
        next.former = state.sets
        next.matches = matches
        next.characters = state.characters + 1
        return next
    }

    /// A number that takes a set to three.
    private static let threeSets: UInt32 = 0x01_01_01

    /// The sets within bounds, and what leaving out one or two characters adds to them.
    @inline(__always)
    private static func withLeftOut(_ sets: UInt32, _ bounds: UInt32) -> UInt32 {
        var sets = sets & bounds
        sets |= sets &<< 9 & bounds
        return sets | sets &<< 9 & bounds
    }

    /// The distance of a word that ends here; nil when it is too far.
    func distance(_ state: State) -> Int? {
        // A character that the end cuts short is one.
        let last = state.missing > 0 ? after(state, character: state.character) : state
        let bit = count - Int(last.characters) + 2
        guard (0..<5).contains(bit) else { return nil }
        let left = (0...2).first { last.sets >> UInt32(8 * $0 + bit) & 1 == 1 }
        return left.map { limit - 2 + $0 }
    }

    /// The first character after another with which a near word can go on; the state has no edit
    /// left, so that few can.
    func character(after state: State, above least: UInt32) -> UInt32? {
        let exchanged = state.former &>> 8 & state.matches &>> 1
        let place = unsafe wanted + Int(state.characters)
        var first = UInt32.max
        func take(_ set: UInt32, _ place: UnsafeMutablePointer<UInt32>) {
            var left = set
            while left != 0 {
                let next = unsafe place[left.trailingZeroBitCount]
                if next > least { first = min(first, next) }
                left &= left - 1
            }
        }
        unsafe take(state.sets &>> 16, place)
        unsafe take(exchanged, place - 1)
        return first == .max ? nil : first
    }

    // MARK: Characters

    /// Bytes of the character that begins with one; a byte that begins none is one.
    private static func length(_ first: UInt8) -> UInt8 {
        first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }

    /// The characters of a word, each as its bytes, the first one highest: so that they are in the
    /// order of their bytes.
    private static func characters(_ word: UnsafeBufferPointer<UInt8>) -> [UInt32] {
        var characters: [UInt32] = []
        var left: UInt8 = 0
        for place in word.indices {
            let byte = unsafe word[place]
            if left == 0 {
                left = length(byte)
                characters.append(0)
            }
            characters[characters.count - 1] = characters[characters.count - 1] << 8 | UInt32(byte)
            left -= 1
        }
        return characters
    }
}
