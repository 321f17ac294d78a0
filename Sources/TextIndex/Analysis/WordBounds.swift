// Where people see words in a script without spaces: by the dictionaries of the Unicode library,
// for what is shown to them. What is found does not depend on it: terms are pairs of characters.

import CUnicode

/// Finds the words of texts; not thread safe.
@safe package final class WordBounds {
    private let words: OpaquePointer
    private var bounds: [Int32] = []

    /// nil where the Unicode library cannot tell words.
    package init?() {
        guard let made = unsafe mspd_words_new() else { return nil }
        unsafe words = made
    }

    deinit { unsafe mspd_words_delete(words) }

    /// Where the words of a text, and what stands between them, begin and end: ascending, the first
    /// is 0 and the last the text's length.
    package func bounds(of text: [UInt8]) -> [Int] {
        if bounds.count <= text.count {
            bounds = [Int32](repeating: 0, count: 2 * text.count + 1)
        }
        let count = unsafe mspd_words_bounds(
            words, text, Int32(text.count), &bounds, Int32(bounds.count))
        return count > 0 ? bounds[..<Int(count)].map { Int($0) } : [0, text.count]
    }
}
