// Search results as aligned columns: title, in, out, speaker, line. Matched words come marked with
// [[ and ]]; on a terminal they turn bold, elsewhere the marks stay.

/// Rows of a search, laid out for people.
struct ResultTable {
    private let rows: [[String]]
    private let widths: [Int]

    /// Rows that answer for a field's name with its value.
    init(_ results: [(String) -> String?]) {
        let hasSpeakers = results.contains { $0("speaker") != nil }
        let names = ["title", "in", "out"] + (hasSpeakers ? ["speaker"] : []) + ["text"]
        var rows = [names.map { $0 == "text" ? "line" : $0 }]
        for result in results {
            rows.append(names.map { Terminal.harmless((result($0) ?? "").replacingNewlines) })
        }
        self.rows = rows
        widths = names.indices.map { column in
            rows.reduce(0) { max($0, Terminal.width($1[column])) }
        }
    }

    /// The table; `colour` sets headings dim and matches bold.
    func text(colour: Bool) -> String {
        var text = ""
        for (index, row) in rows.enumerated() {
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : Terminal.padded(cell, to: widths[column]) + "  "
            }
            if colour {
                line = index == 0 ? "\u{1B}[2m\(line)\u{1B}[0m" : Self.emphasised(line)
            }
            text += line + "\n"
        }
        return text
    }

    private static func emphasised(_ line: String) -> String {
        var text = ""
        var rest = Substring(line)
        while let mark = rest.firstIndex(where: { $0 == "[" || $0 == "]" }) {
            text += rest[..<mark]
            let tail = rest[mark...]
            if tail.hasPrefix("[[") {
                text += "\u{1B}[1;33m"
                rest = tail.dropFirst(2)
            } else if tail.hasPrefix("]]") {
                text += "\u{1B}[0m"
                rest = tail.dropFirst(2)
            } else {
                text.append(tail[mark])
                rest = tail.dropFirst()
            }
        }
        return text + rest
    }
}

extension String {
    /// The text on one line.
    fileprivate var replacingNewlines: String {
        String(map { $0 == "\n" || $0 == "\t" || $0 == "\r\n" ? " " : $0 })
    }
}
