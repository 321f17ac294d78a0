// Which documents of a window can reach a score: the weights of all that a document holds are
// added up as bytes, for 64 documents an instruction, before one of them is looked at. From the
// idea of MaxScore (Turtle & Flood, "Query evaluation: strategies and optimizations", 1995), which
// draws one line between words that are enough together and those that are not; here every
// combination is told apart, but for the rounding.

import CKernels

/// Items of a window with what each can add.
///
/// An item is a word that occurs, or one that occurs again.
@safe struct WindowSums: ~Copyable {
    /// Makes up for the rounding of a sum of bounds.
    static let padding: Float = 1.00001
    /// A sum of bytes says no more than that so many are there.
    static let countMax = 255
    /// The sum of bytes that stands for the score to reach, some below the largest.
    private static let full: Float = 240

    private let pointers: FixedList<UnsafePointer<UInt64>?>
    private let weights: FixedList<Float>
    private let bytes: FixedList<UInt8>
    private var count = 0
    /// What every document of the window may add beside its items.
    private var always: Float = 0

    /// Room for two items for each of so many words.
    init(words: Int) {
        unsafe pointers = FixedList(repeating: nil, count: 2 * words)
        weights = FixedList(repeating: 0, count: 2 * words)
        bytes = FixedList(repeating: 0, count: 2 * words)
    }

    mutating func removeAll() { (count, always) = (0, 0) }

    /// Adds what every document may add.
    mutating func addAlways(_ weight: Float) { always += weight }

    /// Adds an item: what the documents whose bits are set may add.
    mutating func add(_ bits: UnsafePointer<UInt64>, _ weight: Float) {
        unsafe pointers[count] = bits
        weights[count] = weight
        count += 1
    }

    /// Keeps in `selected` what may reach `bar`; tells whether that was asked, of documents that
    /// hold none of the items too.
    @discardableResult
    func keep(in selected: borrowing FixedList<UInt64>, reaching bar: Float) -> Bool {
        let missing = bar - always * Self.padding
        guard missing > 0, missing < .infinity else { return false }
        let scale = Self.full / missing * Self.padding
        // What is rounded down is made up for by the sum that is asked for.
        var rounded: Float = 0
        for index in 0..<count {
            let exact = min(weights[index] * scale, 255)
            let byte = exact.rounded()
            rounded += max(exact - byte, 0)
            bytes[index] = UInt8(byte)
        }
        let least = (Self.full - rounded * Self.padding).rounded(.down)
        guard least >= 1 else { return false }
        unsafe mspd_window_reach(
            selected.base, pointers.base, bytes.base, Int32(count), Int32(least))
        return true
    }

    /// Keeps in `selected` what has so many of the items, as far as bytes can tell.
    func keep(in selected: borrowing FixedList<UInt64>, holding least: Int) {
        guard least > 0 else { return }
        for index in 0..<count { bytes[index] = 1 }
        unsafe mspd_window_reach(
            selected.base, pointers.base, bytes.base, Int32(count), Int32(min(least, Self.countMax))
        )
    }
}
