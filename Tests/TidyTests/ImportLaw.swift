// Who may import whom. The manifest alone does not guard this: a module that some other target
// built can be imported without being declared. So the law stands here, the manifest must keep
// within it, and every import must be declared in the manifest.

/// The rooms of Sources and what each may use; docs/ARCHITECTURE.md has the picture.
enum ImportLaw {
    /// Targets and products that a room may depend on.
    static let rooms: [String: Set<String>] = [
        "CLZ4": [], "CZstd": [], "CTurboJPEG": [], "CStemmer": [], "CUnicode": [], "CKernels": [],
        "CProcess": [],
        "Storage": ["CLZ4", "CZstd", "CKernels"],
        "TextIndex": ["Storage", "CUnicode", "CStemmer", "CKernels"],
        "VectorIndex": ["Storage", "CKernels"],
        "Segments": ["Storage", "TextIndex", "VectorIndex"],
        "Media": ["CTurboJPEG"],
        "Gateway": ["Segments", "TextIndex", "VectorIndex", "Media", "Storage"],
        "Net": ["NIOCore", "NIOPosix"],
        "Encoders": ["CProcess"],
        "mspd": [
            "Gateway", "Net", "Encoders", "Segments", "Media", "TextIndex", "VectorIndex",
            "Storage", "ArgumentParser",
        ],
    ]

    /// Modules of the toolchain, which no manifest declares.
    static let toolchain: [String: Set<String>] = [
        "Storage": ["Glibc", "Synchronization"],
        "TextIndex": ["Glibc", "Synchronization"],
        "VectorIndex": ["Glibc"],
        "Segments": ["Glibc", "Synchronization"],
        "Gateway": ["Synchronization"],
        "Media": ["Glibc"],
        "Net": ["Glibc", "Synchronization"],
        "Encoders": ["Glibc", "Synchronization"],
        "mspd": ["Glibc", "Synchronization"],
    ]

    /// Imports of a source file that its room may not use, or that `manifest` does not declare.
    static func check(_ file: SourceFile, manifest: [String: Set<String>]) -> [Finding] {
        guard let room = file.room, file.isSwift else { return [] }
        guard let allowed = rooms[room] else {
            return [Finding(path: file.path, line: 1, message: "\(room) is no room of the law")]
        }
        return imports(file).compactMap { line, module in
            if toolchain[room]?.contains(module) == true { return nil }
            let isDeclared = manifest[room]?.contains(module) == true
            if allowed.contains(module), isDeclared { return nil }
            let reason = allowed.contains(module) ? "without declaring it" : "against the law"
            return Finding(
                path: file.path, line: line, message: "\(room) imports \(module) \(reason)")
        }
    }

    /// Rooms that the manifest lets depend on more than the law does, and rooms it does not know.
    static func check(manifest: [String: Set<String>]) -> [Finding] {
        rooms.keys.sorted().flatMap { room -> [Finding] in
            func finding(_ message: String) -> Finding {
                Finding(path: "Package.swift", line: 1, message: message)
            }
            guard let declared = manifest[room] else { return [finding("no target \(room)")] }
            let excess = declared.subtracting(rooms[room] ?? []).sorted()
            return excess.map { finding("\(room) depends on \($0) against the law") }
        }
    }

    /// The modules that a file imports, with their lines.
    static func imports(_ file: SourceFile) -> [(line: Int, module: String)] {
        file.code.enumerated().compactMap { index, line in
            let words = line.split { $0 == " " || $0 == ";" }
            guard let keyword = words.firstIndex(of: "import"),
                words[..<keyword].allSatisfy({ isImportModifier($0) }),
                let name = words[(keyword + 1)...].first(where: { !importKinds.contains($0) })
            else { return nil }
            return (index + 1, String(name.prefix { $0 != "." }))
        }
    }

    private static let importKinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]

    private static func isImportModifier(_ word: Substring) -> Bool {
        let levels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        return word.hasPrefix("@") || levels.contains(word)
    }
}
