// Package.swift read roughly: which targets there are and what they depend on. Enough for a
// manifest that writes its targets as literals, with lists shared through a top-level `let`.

/// The declared dependencies by target name: names of targets and of products.
func declaredDependencies(_ manifest: SourceFile) -> [String: Set<String>] {
    let text = manifest.lines.joined(separator: "\n")
    var targets: [String: Set<String>] = [:]
    for call in [".target(", ".executableTarget(", ".systemLibrary(", ".testTarget("] {
        for range in text.ranges(of: call) {
            let body = bracketed(text[range.lowerBound...])
            guard let name = quoted(after: "name: ", in: body) else { continue }
            // A test of the manifest's own `.target(name:` inside a dependency has no such list.
            targets[name] = dependencies(body, manifest: text)
        }
    }
    return targets
}

private func dependencies(_ target: Substring, manifest: String) -> Set<String> {
    guard let label = target.firstRange(of: "dependencies: ") else { return [] }
    var list = target[label.upperBound...]
    if !list.hasPrefix("[") {
        let name = list.prefix { $0.isLetter || $0.isNumber }
        guard let shared = manifest.firstRange(of: "let \(name):"),
            let value = manifest[shared.upperBound...].firstRange(of: "= [")
        else { return [] }
        list = manifest[value.lowerBound...].dropFirst(2)
    }
    var names: Set<String> = []
    var rest = bracketed(list)
    while let quote = rest.firstIndex(of: "\"") {
        let isPackage = rest[..<quote].hasSuffix("package: ")
        let value = rest[rest.index(after: quote)...].prefix { $0 != "\"" }
        if !isPackage { names.insert(String(value)) }
        rest = rest[value.endIndex...].dropFirst()
    }
    return names
}

/// From the start of `text` to the bracket that closes the first one opened.
private func bracketed(_ text: Substring) -> Substring {
    var depth = 0
    for index in text.indices {
        if "([".contains(text[index]) { depth += 1 }
        if ")]".contains(text[index]) {
            depth -= 1
            if depth == 0 { return text[...index] }
        }
    }
    return text
}

private func quoted(after label: String, in text: Substring) -> String? {
    guard let range = text.firstRange(of: label + "\"") else { return nil }
    return String(text[range.upperBound...].prefix { $0 != "\"" })
}
