// What is not to be written: constructs that crash or look at the world from where they should not,
// leftovers, and names that mean nothing outside the place of development.

enum WordingRules {
    /// Rules about code and comments of one Swift file.
    static func check(_ file: SourceFile) -> [Finding] {
        guard file.isSwift else { return [] }
        return banned(file) + uncheckedSendable(file)
    }

    private static func banned(_ file: SourceFile) -> [Finding] {
        var phrases = ["try!", "as!", "fatalError()"]
        if file.room != nil { phrases += ["Foundation", "FoundationEssentials", "Date()"] }
        // Only the program itself talks to a terminal and reads clocks.
        if let room = file.room, room != "mspd" { phrases += ["print(", "ContinuousClock"] }
        return findings(file.path, file.code, phrases)
    }

    /// A promise that the compiler does not check is explained on the line above.
    private static func uncheckedSendable(_ file: SourceFile) -> [Finding] {
        file.code.indices.compactMap { index in
            guard file.code[index].contains("@unchecked Sendable") else { return nil }
            let above = index > 0 ? file.lines[index - 1].drop { $0 == " " } : ""
            if above.hasPrefix("//") { return nil }
            return Finding(
                path: file.path, line: index + 1, message: "@unchecked Sendable without a reason")
        }
    }

    /// Words put together here so that this file does not hold them.
    private static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    private static let workplace = ["/wo" + "rk/", ".lib" + "rary", "far" + "m-"]

    /// Notes to oneself, in code, comments or documents.
    static func leftovers(_ file: SourceFile) -> [Finding] {
        findings(file.path, file.lines, leftovers)
    }

    /// The project speaks of itself alone.
    static func workplace(_ file: SourceFile) -> [Finding] {
        findings(file.path, file.lines, workplace)
    }

    private static func findings(
        _ path: String, _ lines: [String], _ phrases: [String]
    ) -> [Finding] {
        lines.enumerated().flatMap { index, line in
            phrases.filter { holds(line, $0) }.map {
                Finding(path: path, line: index + 1, message: "holds \($0)")
            }
        }
    }

    /// Whether `line` holds `phrase` as a word: where the phrase begins or ends with a letter, no
    /// letter, digit or underscore may stand beside it; nor a full stop before it (a member).
    private static func holds(_ line: String, _ phrase: String) -> Bool {
        let (line, phrase) = (Array(line.utf8), Array(phrase.utf8))
        guard let first = phrase.first, let last = phrase.last, line.count >= phrase.count
        else { return false }
        return (0...(line.count - phrase.count)).contains { start in
            guard line[start] == first, line[start...].starts(with: phrase) else { return false }
            let end = start + phrase.count
            if isWord(first), start > 0 {
                if isWord(line[start - 1]) || line[start - 1] == UInt8(ascii: ".") { return false }
            }
            return !(isWord(last) && end < line.count && isWord(line[end]))
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
