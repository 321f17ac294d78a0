// Each rule tried on samples that break it, beside near misses that do not: a rule that never fails
// guards nothing.

import Testing

private func inStorage(_ text: String) -> SourceFile {
    SourceFile(path: "Sources/Storage/Sample.swift", text)
}

private func inServer(_ text: String) -> SourceFile {
    SourceFile(path: "Sources/mspd/Sample.swift", text)
}

private func inTests(_ text: String) -> SourceFile {
    SourceFile(path: "Tests/StorageTests/Sample.swift", text)
}

private let manifestSample = SourceFile(
    path: "Package.swift",
    """
    let nio: [Target.Dependency] = [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
    ]
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .target(name: "Media"),
    .target(name: "Storage", dependencies: ["CLZ4", "CKernels"]),
    .target(name: "Net", dependencies: nio),
    .executableTarget(
        name: "mspd",
        dependencies: [
            "Net",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
    """)

@Test func `the manifest is read`() {
    #expect(
        declaredDependencies(manifestSample) == [
            "CLZ4": [], "Media": [], "Storage": ["CLZ4", "CKernels"],
            "Net": ["NIOCore", "NIOPosix"], "mspd": ["Net", "ArgumentParser"],
        ])
}

@Test func `a manifest against the law is found`() {
    var manifest = ImportLaw.rooms
    #expect(ImportLaw.check(manifest: manifest).isEmpty)
    manifest["VectorIndex"] = ["Storage", "TextIndex"]
    #expect(ImportLaw.check(manifest: manifest).count == 1)
    manifest["Net"] = nil
    #expect(ImportLaw.check(manifest: manifest).count == 2)
}

@Test(arguments: [
    ("Storage", "import CLZ4", 0), ("Storage", "import Glibc", 0),
    ("Storage", "package import CKernels", 0), ("Storage", "// import TextIndex", 0),
    ("Storage", "let text = \"import TextIndex\"", 0),
    ("Storage", "import TextIndex", 1), ("Storage", "package import TextIndex", 1),
    ("Storage", "@preconcurrency import Foundation", 1),
    ("Storage", "import struct TextIndex.Analyzer", 1), ("Storage", "import CZstd", 1),
    ("CKernels", "import Glibc", 1), ("Media", "import Storage", 1),
    ("Gateway", "import Net", 1), ("Net", "import Segments", 1), ("Cellar", "", 1),
])
func `imports against the law are found`(room: String, line: String, count: Int) {
    var manifest = ImportLaw.rooms
    manifest["Storage"] = ["CLZ4", "CKernels"]  // Allowed but undeclared: CZstd.
    let file = SourceFile(path: "Sources/\(room)/Sample.swift", line)
    #expect(ImportLaw.check(file, manifest: manifest).count == count)
}

@Test(arguments: [
    ("a // try! b", "a "), ("a /* b /* c */ d */ e", "a  e"), ("f(\"x // y\") // z", "f() "),
    ("\"a \\(f(\"b\")) c\" + d", " + d"), ("\"\\\"\" d", " d"), ("#\"a\" \\(b)\"# c", " c"),
    ("func `a \"b // c`() {}", "func () {}"), ("#/a\"b/# c", " c"), ("\"open\nnext", "\nnext"),
    ("\"\"\"\n\"try!\" //\n\"\"\" a", "\n\n a"), ("#if x\na", "#if x\na"),
])
func `prose is blanked`(text: String, code: String) {
    let blanked = blankingProse(Array(text.utf8))
    #expect(blanked.count == text.utf8.count)
    func squeezed(_ text: some Sequence<UInt8>) -> [UInt8] { text.filter { $0 != 0x20 } }
    #expect(squeezed(blanked) == squeezed(code.utf8))
}

@Test func `a file without a purpose is found`() {
    #expect(SizeRules.purpose(inStorage("// What this is for.\nimport X")).isEmpty)
    let manifest = "// swift-tools-version: 6.2\n// What this is for.\n"
    #expect(SizeRules.purpose(SourceFile(path: "Package.swift", manifest)).isEmpty)
    for text in ["", "import X", "/// A type, not the file.", "// Short", "//\n// Late, so none."] {
        #expect(SizeRules.purpose(inStorage(text)).count == 1)
    }
}

@Test func `a long file is found`() {
    func file(_ count: Int, at path: String) -> SourceFile {
        SourceFile(path: path, String(repeating: "x\n", count: count))
    }
    #expect(SizeRules.fileLength(file(400, at: "Sources/Net/A.swift")).isEmpty)
    #expect(SizeRules.fileLength(file(401, at: "Sources/Net/A.swift")).count == 1)
    #expect(SizeRules.fileLength(file(600, at: "Tests/NetTests/A.swift")).isEmpty)
    #expect(SizeRules.fileLength(file(601, at: "Tests/NetTests/A.swift")).count == 1)
}

@Test func `a long line is found`() {
    let filler = String(repeating: "x", count: 95)
    #expect(SizeRules.lineLengths(inStorage("a" + filler + "1234")).isEmpty)
    #expect(SizeRules.lineLengths(inStorage("a" + filler + "12345")).count == 1)
    #expect(SizeRules.lineLengths(inStorage("// https://" + filler)).isEmpty)
    #expect(SizeRules.lineLengths(inStorage("é" + filler + "éééé")).isEmpty)
}

