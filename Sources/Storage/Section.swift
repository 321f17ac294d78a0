// One section of an open file: bytes in place, each page checked when it is first used.
//
// A bit per page remembers that the page was found good. Two threads may both check a page; both
// come to the same answer, since mapped files never change. Readers check bounds all the same: a
// checksum finds damage, not malice.

package import Synchronization

/// Bytes of one section, which keep the file mapped.
///
/// Safe: `base` points into a mapping that this object owns, the bits into memory of its own.
@safe package final class Section: Sendable {
    /// Where a section and its page checksums lie in the mapped file.
    struct Place {
        var id: UInt32
        var fileID: UInt64
        var offset: UInt64
        var count: Int
        /// Offset of the first page's checksum in the file.
        var checksums: Int
    }

    /// The id it was written with.
    package let id: UInt32
    /// How many bytes it has.
    package let count: Int
    /// Where it begins in the file.
    package let offset: UInt64
    /// The first byte; aligned to 64, valid while this object lives, unchecked until verified.
    package nonisolated(unsafe) let base: UnsafeRawPointer

    private let map: MappedFile
    private let fileID: UInt64
    private let checksums: Int
    /// A set bit stands for a page known good.
    @usableFromInline nonisolated(unsafe) let goodPages: UnsafeMutablePointer<Atomic<UInt64>>

    init(of map: MappedFile, at place: Place) {
        self.map = map
        id = place.id
        fileID = place.fileID
        offset = place.offset
        count = place.count
        checksums = place.checksums
        unsafe base = map.base + Int(place.offset)
        let words = Self.wordCount(place.count)
        unsafe goodPages = .allocate(capacity: words)
        for word in 0..<words { unsafe (goodPages + word).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe goodPages.deinitialize(count: Self.wordCount(count))
        unsafe goodPages.deallocate()
    }

    /// The path of the file.
    package var path: String { map.path }

    /// Makes sure that the pages under `range` are good; almost free when they are known to be.
    ///
    /// - Throws: `.corrupt` with file and offset when a page is not, or the range is not inside.
    @inlinable package func verify(_ range: Range<Int>) throws(StorageError) {
        // 14: the logarithm of SectionFileFormat.pageSize.
        let first = range.lowerBound &>> 14
        let last = (range.upperBound &- 1) &>> 14
        // One page, well inside, and known good: the usual case.
        if first == last, range.lowerBound >= 0, range.upperBound <= count {
            let word = unsafe goodPages[first &>> 6].load(ordering: .relaxed)
            if word &>> UInt64(truncatingIfNeeded: first & 63) & 1 == 1 { return }
        }
        try verifyPages(of: range)
    }

    /// Checks every page not checked yet.
    package func verifyAll() throws(StorageError) { try verify(0..<count) }

    /// The bytes in `range`, bounds checked and verified.
    @_lifetime(borrow self)
    @inlinable package func bytes(_ range: Range<Int>) throws(StorageError) -> RawSpan {
        try verify(range)
        let span = unsafe RawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    @usableFromInline func verifyPages(of range: Range<Int>) throws(StorageError) {
        guard range.lowerBound >= 0, range.upperBound <= count else {
            throw .corrupt(
                file: path, offset: offset,
                what: "section \(id): bytes \(range) asked for, of \(count)")
        }
        guard !range.isEmpty else { return }
        let pageSize = SectionFileFormat.pageSize
        for page in range.lowerBound / pageSize...(range.upperBound - 1) / pageSize {
            let bit = UInt64(1) << UInt64(page % 64)
            let known = unsafe goodPages[page / 64].load(ordering: .relaxed)
            guard known & bit == 0 else { continue }
            try check(page)
            _ = unsafe goodPages[page / 64].bitwiseOr(bit, ordering: .relaxed)
        }
    }

    /// Sums one page and holds it against the directory, which has been checked at opening.
    private func check(_ page: Int) throws(StorageError) {
        let start = page * SectionFileFormat.pageSize
        let length = min(SectionFileFormat.pageSize, count - start)
        let place = offset + UInt64(start)
        let crc = unsafe CRC32C.checksum(
            base + start, length, seed: SectionFileFormat.pageSeed(fileID: fileID, offset: place))
        let expected = unsafe map.base.loadUnaligned(
            fromByteOffset: checksums + page * 4, as: UInt32.self)
        guard crc == UInt32(littleEndian: expected) else {
            throw .corrupt(
                file: path, offset: place, what: "section \(id): page checksum differs")
        }
    }

    private static func wordCount(_ count: Int) -> Int {
        Int(SectionFileFormat.pageCount(UInt64(count))) / 64 + 1
    }
}
