// Whether what is in a segment file makes sense: for a file whose every checksum holds, so what is
// found here was written wrongly, not damaged later. Walks rows, columns, titles, keys and postings
// and holds them against each other. Each part ends with its first finding.

import Storage
import TextIndex
import VectorIndex

/// The check of one open segment.
struct SegmentCheck {
    private let segment: Segment
    private let pace: Pace
    private var found: [SectionDamage] = []
    /// Of the rows: those with text, and those with a key.
    private var textCount: UInt64 = 0
    private var keyCount = 0

    init(_ segment: Segment, _ pace: Pace) {
        self.segment = segment
        self.pace = pace
    }

    /// Everything that is wrong.
    mutating func run() -> [SectionDamage] {
        attempt(.rows) { (check) throws(SectionDamage) in try check.checkRows() }
        attempt(.keys) { (check) throws(SectionDamage) in try check.checkKeys() }
        attempt(.vectors) { (check) throws(SectionDamage) in try check.checkVectors() }
        attempt(.summary) { (check) throws(SectionDamage) in try check.checkText() }
        return pace.wasCancelled ? [] : found
    }

    private mutating func attempt(
        _ section: SegmentSection, _ part: (inout Self) throws(SectionDamage) -> Void
    ) {
        do throws(SectionDamage) { try part(&self) } catch { found.append(error) }
    }

    /// A finding in a section, at an offset in it.
    private func damage(_ id: UInt32, _ offset: UInt64, _ what: String) -> SectionDamage {
        SectionDamage(section: id, offset: segment.offset(ofSection: id) + offset, what: what)
    }

    private func damage(_ id: SegmentSection, _ offset: UInt64, _ what: String) -> SectionDamage {
        damage(id.rawValue, offset, what)
    }

    private func stored<Value>(
        _ section: SegmentSection, _ body: () throws(StorageError) -> Value
    ) throws(SectionDamage) -> Value {
        do throws(StorageError) { return try body() } catch {
            throw damage(section, 0, "\(error)")
        }
    }

    // MARK: Rows

    private mutating func checkRows() throws(SectionDamage) {
        var previous: Annotation?
        var document: UInt32 = 0
        for block in 0..<segment.rowBlockCount where !pace.wasCancelled {
            let place = try stored(.rowIndex) { () throws(StorageError) in
                (try segment.entry(block), try segment.entry(block + 1))
            }
            guard place.0.first == document else {
                throw damage(.rowIndex, UInt64(block * 16), "a block that begins elsewhere")
            }
            var cursor = try stored(.rows) { () throws(StorageError) in try segment.cursor(block) }
            while document < place.1.first {
                guard let row = row(document, &cursor) else {
                    throw damage(.rows, place.0.offset, "row \(document) does not parse")
                }
                try check(row, document, after: previous)
                previous = row
                document += 1
            }
            guard cursor.isAtEnd else {
                throw damage(.rows, place.0.offset, "bytes after the block's last row")
            }
        }
        guard document == segment.documentCount || pace.wasCancelled else {
            throw damage(.rowIndex, 0, "\(document) rows of \(segment.documentCount)")
        }
    }

    private func row(_ document: UInt32, _ cursor: inout RowBlockCursor) -> Annotation? {
        var row = ByteWriter()
        guard (try? cursor.advance()) != nil,
            (try? segment.append(document, cursor, to: &row)) != nil
        else { return nil }
        return try? Annotation(row: row.bytes.rawSpan)
    }

    private mutating func check(
        _ row: Annotation, _ document: UInt32, after previous: Annotation?
    ) throws(SectionDamage) {
        guard segment.sequence(document) > 0 else {
            throw damage(.sequences, 0, "row \(document) was written by no operation")
        }
        if let previous, row.precedes(previous, { false }) {
            throw damage(.rows, 0, "row \(document) is out of order")
        }
        if !(row.text ?? []).isEmpty { textCount += 1 }
        if !row.key.isEmpty {
            keyCount += 1
            guard segment.candidates(title: row.title, key: row.key).contains(document) else {
                throw damage(.keys, 0, "the key of row \(document) leads elsewhere")
            }
        }
    }

    // MARK: Keys

    private mutating func checkKeys() throws(SectionDamage) {
        guard found.isEmpty, !pace.wasCancelled else { return }
        guard segment.keyCount == keyCount else {
            throw damage(.keys, 0, "the keys are not those of the rows")
        }
    }

    // MARK: Vectors

    private func checkVectors() throws(SectionDamage) {
        guard let stored = segment.vectors?.part.stored else { return }
        for vector in 0..<stored.count where !pace.wasCancelled {
            guard stored[vector].allSatisfy(\.isFinite) else {
                throw damage(.vectors, 0, "vector \(vector) has a number that is not finite")
            }
        }
    }

    // MARK: Text

    private mutating func checkText() throws(SectionDamage) {
        var check = TextCheck(segment.text, pace)
        let finding = check.run()
        if let finding {
            throw damage(finding.section.rawValue, finding.offset, finding.what)
        }
        guard found.isEmpty, !pace.wasCancelled else { return }
        guard segment.statistics.documents == textCount else {
            throw damage(.summary, 8, "\(textCount) rows have text, not as many as it says")
        }
        guard segment.statistics.tokens == check.tokens else {
            throw damage(.summary, 16, "\(check.tokens) words, not as many as it says")
        }
    }
}