@Test(arguments: [
    "func f() {", "init?(a: Int) {", "init() {", "deinit {", "subscript(a: Int) -> Int {",
    "func f(\n    a: () -> Void = {}\n) -> Int {", "func f<T>(a: T) -> Int\nwhere T: P {",
    "func `a { brace`() {",
])
func `a long function is found`(opening: String) {
    let header = opening.split(separator: "\n").count
    for (count, expected) in [(58 - header, 0), (59 - header, 1)] {
        let body = String(repeating: "    if x { y }\n", count: count)
        let text = "struct S {\n\(opening)\n\(body)    z\n}\n}\n"
        #expect(SizeRules.functionLengths(inStorage(text)).count == expected)
    }
}

@Test func `a declaration without a body has no length`() {
    let lines = String(repeating: "    var x: Int { get }\n", count: 70)
    let text = "protocol P {\n    func f(a: Int) -> Int\n    init(b: Int)\n\(lines)}\n"
    #expect(SizeRules.functionLengths(inStorage(text)).isEmpty)
}

@Test func `a long function of C is found`() {
    func file(_ count: Int) -> SourceFile {
        let body = String(repeating: "    x();\n", count: count)
        let prototype = "int g(int a);\n\n"
        return SourceFile(
            path: "Sources/CKernels/a.c", "\(prototype)static int f(int a) {\n\(body)}\n")
    }
    #expect(SizeRules.functionLengths(file(58)).isEmpty)
    #expect(SizeRules.functionLengths(file(59)).count == 1)
}

@Test(arguments: [
    ("package func f() {}", 1), ("package struct S {", 1), ("package init() {}", 1),
    ("package static let a = 1", 1), ("package private(set) var a = 1", 1),
    ("final package class C {", 1), ("nonisolated(unsafe) package var a = 1", 1),
    ("@inlinable package func f() {}", 1), ("// Not documentation.\npackage enum E {", 1),
    ("/// Documented.\n\npackage enum E {", 1), ("extension S {\n    package func f() {}", 1),
    ("struct S {\n    package var a: Int", 1), ("package init?(a: Int) {", 1),
    ("/// Documented.\npackage func f() {}", 0), ("package import Storage", 0),
    ("/// Documented.\n@safe  // With a reason.\n@frozen\npackage struct S {", 0),
    ("extension S {\n    package var a: Int { 1 }", 0), ("func f() {}", 0),
    ("extension S: P {\n    package static func == (a: S, b: S) -> Bool { true }", 0),
    ("extension S\nwhere T: P {\n    package var a: Int { 1 }", 0), ("let package = Package()", 0),
])
func `undocumented package declarations are found`(text: String, count: Int) {
    #expect(DocumentationRule.check(inStorage(text)).count == count)
    #expect(DocumentationRule.check(inTests(text)).isEmpty)
}

@Test(arguments: [
    // In Storage, in mspd, in tests.
    ("let a = try! f()", 1, 1, 1), ("let a = b as! C", 1, 1, 1), ("fatalError()", 1, 1, 1),
    ("import Foundation", 1, 1, 0), ("let a = Date()", 1, 1, 0), ("print(a)", 1, 0, 0),
    ("ContinuousClock.now", 1, 0, 0), ("final class C: @unchecked Sendable {", 1, 1, 1),
    ("// Guarded by a lock.\nfinal class C: @unchecked Sendable {", 0, 0, 0),
    ("let a = try? f() // try! f()", 0, 0, 0), ("\"as!\"", 0, 0, 0), ("fatalError(\"a\")", 0, 0, 0),
    ("debugPrint(a)", 0, 0, 0), ("reprint(a)", 0, 0, 0), ("a.print(b)", 0, 0, 0),
    ("FoundationStone", 0, 0, 0), ("releaseDate()", 0, 0, 0),
])
func `banned constructs are found`(text: String, storage: Int, server: Int, test: Int) {
    #expect(WordingRules.check(inStorage(text)).count == storage)
    #expect(WordingRules.check(inServer(text)).count == server)
    #expect(WordingRules.check(inTests(text)).count == test)
}

@Test func `leftovers and words of the workplace are found`() {
    for word in ["TO" + "DO", "FIX" + "ME", "XX" + "X"] {
        #expect(WordingRules.leftovers(inStorage("// \(word): later")).count == 1)
        #expect(WordingRules.leftovers(inStorage("// a\(word)S")).isEmpty)
    }
    for path in ["/wo" + "rk/main", "~/.lib" + "rary", "a far" + "m-hand"] {
        let file = SourceFile(path: "docs/A.md", "as in \(path)")
        #expect(WordingRules.workplace(file).count == 1)
    }
    #expect(WordingRules.workplace(inStorage("network/ .systemLibrary(")).isEmpty)
    #expect(WordingRules.workplace(SourceFile(path: "docs/A.md", "a platfar" + "m-wide")).isEmpty)
}
