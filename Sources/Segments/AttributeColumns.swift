// The typed attributes of a segment's rows by document: keywords, numbers and boxes, in columns
// that are read without touching a row. What has no place here (text, bytes, a second value of a
// name, a keyword beyond the dictionary's bounds) stays in the rows.
//
// The section `attributes` is a varint count, then for each attribute, sorted by name and type, its
// name (varint length) and type byte. The columns of attribute i are the sections
// `AttributeColumns.firstSection` + 8 * i + plane:
//     keyword   0: the place of the value in the dictionary + 1, 0 for none
//               1: where each value of the dictionary ends   2: the values' bytes
//     number    0: 1 where there is a value   1: the value, as a number that sorts as it does
//     box       0: 1 where there is a value   1 to 4: the bits of x, y, width, height

import Storage

/// The attribute columns of one open segment.
package struct AttributeColumns: Sendable {
    /// The section of the first plane of the first attribute.
    package static let firstSection: UInt32 = 256
    /// Sections from one attribute to the next.
    package static let sectionsEach: UInt32 = 8
    /// Attributes that have columns at most.
    package static let mostAttributes = 64
    /// Values that a keyword's dictionary holds at most.
    package static let mostValues = 65_536
    /// Bytes that a keyword's dictionary holds at most.
    package static let mostValueBytes = 1 << 20

    private var columns: [Column] = []

    private struct Column {
        let label: AttributeLabel
        let planes: [PackedColumn]
        /// The bytes of a keyword's values.
        let values: Section?
    }

    /// Opens the columns of a file with so many documents.
    init(_ file: SectionFile, documents: Int) throws(StorageError) {
        let section = try Self.section(SegmentSection.attributes.rawValue, file)
        var reader = ByteReader(try section.bytes(0..<section.count))
        var labels: [AttributeLabel] = []
        do {
            for _ in 0..<(try reader.count(ofAtLeast: 2)) {
                let label = try AttributeLabel(&reader)
                guard label.type.planes > 0, labels.last.map({ $0 < label }) ?? true,
                    labels.count < Self.mostAttributes
                else { throw DecodeError(offset: reader.position, expected: "another attribute") }
                labels.append(label)
            }
            try reader.expectEnd()
        } catch {
            throw .corrupt(file: file.path, offset: section.offset, what: "attributes: \(error)")
        }
        for (index, label) in labels.enumerated() {
            let first = Self.firstSection + UInt32(index) * Self.sectionsEach
            let isKeyword = label.type == .keyword
            var planes: [PackedColumn] = []
            for plane in 0..<UInt32(label.type.planes) {
                planes.append(try Self.plane(first + plane, file))
            }
            let isWhole = planes.enumerated().allSatisfy { plane, column in
                column.count == documents || isKeyword && plane == 1
            }
            guard isWhole else {
                throw .corrupt(
                    file: file.path, offset: section.offset,
                    what: "an attribute has not as many values as there are documents")
            }
            let values = isKeyword ? try Self.section(first + 2, file) : nil
            try values?.verifyAll()
            columns.append(Column(label: label, planes: planes, values: values))
        }
    }

    private static func section(
        _ id: UInt32, _ file: SectionFile
    ) throws(StorageError) -> Section {
        if let section = file.section(id) { return section }
        throw .corrupt(
            file: file.path, offset: 0, what: "it has no section \(SegmentFormat.sectionName(id))")
    }

    private static func plane(
        _ id: UInt32, _ file: SectionFile
    ) throws(StorageError) -> PackedColumn {
        let section = try section(id, file)
        try section.verifyAll()
        if let column = PackedColumn(section) { return column }
        throw .corrupt(
            file: file.path, offset: section.offset,
            what: "\(SegmentFormat.sectionName(id)) is no column")
    }

    // MARK: Values

    /// Appends the attributes of a document as a row has them, their count first.
    ///
    /// `more` are those that are in the row itself, in the same form.
    func append(
        _ document: UInt32, and more: RawSpan, to row: inout ByteWriter
    ) throws(DecodeError) {
        let document = Int(document)
        var stored = try Self.attributes(more)[...]
        row.varint(UInt64(stored.count + columns.count { has(document, $0) }))
        for column in columns where has(document, column) {
            while let next = stored.first, next.label < column.label {
                next.encode(into: &row)
                stored.removeFirst()
            }
            column.label.encode(into: &row)
            try appendValue(document, column, to: &row)
        }
        for attribute in stored { attribute.encode(into: &row) }
    }

    /// The attributes that a row has itself; no bytes for none.
    private static func attributes(_ bytes: RawSpan) throws(DecodeError) -> [Attribute] {
        guard bytes.byteCount > 0 else { return [] }
        var reader = ByteReader(bytes)
        var attributes: [Attribute] = []
        for _ in 0..<(try reader.count(ofAtLeast: 3)) { attributes.append(try Attribute(&reader)) }
        try reader.expectEnd()
        return attributes
    }

    /// Where the values of an attribute are.
    enum Place {
        /// In columns, all its planes.
        case columns([PackedColumn])
        /// In the rows, since there was no room for further columns.
        case rows
        /// No document has one.
        case nowhere
    }

    /// Where the values of an attribute are; of several that a document has, the first one.
    func place(_ label: AttributeLabel) -> Place {
        if let column = columns.first(where: { $0.label == label }) {
            return .columns(column.planes)
        }
        return columns.count < Self.mostAttributes ? .nowhere : .rows
    }

    private func has(_ document: Int, _ column: Column) -> Bool {
        column.planes[0][document] != 0
    }

    private func appendValue(
        _ document: Int, _ column: Column, to row: inout ByteWriter
    ) throws(DecodeError) {
        guard let values = column.values else {
            let planes = column.planes.dropFirst()
            if column.label.type == .number {
                row.varint(8)
                for plane in planes { row.u64(SortableNumber.bits(plane[document])) }
            } else {
                row.varint(16)
                for plane in planes { row.u32(UInt32(truncatingIfNeeded: plane[document])) }
            }
            return
        }
        let (places, ends) = (column.planes[0], column.planes[1])
        let place = places[document] &- 1
        guard place >= 0, place < ends.count else { throw Self.noValue }
        let start = place == 0 ? 0 : ends[Int(place) - 1]
        let end = ends[Int(place)]
        guard start >= 0, start <= end, end <= values.count,
            let value = try? values.bytes(Int(start)..<Int(end))
        else { throw Self.noValue }
        row.varint(UInt64(value.byteCount))
        row.bytes(value)
    }

    private static let noValue = DecodeError(offset: 0, expected: "a keyword of the dictionary")
}

extension AttributeType {
    /// Packed columns that an attribute of the type has; 0 for none.
    var planes: Int {
        switch self {
        case .keyword, .number: return 2
        case .box: return 5
        case .text, .blob: return 0
        }
    }
}

/// Floating-point numbers as integers that sort as they do.
enum SortableNumber {
    /// The integer of a number's bits.
    static func value(_ bits: UInt64) -> Int64 {
        let signed = Int64(bitPattern: bits)
        return signed < 0 ? signed ^ .max : signed
    }

    /// The number's bits.
    static func bits(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value < 0 ? value ^ .max : value)
    }
}
