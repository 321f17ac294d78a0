// One thing on a title's timeline in a track, and its form as bytes: the row. The same bytes stand
// in the write-ahead log, in a memtable and in a segment's stored blocks; docs/FORMAT.md has them.
//
// A row: title, key and text each as varint length and bytes (the text's length + 1, 0 for none),
// with in as a varint of nanoseconds and out - in as a varint between title and key; then the
// vector as a varint count of 32-bit floats and the floats; then a varint count of attributes, each
// a name, a type byte and a value, both with varint lengths, sorted by name and type.

package import Storage

/// The types of attributes; the raw value is their byte in a row.
package enum AttributeType: UInt8, Sendable, CaseIterable {
    /// Found by its whole value, folded.
    case keyword = 1
    /// A number, as 64-bit floating point.
    case number = 2
    /// Text that is kept and shown, not searched.
    case text = 3
    /// x, y, width, height as 32-bit fractions of the frame.
    case box = 4
    /// Bytes.
    case blob = 5
}

/// A named value of an annotation.
package struct Attribute: Sendable, Equatable {
    /// What the value is, in UTF-8.
    package var name: [UInt8]
    /// How the bytes are to be read.
    package var type: AttributeType
    /// UTF-8 for keyword and text; little-endian floats for number and box.
    package var value: [UInt8]

    /// A named value; the bytes fit the type.
    package init(name: [UInt8], type: AttributeType, value: [UInt8]) {
        self.name = name
        self.type = type
        self.value = value
    }

    /// Its name and type, by which attributes are sorted in a row.
    var label: AttributeLabel { AttributeLabel(name: name, type: type) }

    /// Reads an attribute of a row.
    init(_ reader: inout ByteReader) throws(DecodeError) {
        let label = try AttributeLabel(&reader)
        name = label.name
        type = label.type
        value = try reader.lengthPrefixed()
    }

    func encode(into row: inout ByteWriter) {
        label.encode(into: &row)
        row.lengthPrefixed(value)
    }
}

/// The name and type of an attribute.
struct AttributeLabel: Comparable {
    let name: [UInt8]
    let type: AttributeType

    static func < (a: AttributeLabel, b: AttributeLabel) -> Bool {
        a.name == b.name
            ? a.type.rawValue < b.type.rawValue : a.name.lexicographicallyPrecedes(b.name)
    }
}

extension AttributeLabel {
    init(_ reader: inout ByteReader) throws(DecodeError) {
        name = try reader.lengthPrefixed()
        guard let type = AttributeType(rawValue: try reader.u8()) else {
            throw DecodeError(offset: reader.position, expected: "an attribute's type")
        }
        self.type = type
    }

    func encode(into bytes: inout ByteWriter) {
        bytes.lengthPrefixed(name)
        bytes.u8(type.rawValue)
    }
}

/// One thing on a title's timeline, in a half-open range of nanoseconds from its first frame.
package struct Annotation: Sendable, Equatable {
    /// Name of the title.
    package var title: [UInt8]
    /// The in-time in nanoseconds, not negative.
    package var start: Int64
    /// At least `start`; equal for a point.
    package var end: Int64
    /// Names the annotation within its lane; empty for none.
    package var key: [UInt8]
    /// UTF-8 that is searched; nil for none.
    package var text: [UInt8]?
    /// Its vector; empty for none.
    package var vector: [Float]
    /// Further named values, by name where they were read from a row.
    package var attributes: [Attribute]

    /// An annotation; times are not negative and in order.
    package init(
        title: [UInt8], start: Int64, end: Int64, key: [UInt8] = [], text: [UInt8]? = nil,
        vector: [Float] = [], attributes: [Attribute] = []
    ) {
        self.title = title
        self.start = start
        self.end = end
        self.key = key
        self.text = text
        self.vector = vector
        self.attributes = attributes
    }

    /// Whether it has another value of some keyword than an annotation that has that too, such as
    /// another speaker; the keyword `name` does not count.
    package func contradicts(_ other: Annotation, except name: [UInt8]? = nil) -> Bool {
        attributes.contains { own in
            guard own.type == .keyword, own.name != name, let value = other.value(of: own.name)
            else { return false }
            return value != own.value
        }
    }

    /// The first value of an attribute.
    package func value(of name: [UInt8]) -> [UInt8]? {
        attributes.first { $0.name == name }?.value
    }
}

extension Annotation {
    /// Appends the row, after its length as a varint.
    package func encode(into rows: inout ByteWriter) {
        precondition(start >= 0 && end >= start, "times out of order")
        var row = ByteWriter(capacity: 64 + title.count + (text?.count ?? 0))
        row.lengthPrefixed(title)
        row.varint(UInt64(start))
        row.varint(UInt64(end - start))
        row.lengthPrefixed(key)
        row.varint(text.map { UInt64($0.count) + 1 } ?? 0)
        if let text { row.bytes(text) }
        row.varint(UInt64(vector.count))
        for value in vector { row.u32(value.bitPattern) }
        row.varint(UInt64(attributes.count))
        // Sorted, so that a segment need not keep an order.
        for attribute in attributes.sorted(by: { $0.label < $1.label }) {
            attribute.encode(into: &row)
        }
        rows.lengthPrefixed(row.bytes)
    }

    /// Reads a row without its length.
    package init(row: RawSpan) throws(DecodeError) {
        var reader = ByteReader(row)
        title = try reader.lengthPrefixed()
        let first = try reader.varint()
        let (last, overflow) = first.addingReportingOverflow(try reader.varint())
        guard !overflow, last <= UInt64(Int64.max) else {
            throw DecodeError(offset: reader.position, expected: "times that fit")
        }
        start = Int64(first)
        end = Int64(last)
        key = try reader.lengthPrefixed()
        let textCount = try reader.varint()
        text = textCount == 0 ? nil : try reader.array(Int(clamping: textCount - 1))
        vector = []
        for _ in 0..<(try reader.count(ofAtLeast: 4)) {
            vector.append(Float(bitPattern: try reader.u32()))
        }
        attributes = []
        for _ in 0..<(try reader.count(ofAtLeast: 3)) {
            attributes.append(try Attribute(&reader))
        }
        try reader.expectEnd()
    }
}
