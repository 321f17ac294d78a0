// Search results as aligned columns: title, in, out, speaker, line. Matched words come marked with
// [[ and ]]; on a terminal they turn bold, elsewhere the marks stay. Lines of context stand dim
// around the line that they belong to, set off from the next by an empty line.

/// Rows of a search, laid out for people.
struct ResultTable {
    private let rows: [[String]]
    private let widths: [Int]
    /// For each row but the first how far it is from the line that was found: 0 for that itself.
    private let distances: [Int]

    /// Rows that answer for a field's name with its value; `last` is what stands last.
    init(_ results: [(String) -> String?], last: String = "text") {
        let hasSpeakers = results.contains { $0("speaker") != nil }
        let names = ["title", "in", "out"] + (hasSpeakers ? ["speaker"] : []) + [last]
        var rows = [names.map { $0 == "text" ? "line" : $0 }]
        for result in results {
            rows.append(names.map { Terminal.harmless((result($0) ?? "").replacingNewlines) })
            if let count = result("alike") {
                rows[rows.count - 1][names.count - 1] += " (\(count)x)"
            }
        }
        self.rows = rows
        distances = results.map { $0("context").flatMap { Int($0) } ?? 0 }
        widths = names.indices.map { column in
            rows.reduce(0) { max($0, Terminal.width($1[column])) }
        }
    }

    /// The table; `colour` sets headings dim and matches bold.
    func text(colour: Bool) -> String {
        var text = ""
        for (index, row) in rows.enumerated() {
            let isContext = index > 0 && distances[index - 1] != 0
            if index > 1, startsBlock(index - 1) { text += "\n" }
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : Terminal.padded(cell, to: widths[column]) + "  "
            }
            if colour {
                let isDim = index == 0 || isContext
                line = isDim ? "\u{1B}[2m\(line)\u{1B}[0m" : Self.emphasised(line)
            }
            text += line + "\n"
        }
        return text
    }

    /// Whether a row is the first of those around one line, where there is context at all.
    private func startsBlock(_ place: Int) -> Bool {
        guard distances.contains(where: { $0 != 0 }) else { return false }
        return distances[place - 1] >= 0 && distances[place] <= 0
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
