// A row as encoders get it: a JSON object on a line of its own, with PUT's names. Times are whole
// milliseconds from the first frame, as LOAD reads them.

import Segments

enum RowJSON {
    /// The line of a row, with its end.
    static func line(_ row: Annotation) -> [UInt8] {
        var line = Array("{\"in\":\(row.start / 1_000_000),\"out\":\(row.end / 1_000_000)".utf8)
        func add(_ name: String, _ text: [UInt8]) {
            line += Array(",\"\(name)\":".utf8)
            quote(text, into: &line)
        }
        if !row.key.isEmpty { add("key", row.key) }
        if let text = row.text, !text.isEmpty { add("text", text) }
        for attribute in row.attributes where attribute.type == .keyword || attribute.type == .text
        {
            line += Array(",".utf8)
            quote(attribute.name, into: &line)
            line += Array(":".utf8)
            quote(attribute.value, into: &line)
        }
        return line + Array("}\n".utf8)
    }

    private static func quote(_ text: [UInt8], into line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case 0..<32:
                let digits = String(byte, radix: 16)
                line += Array((byte < 16 ? "\\u000" : "\\u00").utf8) + Array(digits.utf8)
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
