// How much a reader must take in at once: a file, a line, a function.

enum SizeRules {
    static let lineColumnsMax = 100
    static let functionLinesMax = 60

    /// A test file may be longer: tables of cases are read a row at a time.
    static func fileLinesMax(_ file: SourceFile) -> Int { file.isTest ? 600 : 400 }

    static func check(_ file: SourceFile) -> [Finding] {
        guard file.isSwift || file.isC else { return [] }
        return purpose(file) + fileLength(file) + lineLengths(file) + functionLengths(file)
    }

    /// A file begins by saying, in a `//` comment, what it is for.
    static func purpose(_ file: SourceFile) -> [Finding] {
        var lines = file.lines[...]
        if lines.first?.hasPrefix("// swift-tools-version") == true { lines = lines.dropFirst() }
        if let first = lines.first, first.hasPrefix("// "), first.utf8.count > 10 { return [] }
        return [Finding(path: file.path, line: 1, message: "does not begin with its purpose")]
    }

    static func fileLength(_ file: SourceFile) -> [Finding] {
        let limit = fileLinesMax(file)
        if file.lines.count <= limit { return [] }
        return [
            Finding(
                path: file.path, line: limit + 1,
                message: "\(file.lines.count) lines in a file, over \(limit)")
        ]
    }

    /// Only a comment that holds an address, which cannot be broken, may run on.
    static func lineLengths(_ file: SourceFile) -> [Finding] {
        file.lines.enumerated().compactMap { index, line in
            if line.count <= lineColumnsMax { return nil }
            if line.contains("//"), line.contains("https://") { return nil }
            return Finding(
                path: file.path, line: index + 1, message: "\(line.count) columns in a line")
        }
    }

    static func functionLengths(_ file: SourceFile) -> [Finding] {
        let lengths = file.isSwift ? swiftFunctions(file.code) : cFunctions(file.lines)
        return lengths.compactMap { line, length in
            if length <= functionLinesMax { return nil }
            return Finding(
                path: file.path, line: line, message: "\(length) lines in a function")
        }
    }

    /// First line and length of each function, initialiser and subscript with a body.
    private static func swiftFunctions(_ code: [String]) -> [(line: Int, length: Int)] {
        code.indices.compactMap { index in
            let isFunction = code[index].split { !($0.isLetter || $0 == "?") }.contains { word in
                ["func", "init", "init?", "deinit", "subscript"].contains(word)
            }
            guard isFunction, let end = bodyEnd(code, from: index) else { return nil }
            return (index + 1, end - index + 1)
        }
    }

    /// The line that closes the body which opens at or after line `start`, if there is a body.
    ///
    /// Braces inside parentheses belong to default arguments and are passed over.
    private static func bodyEnd(_ code: [String], from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<code.count {
            let line = code[index].drop { $0 == " " }
            let continues = ["{", "->", ")", "where", "throws", "async"].contains {
                line.hasPrefix($0)
            }
            if index > start, braces == 0, parentheses == 0, !continues { return nil }
            for character in line {
                switch character {
                case "(" where braces == 0: parentheses += 1
                case ")" where braces == 0: parentheses -= 1
                case "{" where parentheses <= 0: braces += 1
                case "}" where parentheses <= 0:
                    braces -= 1
                    if braces <= 0 { return braces == 0 ? index : nil }
                default: break
                }
            }
        }
        return nil
    }

    /// C as clang-format lays it out: a function opens at the margin and closes with a brace there.
    private static func cFunctions(_ lines: [String]) -> [(line: Int, length: Int)] {
        var functions: [(line: Int, length: Int)] = []
        var start: Int?
        for (index, line) in lines.enumerated() {
            if let first = line.first, first.isLetter || first == "_", line.contains("(") {
                start = index
            } else if line.hasPrefix("}"), let opened = start {
                functions.append((opened + 1, index - opened + 1))
                start = nil
            }
        }
        return functions
    }
}
