// What the server takes a search for that found nothing, as it is typed into a shell.

extension Search {
    /// `NAME="VALUE"`, which the server offers in the place of an attribute that was asked for, as
    /// the option that this was given with; anything else is a query.
    func asTyped(_ meant: String) -> String {
        let marks =
            ["speaker"] + conditions.compactMap { $0.split(separator: "=").first.map(String.init) }
        for name in marks where meant.hasPrefix(name + "=\"") && meant.hasSuffix("\"") {
            let value = String(meant.dropFirst(name.count + 2).dropLast())
            if name == "speaker", speaker != nil { return "--speaker \(Self.quoted(value))" }
            // Behind --where commas stand between values.
            guard name != "speaker" || !conditions.isEmpty, !value.contains(",") else { continue }
            return "--where \(Self.quoted("\(name)=\(value)"))"
        }
        return meant
    }

    /// A word as a shell takes it.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "._-=:@".contains($0) }
        guard !isPlain else { return text }
        let isPlainInside = !text.contains { "\"$`\\!".contains($0) }
        if isPlainInside { return "\"\(text)\"" }
        return "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
