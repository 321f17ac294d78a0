// Indexes the words of a row that have accents by these too, and such of its words without accents
// as it also has with some: so "this word as it is written" is asked of terms alone. Most words
// have no accents, and cost no more than a look at their bytes.

import TextIndex

/// The words of one row after the other; not thread safe.
struct WrittenWords {
    private let forms: WrittenForm
    /// Numbers of the row's words that have accents, and of those that have none.
    private var accented: Set<Int> = []
    private var plain: [Int] = []

    init(_ language: Language) {
        forms = WrittenForm(language)
    }

    /// Begins a row; false when none of its words has accents.
    mutating func begin(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        accented.removeAll(keepingCapacity: true)
        plain.removeAll(keepingCapacity: true)
        return unsafe forms.mayHaveAccents(text, 0..<text.count)
    }

    /// Adds a word of the row, which the index has under a number, to the index as it is written.
    mutating func add(
        _ number: Int, _ term: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>, _ document: UInt32, _ token: UInt32, to index: MutableIndex
    ) {
        guard let form = unsafe forms.form(of: term, text, range) else {
            plain.append(number)
            return
        }
        unsafe index.add(.written, form, document: document, position: token)
        accented.insert(number)
    }

    /// Ends the row: adds its words without accents that it has with some too.
    mutating func end(_ document: UInt32, _ tokens: UInt32, in index: MutableIndex) {
        guard !accented.isEmpty else { return }
        for number in plain where accented.remove(number) != nil {
            let term = unsafe TermKey.plainWritten(Array(index.bytesInPlace(ofTerm: number)))
            unsafe term.withUnsafeBufferPointer { term in
                unsafe index.add(
                    .written, UnsafeBufferPointer(rebasing: term[1...]), document: document,
                    position: tokens)
            }
        }
    }
}
