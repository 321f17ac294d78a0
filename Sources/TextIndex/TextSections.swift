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
    /// A packed column: the document of each ordinal.
    case order = 6
}

/// The text index of one open segment.
///
/// Words and stems are indexed by ordinals, attributes by documents.
@safe package final class TextSections: PostingsSource, Sendable {
    /// Of one document in so many and more, ordinals are not looked for one by one.
    private static let manyShare = 32

    /// The sorted terms.
    package let dictionary: TermDictionary
    /// Documents by length.
    package let strata: [Stratum]
    /// All ordinals.
    package let everything: [Range<UInt32>]
    /// For each length code the ordinals of its documents.
    private let stratumOfCode: [Range<UInt32>]
    /// A length code for each ordinal.
    nonisolated(unsafe) package let lengthCodes: UnsafePointer<UInt8>
    let postings: Section
    let positions: Section
    private let lengths: Section
    private let order: PackedColumn

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
        let order = try section(.order)
        try order.verifyAll()
        guard let column = PackedColumn(order), column.count == lengths.count else {
            throw .corrupt(
                file: file.path, offset: order.offset, what: "the order does not fit the lengths")
        }
        self.order = column
        strata = unsafe TextOrder.strata(Self.bytes(lengths))
        everything = [0..<UInt32(clamping: lengths.count)]
        var ranges = [Range<UInt32>](repeating: 0..<0, count: 256)
        for stratum in strata { ranges[Int(stratum.lengthCode)] = stratum.documents }
        stratumOfCode = ranges
        let codes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(lengths.count, 1))
        for stratum in strata {
            unsafe (codes + Int(stratum.documents.lowerBound)).initialize(
                repeating: stratum.lengthCode, count: stratum.documents.count)
        }
        unsafe lengthCodes = UnsafePointer(codes)
    }

    deinit { unsafe lengthCodes.deallocate() }

    private static func bytes(_ lengths: Section) -> UnsafeBufferPointer<UInt8> {
        let start = unsafe lengths.base.assumingMemoryBound(to: UInt8.self)
        return unsafe UnsafeBufferPointer(start: start, count: lengths.count)
    }

    /// They come by length.
    package var isByLength: Bool { true }

    /// Documents of the segment.
    package var documentCount: UInt32 { UInt32(clamping: lengths.count) }

    /// A document's length code.
    package func lengthCode(of document: UInt32) -> UInt8 {
        unsafe Self.bytes(lengths)[Int(document)]
    }

    /// The documents without words, ascending.
    package var empty: [UInt32] { stratumOfCode[0].map { document($0) } }

    /// The document with an ordinal.
    @inline(__always)
    package func document(_ ordinal: UInt32) -> UInt32 {
        UInt32(clamping: min(max(order[Int(ordinal)], 0), Int64(documentCount) - 1))
    }

    /// The ordinal of a document.
    package func ordinal(_ document: UInt32) -> UInt32 {
        first(in: stratumOfCode[Int(lengthCode(of: document))], notBefore: document)
    }

    /// Whether the order has every document once, in its stratum and ascending there.
    func orderIsSound() -> Bool {
        strata.allSatisfy { stratum in
            var previous: Int64 = -1
            return stratum.documents.allSatisfy { ordinal in
                let document = order[Int(ordinal)]
                defer { previous = document }
                return document > previous && document < Int64(documentCount)
                    && lengthCode(of: UInt32(document)) == stratum.lengthCode
            }
        }
    }

    /// The ordinals of consecutive documents, in ascending order.
    package func ordinals(_ documents: Range<UInt32>) -> [Range<UInt32>] {
        guard documents != 0..<documentCount else { return everything }
        return strata.compactMap { stratum in
            let lower = first(in: stratum.documents, notBefore: documents.lowerBound)
            let rest = lower..<stratum.documents.upperBound
            let upper = first(in: rest, notBefore: documents.upperBound)
            return lower < upper ? lower..<upper : nil
        }
    }

    /// The first of a stratum's ordinals whose document is this one or later.
    private func first(in ordinals: Range<UInt32>, notBefore document: UInt32) -> UInt32 {
        var (low, high) = (ordinals.lowerBound, ordinals.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if self.document(middle) < document { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A cursor over the ordinals of a term's documents; nil when no document holds it.
    package func cursor(
        _ term: [UInt8], withPositions: Bool
    ) throws(StorageError) -> PostingsCursor? {
        guard let info = try dictionary.find(term) else { return nil }
        let cursor = try cursor(info, withPositions: withPositions)
        guard !TermKind.isByOrdinal(term) else { return cursor }
        return PostingsCursor(DecodedPostings(documents: ordinals(cursor)))
    }

    /// The ordinals of what a cursor over documents names, ascending: each is looked for, or, of
    /// many, the order is gone through once.
    private func ordinals(_ cursor: PostingsCursor) -> [UInt32] {
        var ordinals: [UInt32] = []
        guard cursor.documentFrequency < order.count / Self.manyShare else {
            var isNamed = [Bool](repeating: false, count: order.count)
            while cursor.document < documentCount {
                isNamed[Int(cursor.document)] = true
                cursor.advance()
            }
            for ordinal in 0..<documentCount where isNamed[Int(document(ordinal))] {
                ordinals.append(ordinal)
            }
            return ordinals
        }
        while cursor.document < documentCount {
            ordinals.append(ordinal(cursor.document))
            cursor.advance()
        }
        return ordinals.sorted()
    }

    /// A cursor over the documents of a term that is stored by documents; nil when none holds it.
    package func documents(_ term: [UInt8]) throws(StorageError) -> PostingsCursor? {
        try dictionary.find(term).map { info throws(StorageError) in
            try cursor(info, withPositions: false)
        }
    }

    /// A cursor over postings that the dictionary names, by ordinals or documents as they are
    /// stored.
    package func cursor(
        _ info: TermInfo, withPositions: Bool
    ) throws(StorageError) -> PostingsCursor {
        try verify(info, withPositions: withPositions)
        let bytes = TermBytes(info, postings: postings, positions: positions)
        return PostingsCursor(bytes, documents: documentCount, owner: self)
    }

    /// Makes sure that a term's postings are good.
    func verify(_ info: TermInfo, withPositions: Bool) throws(StorageError) {
        try verify(postings, info.postingsOffset, info.postingsCount)
        if withPositions { try verify(positions, info.positionsOffset, info.positionsCount) }
    }

    /// Checks everything that searches for words read, so that none of them has to.
    package func checkAll() throws(StorageError) {
        try dictionary.checkAll()
        try postings.verifyAll()
        try positions.verifyAll()
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

/// Where an evaluation gets its postings: one segment, or what a search may see of a memtable; an
/// object, so that it is handed around as one pointer.
package protocol PostingsSource: AnyObject, Sendable {
    /// Documents are numbered from 0 up to this.
    var documentCount: UInt32 { get }
    /// All of them, as a search that is kept to none walks them.
    var everything: [Range<UInt32>] { get }
    /// The documents by length, shortest first.
    var strata: [Stratum] { get }
    /// Whether the documents of a stratum are all of its length.
    var isByLength: Bool { get }
    /// A length code for each document.
    var lengthCodes: UnsafePointer<UInt8> { get }
    /// A cursor at the first document that holds a term (as `TermKey` builds it), deleted documents
    /// included; nil when none does.
    ///
    /// Without positions it must not be asked for any: they were not checked.
    func cursor(_ term: [UInt8], withPositions: Bool) throws(StorageError) -> PostingsCursor?
}

extension PostingsSource {
    /// A cursor that can be asked for everything.
    package func cursor(_ term: [UInt8]) throws(StorageError) -> PostingsCursor? {
        try cursor(term, withPositions: true)
    }
}
