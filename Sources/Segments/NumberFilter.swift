// Keeps a search to annotations whose numbers lie in ranges. In a segment they are looked up in
// columns, of documents that match otherwise; where so many match that a look through the column
// is less work, and few documents are left by it, those few lead the evaluation.

import Storage
import TextIndex

/// A number that an annotation must have, in one of several ranges.
///
/// Of several numbers of one name the first counts.
package struct NumberCondition: Sendable, Equatable {
    /// The attribute.
    package let name: [UInt8]
    /// What its value must lie in, ends included.
    package let ranges: [ClosedRange<Double>]

    /// The attribute `name` must lie in one of the ranges.
    package init(name: [UInt8], ranges: [ClosedRange<Double>]) {
        self.name = name
        self.ranges = ranges
    }

    func holds(_ number: Double) -> Bool { ranges.contains { $0.contains(number) } }

    /// The ranges among numbers that sort as the values do; there, zero comes after minus zero.
    fileprivate var sortable: [ClosedRange<Int64>] {
        ranges.map { range in
            let lower = range.lowerBound == 0 ? -0.0 : range.lowerBound
            let upper = range.upperBound == 0 ? 0.0 : range.upperBound
            return SortableNumber.value(lower.bitPattern)...SortableNumber.value(upper.bitPattern)
        }
    }
}

/// The number conditions of a search in one part of a track; serves one evaluation.
final class NumberFilter {
    /// Looking at a match costs about as much as so many values of a column.
    private static let valuesForMatch = 8

    private enum Test {
        case columns(present: PackedColumn, values: PackedColumn, within: [ClosedRange<Int64>])
        case rows(NumberCondition)
        case never
    }

    private let source: Source
    private let tests: [Test]
    private let reader: RowReader?
    /// What is wrong with a row that had to be read.
    private var damage: StorageError?

    init(_ conditions: [NumberCondition], _ source: Source) {
        self.source = source
        guard case .segment(let segment) = source else {
            tests = conditions.map { .rows($0) }
            reader = nil
            return
        }
        reader = RowReader(segment)
        tests = conditions.map { condition in
            switch segment.attributes.numbers(condition.name) {
            case .columns(let present, let values):
                return .columns(present: present, values: values, within: condition.sortable)
            case .rows: return .rows(condition)
            case .nowhere: return .never
            }
        }
    }

    /// Makes the conditions part of an evaluation: in `titles` only, or in all where there are
    /// none.
    func apply(to query: inout BoundQuery, _ filter: inout DocumentFilter, _ titles: [[UInt8]]?) {
        if let few = few(query, filter, titles) { query.restrict(to: few) }
        let (accepts, source) = (filter.accepts, source)
        filter.accepts = { [self] ordinal in
            guard accepts?(ordinal) ?? true else { return false }
            let document = source.document(ordinal)
            return tests.allSatisfy { holds(document, $0) }
        }
    }

    /// Throws when an answer was made without a row that cannot be read.
    func checkSound() throws(StorageError) {
        if let damage { throw damage }
    }

    private func holds(_ document: UInt32, _ test: Test) -> Bool {
        switch test {
        case .columns(let present, let values, let ranges):
            let value = values[Int(document)]
            return ranges.contains { $0.contains(value) } && present[Int(document)] != 0
        case .rows(let condition):
            return number(document, condition.name).map(condition.holds) ?? false
        case .never: return false
        }
    }

    /// A document's number, out of its row.
    private func number(_ document: UInt32, _ name: [UInt8]) -> Double? {
        if case .memtable(let view) = source {
            return unsafe Self.number(view.memtable.row(document), name)
        }
        guard let reader, damage == nil else { return nil }
        do {
            return try unsafe reader.withRow(document) { row throws(StorageError) in
                unsafe Self.number(row, name)
            }
        } catch {
            damage = error
            return nil
        }
    }

    private static func number(_ row: UnsafeBufferPointer<UInt8>, _ name: [UInt8]) -> Double? {
        guard let row = unsafe RowView(row) else { return nil }
        var attributes = unsafe row.attributes
        while let (itsName, type, value) = unsafe attributes.next() {
            guard type == .number, unsafe itsName.elementsEqual(name), value.count == 8 else {
                continue
            }
            let bits = unsafe UnsafeRawBufferPointer(value).loadUnaligned(as: UInt64.self)
            return Double(bitPattern: UInt64(littleEndian: bits))
        }
        return nil
    }

    /// The ordinals of all documents that the first condition in columns leaves, when they are few
    /// and it is less work to find them than to look at every match.
    private func few(
        _ query: BoundQuery, _ filter: DocumentFilter, _ titles: [[UInt8]]?
    ) -> [UInt32]? {
        guard case .segment(let segment) = source else { return nil }
        if tests.contains(where: { if case .never = $0 { true } else { false } }) { return [] }
        let columns = tests.lazy.compactMap { test in
            if case .columns(let present, let values, let ranges) = test {
                return (present, values, ranges)
            }
            return nil
        }
        let inReach = filter.ranges.reduce(0) { $0 + $1.count }
        guard let (present, values, ranges) = columns.first,
            min(query.matchesAtMost, inReach) > inReach / Self.valuesForMatch
        else { return nil }
        let most = BoundQuery.few(of: segment.documentCount)
        var ordinals: [UInt32] = []
        for documents in segment.documents(of: titles) {
            let isFew = values.forEach(in: documents, within: ranges) { document in
                guard present[document] != 0 else { return true }
                ordinals.append(segment.text.ordinal(UInt32(document)))
                return ordinals.count <= most
            }
            guard isFew else { return nil }
        }
        return ordinals.sorted()
    }
}

extension Segment {
    /// The documents of some titles, or all.
    fileprivate func documents(of titles: [[UInt8]]?) -> [Range<Int>] {
        guard let titles else { return [0..<Int(documentCount)] }
        return Set(titles).compactMap { self.titles[$0]?.documents }
            .map { Int($0.lowerBound)..<Int($0.upperBound) }
    }
}
