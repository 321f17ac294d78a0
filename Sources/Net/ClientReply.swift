// A reply as a client reads it: rows, then the line that ends it.

/// One whole reply.
package struct ClientReply: Sendable, Equatable {
    /// What the last line says.
    package enum Kind: Sendable, Equatable {
        /// `+`
        case done
        /// `-`
        case failed
        /// `.`
        case end
    }

    /// The fields of a line in their order.
    package struct Row: Sendable, Equatable {
        /// Names and unescaped values; of a JSON row, one field without a name.
        package let fields: [Pair]

        /// The first value of this name.
        package subscript(name: String) -> String? {
            fields.first { $0.name == name }?.value
        }
    }

    /// A name and its value.
    package struct Pair: Sendable, Equatable {
        /// Empty for a field without `=`.
        package let name: String
        /// Escapes undone; what is not UTF-8 is repaired.
        package let value: String
    }

    /// The `=` lines.
    package let rows: [Row]
    /// What the last line begins with.
    package let kind: Kind
    /// The label of the last line, without `#`.
    package let id: String?
    /// What stands before the first TAB of the last line: the words of `+`, the code of `-`.
    package let words: String
    /// The fields of the last line; the text of `-` has no name.
    package let fields: Row

    /// `CLASS.reason` of a failure.
    package var code: String? { kind == .failed ? words : nil }
    /// The text of a failure for a person.
    package var text: String? { kind == .failed ? fields.fields.last?.value : nil }
    /// Whether a failed request may succeed later.
    package var retry: Bool { fields["retry"] == "1" }

    /// Reads the lines of one reply; nil when the last one does not end it or another one does.
    package init?(lines: [[UInt8]]) {
        guard let last = lines.last, let kind = ClientReply.kind(of: last) else { return nil }
        self.kind = kind
        var rows: [Row] = []
        for line in lines.dropLast() {
            guard line.first == UInt8(ascii: "=") else { return nil }
            rows.append(Row(fields: ClientReply.split(line).fields))
        }
        self.rows = rows
        var (front, fields) = ClientReply.split(last, endsWithText: kind == .failed)
        id = ClientReply.takeLabel(&front)
        words = front
        self.fields = Row(fields: fields)
    }

    /// What a line ends, or nil when it ends nothing.
    static func kind(of line: [UInt8]) -> Kind? {
        switch line.first {
        case UInt8(ascii: "+"): .done
        case UInt8(ascii: "-"): .failed
        case UInt8(ascii: "."): .end
        default: nil
        }
    }

    /// What comes after the first byte up to the first TAB, and the fields after it, of which the
    /// last may be a sentence: what looks like a name there is a part of it.
    private static func split(
        _ line: [UInt8], endsWithText: Bool = false
    ) -> (front: String, fields: [Pair]) {
        let parts = line.dropFirst().split(separator: 0x09, omittingEmptySubsequences: false)
        let fields = parts.indices.dropFirst().map { index in
            let part = parts[index]
            let isText = endsWithText && index == parts.count - 1
            let isJSON = part.first == UInt8(ascii: "{")
            guard !isJSON, !isText, let equals = part.firstIndex(of: UInt8(ascii: "=")),
                !part[..<equals].contains(0x20)
            else {
                return Pair(name: "", value: isJSON ? raw(part) : unescaped(part))
            }
            return Pair(name: raw(part[..<equals]), value: unescaped(part[(equals + 1)...]))
        }
        return (parts.first.map(unescaped) ?? "", Array(fields))
    }

    private static func takeLabel(_ front: inout String) -> String? {
        var id: String?
        if front.hasPrefix("#") {
            let end = front.firstIndex(of: " ") ?? front.endIndex
            id = String(front[front.index(after: front.startIndex)..<end])
            front = String(front[end...])
        }
        if front.hasPrefix(" ") { front.removeFirst() }
        return id
    }

    private static func raw(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(0x5C) else { return raw(bytes) }
        var out: [UInt8] = []
        var escaped = false
        for byte in bytes {
            if escaped {
                switch byte {
                case UInt8(ascii: "t"): out.append(0x09)
                case UInt8(ascii: "n"): out.append(0x0A)
                case UInt8(ascii: "r"): out.append(0x0D)
                default: out.append(byte)
                }
                escaped = false
            } else if byte == 0x5C {
                escaped = true
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
