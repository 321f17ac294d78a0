// Writes the text index of a segment file: terms in order, each with its documents in order, the
// lengths of the documents at last.

package import Storage

/// Gathers the text sections of a segment and appends them to its file; not thread safe.
package struct TextSectionsWriter {
    private var dictionary = TermDictionaryWriter()
    private var postings: PostingsWriter

    /// An empty text index of so many documents.
    ///
    /// What has no room in `memory` bytes waits in files beside `path` until `write` or `discard`.
    package init(
        beside path: String, memory: Int, documents: UInt32, in fs: any FileSystem
    ) {
        postings = PostingsWriter(
            postings: Spool(path + ".postings", limit: memory / 2, in: fs),
            positions: Spool(path + ".positions", limit: memory / 2, in: fs), documents: documents)
    }

    /// Adds a document to the term at hand, of a word by its ordinal; documents and positions
    /// ascend.
    package mutating func add(document: UInt32, positions: ArraySlice<UInt32>) {
        postings.add(document: document, positions: positions)
    }

    /// Adds a document to the term at hand, with its positions as gaps; none for a stem.
    @inline(__always)
    package mutating func add(document: UInt32, frequency: UInt32, gaps: ArraySlice<UInt32>) {
        postings.add(document: document, frequency: frequency, gaps: gaps)
    }

    /// Adds all documents of the term at hand.
    mutating func add(_ gathered: borrowing GatheredTerm, _ content: TermContent) {
        postings.add(gathered, content)
    }

    /// Ends the term at hand.
    ///
    /// Terms ascend by their bytes. A term without documents is left out.
    package mutating func finish(term: [UInt8]) throws(StorageError) {
        guard let info = try postings.finishTerm() else { return }
        dictionary.add(term, info)
    }

    /// Appends the sections to a file; `lengths` has a code for each document, and makes `order`.
    package func write(
        to file: SectionFileWriter, lengths: [UInt8], order: TextOrder
    ) throws(StorageError) {
        file.begin(TextSection.postings.rawValue)
        try postings.postings.copy(to: file)
        file.begin(TextSection.positions.rawValue)
        try postings.positions.copy(to: file)
        let (terms, index) = dictionary.sections()
        file.begin(TextSection.terms.rawValue)
        try file.append(terms)
        file.begin(TextSection.termIndex.rawValue)
        try file.append(index)
        file.begin(TextSection.lengths.rawValue)
        try file.append(lengths)
        file.begin(TextSection.order.rawValue)
        var column = PackedColumnWriter()
        for document in order.documents { column.append(Int64(document)) }
        try file.append(column.finish())
    }

    /// Gives the files up that it needed on the way.
    package func discard() {
        postings.postings.discard()
        postings.positions.discard()
    }
}
