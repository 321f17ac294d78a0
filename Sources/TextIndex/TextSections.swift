// The sections that the text index has in a segment file, read as a source of postings.

package import Storage

/// Section numbers of the text index in a segment file.
package enum TextSection: UInt32, Sendable, CaseIterable {
    case terms = 1
    case termIndex = 2
    case postings = 3
    case positions = 4
    /// One length code for each document.
    case lengths = 5
}

/// The text index of one open segment.
@safe package final class TextSections: PostingsSource, Sendable {
    /// The sorted terms.
    package let dictionary: TermDictionary
    let postings: Section
    let positions: Section
    private let lengths: Section

    /// Opens the sections of a file; throws when one is missing or does not fit.
    package init(_ file: SectionFile) throws(StorageError) {
        func section(_ id: TextSection) throws(StorageError) -> Section {
            if let section = file.section(id.rawValue) { return section }
            throw .corrupt(file: file.path, offset: 0, what: "it has no section \(id)")
        }
        guard
            let dictionary = try TermDictionary(
                terms: section(.terms), index: section(.termIndex))
        else {
            throw .corrupt(
                file: file.path, offset: try section(.termIndex).offset,
                what: "the term index does not fit the terms")
        }
        self.dictionary = dictionary
        postings = try section(.postings)
        positions = try section(.positions)
        lengths = try section(.lengths)
        try lengths.verifyAll()
    }

    /// Documents of the segment.
    package var documentCount: UInt32 { UInt32(clamping: lengths.count) }

    /// A length code for each document, checked when the file was opened.
    package var lengthCodes: UnsafePointer<UInt8> {
        unsafe lengths.base.assumingMemoryBound(to: UInt8.self)
    }

    /// A cursor over a term; nil when no document holds it.
    package func cursor(_ term: [UInt8]) throws(StorageError) -> PostingsCursor? {
        guard let info = try dictionary.find(term) else { return nil }
        return try cursor(info)
    }

    /// A cursor over postings that the dictionary names.
    package func cursor(_ info: TermInfo) throws(StorageError) -> PostingsCursor {
        try verify(info)
        return PostingsCursor(info, postings: postings, positions: positions)
    }

    /// Makes sure that a term's postings are good.
    func verify(_ info: TermInfo) throws(StorageError) {
        try verify(postings, info.postingsOffset, info.postingsCount)
        try verify(positions, info.positionsOffset, info.positionsCount)
    }

    /// Whether postings and positions have exactly these bytes.
    func hasExtent(postings: UInt64, positions: UInt64) -> Bool {
        UInt64(self.postings.count) == postings && UInt64(self.positions.count) == positions
    }

    private func verify(
        _ section: Section, _ offset: UInt64, _ count: UInt64
    ) throws(StorageError) {
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard !overflow, end <= UInt64(section.count) else {
            throw .corrupt(
                file: section.path, offset: section.offset,
                what: "the dictionary points past the end of section \(section.id)")
        }
        try section.verify(Int(offset)..<Int(end))
    }
}

/// Where an evaluation gets its postings: one segment, or what a search may see of a memtable.
package protocol PostingsSource: Sendable {
    /// Documents are numbered from 0 up to this.
    var documentCount: UInt32 { get }
    /// A length code for each document.
    var lengthCodes: UnsafePointer<UInt8> { get }
    /// A cursor at the first document that holds a term (as `TermKey` builds it), deleted documents
    /// included; nil when none does.
    func cursor(_ term: [UInt8]) throws(StorageError) -> PostingsCursor?
}
