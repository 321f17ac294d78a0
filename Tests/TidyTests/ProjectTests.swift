// The rules of the project, held against the project. What each rule says is in the file of its
// name; that each rule can fail is shown in SampleTests.swift.

import Testing

private let sources = SourceTree.project.files("Sources")
private let tests = SourceTree.project.files("Tests")
private let manifest = SourceTree.project.files("Package.swift")
private let code = sources + tests + manifest
private let everything =
    code
    + ["docs", "examples", "scripts", "README.md", "CHANGELOG.md", "Makefile"].flatMap {
        SourceTree.project.files($0)
    }

/// Reports every finding on its own, so that one run names them all.
private func expectNone(
    _ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation
) {
    for finding in findings {
        Issue.record("\(finding)", sourceLocation: sourceLocation)
    }
}

@Test func `the project is found`() {
    #expect(manifest.count == 1)
    #expect(Set(sources.compactMap(\.room)) == Set(ImportLaw.rooms.keys))
    #expect(tests.contains { $0.path == "Tests/TidyTests/ProjectTests.swift" })
}

@Test func `the manifest keeps the import law`() throws {
    expectNone(ImportLaw.check(manifest: declaredDependencies(try #require(manifest.first))))
}

@Test func `imports keep the import law`() throws {
    let declared = declaredDependencies(try #require(manifest.first))
    expectNone(sources.flatMap { ImportLaw.check($0, manifest: declared) })
}

@Test func `each C library has one room`() {
    // CKernels serves both the records of Storage and the postings of TextIndex.
    for library in ["CLZ4", "CZstd", "CStemmer", "CUnicode", "CProcess", "CTurboJPEG"] {
        let rooms = Set(
            sources.filter { ImportLaw.imports($0).contains { $0.module == library } }
                .compactMap(\.room))
        #expect(rooms.count <= 1, "\(library) is imported by \(rooms.sorted())")
    }
}

@Test func `files, lines and functions are short, and files say what they are for`() {
    expectNone(code.flatMap(SizeRules.check))
}

@Test func `package declarations are documented`() {
    expectNone(sources.flatMap(DocumentationRule.check))
}

@Test func `nothing banned is used`() {
    expectNone(code.flatMap(WordingRules.check))
}

@Test func `nothing is left over and nothing speaks of its workplace`() {
    expectNone(everything.flatMap(WordingRules.leftovers))
    expectNone(everything.flatMap(WordingRules.workplace))
}
