// The first one or two tokens of a request line: the label and the verb. Enough to decide who
// answers and when, without reading the rest.

/// Where the label and the verb of a line are.
package struct LineHead {
    /// The longest label.
    static let idBytes = 64

    /// The label without its `#`; empty at the line's start when there is none.
    private(set) var id = 0..<0
    /// Whether the line begins with `#`.
    private(set) var hasID = false
    /// Whether there is no label, or one of 1...64 printable bytes.
    private(set) var idIsSound = true
    /// The token after the label.
    package private(set) var verb = 0..<0
    /// Whether anything but spaces follows the verb.
    private(set) var hasMore = false

    /// Reads the beginning of a line.
    package init(_ line: Span<UInt8>) {
        var at = LineHead.skipSpaces(line, from: 0)
        if at < line.count, line[at] == UInt8(ascii: "#") {
            hasID = true
            let start = at + 1
            at = start
            while at < line.count, line[at] != 0x20 {
                if line[at] < 0x21 || line[at] > 0x7E { idIsSound = false }
                at += 1
            }
            id = start..<at
            if id.isEmpty || id.count > LineHead.idBytes { idIsSound = false }
            at = LineHead.skipSpaces(line, from: at)
        }
        let start = at
        while at < line.count, line[at] != 0x20 { at += 1 }
        verb = start..<at
        hasMore = LineHead.skipSpaces(line, from: at) < line.count
    }

    /// The label as replies carry it; nil without one, or when it is not sound.
    func label(in line: Span<UInt8>) -> String? {
        guard hasID, idIsSound else { return nil }
        var bytes: [UInt8] = []
        Writer.append(line.extracting(id), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func skipSpaces(_ line: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < line.count, line[at] == 0x20 { at += 1 }
        return at
    }
}
