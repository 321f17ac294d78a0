// The reply to one request, as bytes ready to send. Every line ends in LF and begins with its kind
// and the request's id; fields are separated by TAB. The array forms are for replies of a few
// lines; rows in a hot loop are written with beginRow, field and endRow, which allocate nothing
// but the bytes themselves.

/// Builds the lines of a reply.
package struct Reply: Sendable {
    /// The lines so far.
    package private(set) var bytes: [UInt8] = []
    /// Whether rows are JSON objects.
    package private(set) var json: Bool
    /// The request's id with its `#`, empty when it has none.
    private var label: [UInt8]
    /// Whether the row being written has a field already.
    private var rowHasField = false

    /// An empty reply to the request with this id.
    package init(id: String?, json: Bool) {
        self.json = json
        label = Reply.label(id)
    }

    /// Starts over for another request, keeping the memory when it is not much.
    mutating func restart(id: String?, json: Bool) {
        self.json = json
        label = Reply.label(id)
        if bytes.capacity > 1 << 20 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
    }

    /// `+ word word`; `+ ok` when no word is given.
    package mutating func done(_ words: String...) {
        begin(UInt8(ascii: "+"))
        for word in words.isEmpty ? ["ok"] : words {
            bytes.append(UInt8(ascii: " "))
            Writer.plain(word.utf8Span.span, into: &bytes)
        }
        bytes.append(0x0A)
    }

    /// `+` and what follows the id, line end included.
    mutating func constant(_ rest: [UInt8]) {
        begin(UInt8(ascii: "+"))
        bytes += rest
    }

    /// `+ ok` and fields.
    package mutating func done(fields: [(String, Field)]) {
        begin(UInt8(ascii: "+"))
        bytes.append(contentsOf: " ok".utf8)
        plain(fields)
    }

    /// `- CLASS.reason`, whether the same request may succeed later, and a text for a person.
    package mutating func failed(_ code: String, retry: Bool = false, _ text: String) {
        begin(UInt8(ascii: "-"))
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: code.utf8)
        bytes.append(contentsOf: retry ? "\tretry=1\t".utf8 : "\tretry=0\t".utf8)
        Writer.plain(text.utf8Span.span, into: &bytes)
        bytes.append(0x0A)
    }

    /// One row.
    package mutating func row(_ fields: [(name: String, value: Field)]) {
        beginRow()
        for (name, value) in fields { field(name: name, value) }
        endRow()
    }

    /// The end of the rows: `.` and fields, never JSON.
    package mutating func end(_ fields: [(String, Field)] = []) {
        begin(UInt8(ascii: "."))
        plain(fields)
    }

    /// Starts a row; fields follow, then `endRow`.
    package mutating func beginRow() {
        begin(UInt8(ascii: "="))
        rowHasField = false
        if json { bytes.append(contentsOf: "\t{".utf8) }
    }

    /// Ends the row.
    package mutating func endRow() {
        if json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(0x0A)
    }

    /// A field of the row that was begun.
    package mutating func field(name: String, _ value: Field) {
        switch value {
        case .text(let text): field(name: name, text: text)
        case .bytes(let value): field(name: name, bytes: value)
        case .integer(let value): field(name: name, integer: value)
        case .number(let value, let decimals): field(name: name, number: value, decimals: decimals)
        case .decimal(let value): field(name: name, decimal: value)
        case .flag(let value): field(name: name, flag: value)
        }
    }

    /// A field with a text.
    package mutating func field(name: String, text: String) {
        field(name: name, span: text.utf8Span.span)
    }

    /// A field with bytes: UTF-8 or, in the plain form, anything.
    package mutating func field(name: String, bytes value: [UInt8]) {
        field(name: name, span: value.span)
    }

    /// A field with bytes that lie elsewhere.
    package mutating func field(name: String, span value: Span<UInt8>) {
        open(name)
        if json { Writer.json(value, into: &bytes) } else { Writer.plain(value, into: &bytes) }
    }

    /// A field with an integer.
    package mutating func field(name: String, integer value: Int64) {
        open(name)
        Writer.integer(value, into: &bytes)
    }

    /// A field with a number of 0...9 decimals; what is not finite is `nan`, `inf` or `-inf`, in
    /// JSON `null`.
    package mutating func field(name: String, number value: Double, decimals: Int) {
        open(name)
        if !Writer.number(value, decimals: decimals, into: &bytes) {
            bytes.append(contentsOf: json ? "null".utf8 : "\(value)".utf8)
        }
    }

    /// A field with a number as short as it can be read back; what is not finite as above.
    package mutating func field(name: String, decimal value: Double) {
        open(name)
        bytes.append(contentsOf: json && !value.isFinite ? "null".utf8 : "\(value)".utf8)
    }

    /// A field with a truth value.
    package mutating func field(name: String, flag value: Bool) {
        open(name)
        bytes.append(
            contentsOf: json ? (value ? "true".utf8 : "false".utf8) : (value ? "1".utf8 : "0".utf8))
    }

    private mutating func begin(_ kind: UInt8) {
        bytes.append(kind)
        bytes.append(contentsOf: label)
    }

    /// Writes the separator and the name of the next field of a row.
    private mutating func open(_ name: String) {
        if json {
            if rowHasField { bytes.append(UInt8(ascii: ",")) }
            rowHasField = true
            Writer.json(name.utf8Span.span, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
        } else {
            bytes.append(0x09)
            bytes.append(contentsOf: name.utf8)
            bytes.append(UInt8(ascii: "="))
        }
    }

    /// Writes the fields of a closing line and its end.
    private mutating func plain(_ fields: [(String, Field)]) {
        let rowsAreJSON = json
        json = false
        for (name, value) in fields { field(name: name, value) }
        json = rowsAreJSON
        bytes.append(0x0A)
    }

    private static func label(_ id: String?) -> [UInt8] {
        id.map { [UInt8(ascii: "#")] + Array($0.utf8) } ?? []
    }
}
