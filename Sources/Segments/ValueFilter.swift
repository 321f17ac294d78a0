// Keeps a search to annotations whose numbers lie in ranges and whose boxes overlap areas. In a
// segment they are looked up in columns, of documents that match otherwise; where so many match
// that a look through a column of numbers is less work, and few documents are left by it, those few
// lead the evaluation.

import Storage
import TextIndex
import VectorIndex

/// The conditions on numbers and boxes of a search in one part of a track; serves one evaluation.
final class ValueFilter {
    /// Looking at a match costs about as much as so many values of a column.
    private static let valuesForMatch = 8

    private enum Test {
        case numbers(present: PackedColumn, values: PackedColumn, within: [ClosedRange<Int64>])
        case boxes(present: PackedColumn, edges: [PackedColumn], BoxCondition)
        case numbersInRows(NumberCondition)
        case boxesInRows(BoxCondition)
        case never
    }

    private let source: Source
    private let tests: [Test]
    private let reader: RowReader?
    /// What is wrong with a row that had to be read.
    private var damage: StorageError?

    /// The conditions that a search has for a track; nil for none.
    init?(_ request: borrowing SearchRequest, _ track: UInt32, _ source: Source) {
        guard !request.numbers.isEmpty || !request.boxes.isEmpty else { return nil }
        let (numbers, boxes) = (request.numbers[track] ?? [], request.boxes[track] ?? [])
        guard !numbers.isEmpty || !boxes.isEmpty else { return nil }
        self.source = source
        guard case .segment(let segment) = source else {
            tests = numbers.map { .numbersInRows($0) } + boxes.map { .boxesInRows($0) }
            reader = nil
            return
        }
        reader = RowReader(segment)
        tests =
            numbers.map { Self.test($0, segment.attributes) }
            + boxes.map { Self.test($0, segment.attributes) }
    }

    private static func test(_ condition: NumberCondition, _ attributes: AttributeColumns) -> Test {
        switch attributes.place(AttributeLabel(name: condition.name, type: .number)) {
        case .columns(let planes):
            .numbers(present: planes[0], values: planes[1], within: condition.sortable)
        case .rows: .numbersInRows(condition)
        case .nowhere: .never
        }
    }

    private static func test(_ condition: BoxCondition, _ attributes: AttributeColumns) -> Test {
        switch attributes.place(AttributeLabel(name: condition.name, type: .box)) {
        case .columns(let planes):
            .boxes(present: planes[0], edges: Array(planes.dropFirst()), condition)
        case .rows: .boxesInRows(condition)
        case .nowhere: .never
        }
    }

    /// Makes the conditions part of an evaluation: in `titles` only, or in all where there are
    /// none.
    func apply(to query: BoundQuery, _ filter: inout DocumentFilter, _ titles: [[UInt8]]?) {
        if let few = few(query, filter, titles) { query.restrict(to: few) }
        let (accepts, source) = (filter.accepts, source)
        filter.accepts = { [self] ordinal in
            guard accepts?(ordinal) ?? true else { return false }
            let document = source.document(ordinal)
            return tests.allSatisfy { holds(document, $0) }
        }
    }

    /// Leaves of some documents those that meet the conditions.
    ///
    /// Of many, a column is looked through from its beginning to its end.
    func keep(in documents: inout VectorFilter) throws(StorageError) {
        for test in tests {
            if case .numbers(let present, let values, let ranges) = test,
                documents.count > documents.capacity / Self.valuesForMatch
            {
                var meeting = VectorFilter(documents: documents.capacity)
                values.forEach(in: 0..<documents.capacity, within: ranges) { document in
                    if present[document] != 0 { meeting.insert(document) }
                    return true
                }
                documents.formIntersection(meeting)
            } else {
                documents.keep(where: { holds($0, test) })
            }
        }
        try checkSound()
    }

    /// Throws when an answer was made without a row that cannot be read.
    func checkSound() throws(StorageError) {
        if let damage { throw damage }
    }

    private func holds(_ document: UInt32, _ test: Test) -> Bool {
        let place = Int(document)
        switch test {
        case .numbers(let present, let values, let ranges):
            let value = values[place]
            return ranges.contains { $0.contains(value) } && present[place] != 0
        case .boxes(let present, let edges, let condition):
            guard present[place] != 0 else { return false }
            let bits = SIMD4(
                edges[0][place], edges[1][place], edges[2][place], edges[3][place])
            return condition.holds(Box(SIMD4<UInt32>(truncatingIfNeeded: bits)))
        case .numbersInRows(let condition):
            return value(document, condition.name, .number, words: 2).map { words in
                let bits = UInt64(words[0]) | UInt64(words[1]) << 32
                return condition.holds(Double(bitPattern: bits))
            } ?? false
        case .boxesInRows(let condition):
            return value(document, condition.name, .box, words: 4).map { words in
                condition.holds(Box(words))
            } ?? false
        case .never: return false
        }
    }

    /// A document's attribute of so many words, out of its row.
    private func value(
        _ document: UInt32, _ name: [UInt8], _ type: AttributeType, words: Int
    ) -> SIMD4<UInt32>? {
        if case .memtable(let view) = source {
            return unsafe Self.value(view.memtable.row(document), name, type, words)
        }
        guard let reader, damage == nil else { return nil }
        do {
            return try unsafe reader.withRow(document) { row throws(StorageError) in
                unsafe Self.value(row, name, type, words)
            }
        } catch {
            damage = error
            return nil
        }
    }

    private static func value(
        _ row: UnsafeBufferPointer<UInt8>, _ name: [UInt8], _ type: AttributeType, _ words: Int
    ) -> SIMD4<UInt32>? {
        guard let row = unsafe RowView(row) else { return nil }
        var attributes = unsafe row.attributes
        while let (itsName, itsType, value) = unsafe attributes.next() {
            guard itsType == type, unsafe itsName.elementsEqual(name), value.count == 4 * words
            else { continue }
            var found = SIMD4<UInt32>.zero
            for word in 0..<words {
                let bits = unsafe UnsafeRawBufferPointer(value).loadUnaligned(
                    fromByteOffset: 4 * word, as: UInt32.self)
                found[word] = UInt32(littleEndian: bits)
            }
            return found
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
            if case .numbers(let present, let values, let ranges) = test {
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
            let isFew = values.forEach(in: documents.asInts, within: ranges) { document in
                guard present[document] != 0 else { return true }
                ordinals.append(segment.text.ordinal(UInt32(document)))
                return ordinals.count <= most
            }
            guard isFew else { return nil }
        }
        return ordinals.sorted()
    }
}

extension Box {
    /// The box of the bits of its four numbers.
    fileprivate init(_ bits: SIMD4<UInt32>) {
        self.init(
            x: Float(bitPattern: bits[0]), y: Float(bitPattern: bits[1]),
            width: Float(bitPattern: bits[2]), height: Float(bitPattern: bits[3]))
    }
}
