// The project's own files as the rules see them. The root is found from where this file was
// compiled, so the tests read the checkout they belong to.

import Glibc

/// A text file of the project.
struct SourceFile {
    /// Relative to the root of the project, such as "Sources/Storage/Checksum.swift".
    let path: String
    let lines: [String]
    /// The lines again, comments and literals blanked out: where rules about code look.
    let code: [String]

    init(path: String, text: [UInt8]) {
        self.path = path
        lines = SourceFile.lines(of: text)
        code = SourceFile.lines(of: path.hasSuffix(".swift") ? blankingProse(text) : text)
    }

    init(path: String, _ text: String) { self.init(path: path, text: Array(text.utf8)) }

    /// The folder under Sources that the file belongs to.
    var room: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isC: Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }
    var isTest: Bool { path.hasPrefix("Tests/") }

    private static func lines(of text: [UInt8]) -> [String] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// One breach of a rule.
struct Finding: CustomStringConvertible {
    var path: String
    /// Counted from 1.
    var line: Int
    var message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// The files of the project below a root folder.
struct SourceTree {
    private let root: String

    /// The checkout that this file was compiled from, symbolic links resolved.
    static let project = SourceTree(root: folder(above: #filePath, levels: 3))

    private static func folder(above path: String, levels: Int) -> String {
        var resolved = path
        if let real = unsafe realpath(path, nil) {
            resolved = unsafe String(cString: real)
            unsafe free(real)
        }
        let parts = resolved.split(separator: "/").dropLast(levels)
        return "/" + parts.joined(separator: "/")
    }

    /// The text files at or below `path`, in order of their paths; none where there is nothing.
    ///
    /// Files that hold a zero byte are not text.
    func files(_ path: String) -> [SourceFile] {
        guard let folder = unsafe opendir("\(root)/\(path)") else {
            guard let text = contents(path), !text.contains(0) else { return [] }
            return [SourceFile(path: path, text: text)]
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().flatMap { files("\(path)/\($0)") }
    }

    private func contents(_ path: String) -> [UInt8]? {
        guard let file = unsafe fopen("\(root)/\(path)", "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }
}
