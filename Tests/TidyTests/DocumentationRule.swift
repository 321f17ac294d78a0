// What one room offers to another is documented where it is declared. The formatter's own rule sees
// only `public`, of which there is none here.

enum DocumentationRule {
    /// Declarations with `package` access in Sources that have no `///` above them.
    ///
    /// Attributes may stand in between. Properties in extensions, and requirements of the standard
    /// protocols, are commonly explained by their protocol and need none.
    static func check(_ file: SourceFile) -> [Finding] {
        guard file.room != nil, file.isSwift else { return [] }
        return file.code.indices.compactMap { index in
            guard let name = undocumented(file, at: index) else { return nil }
            return Finding(
                path: file.path, line: index + 1, message: "no documentation of `package` \(name)")
        }
    }

    private static let kinds: Set<Substring> = [
        "func", "var", "let", "struct", "class", "enum", "protocol", "init", "actor", "typealias",
        "subscript",
    ]

    private static let modifiers: Set<Substring> = [
        "static", "final", "mutating", "nonmutating", "borrowing", "consuming", "lazy", "weak",
        "indirect", "nonisolated", "unsafe", "private", "set", "override", "convenience", "prefix",
        "postfix", "infix",
    ]

    private static let requirements = [
        "func ==", "func <", "func hash(into", "var description", "func next()",
        "func makeIterator()",
    ]

    private static func undocumented(_ file: SourceFile, at index: Int) -> String? {
        guard let (kind, declaration) = packageDeclaration(file.code[index]) else { return nil }
        if requirements.contains(where: { declaration.hasPrefix($0) }) { return nil }
        if kind == "var", isInExtension(file, at: index) { return nil }
        var above = index - 1
        while above >= 0, file.code[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
        if above >= 0, file.lines[above].drop(while: { $0 == " " }).hasPrefix("///") { return nil }
        return String(declaration.prefix { $0 != "(" && $0 != ":" && $0 != "{" })
    }

    /// Kind and text of the declaration in a line of code, when its access is `package`.
    private static func packageDeclaration(_ line: String) -> (kind: Substring, Substring)? {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@") }
        guard let access = words.firstIndex(of: "package"),
            words[..<access].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }),
            let kind = words[(access + 1)...].first(where: { !modifiers.contains($0) }),
            kinds.contains(kind)
        else { return nil }
        return (kind, line[kind.startIndex...])
    }

    /// Whether the innermost declaration around a line, told by its indentation, is an extension.
    private static func isInExtension(_ file: SourceFile, at index: Int) -> Bool {
        var indentation = file.code[index].prefix { $0 == " " }.count
        for line in file.code[..<index].reversed() {
            let code = line.drop { $0 == " " }
            let depth = line.count - code.count
            if code.isEmpty || depth >= indentation { continue }
            indentation = depth
            // The rest of a header that spans lines: its first line is further up.
            if ["where", "{", ")", "}"].contains(where: { code.hasPrefix($0) }) {
                indentation += 1
                continue
            }
            return code.split(separator: " ").contains("extension")
        }
        return false
    }
}
