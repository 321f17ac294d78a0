// The dumps in docs/FORMAT.md are the files of a small folder, byte for byte.

import Segments
import Storage
import TestSupport
import Testing

@Suite struct FormatExampleTests {
    /// Two lines are put and flushed, one is deleted, and a snapshot is made.
    private func folder() throws -> FaultyFileSystem {
        let fs = FaultyFileSystem()
        var settings = StoreSettings.small()
        settings.now = { 1_800_000_000_000 }
        settings.program = "mspd/0.1.0"
        // No merge.
        settings.policy.fanout = 0
        let store = try Store(opening: "/data", in: fs, settings)
        defer { store.close() }
        try store.write([
            .create(track: 1), .set(name: [UInt8](text: "name"), value: [UInt8](text: "value")),
        ])
        let who = Attribute(
            name: [UInt8](text: "speaker"), type: .keyword, value: [UInt8](text: "Ann"))
        let lines = ["We go back.", "Back to where?"].enumerated().map { place, text in
            Annotation(
                title: [UInt8](text: "film"), start: Int64(place + 1) * 1_000_000_000,
                end: Int64(place + 2) * 1_000_000_000, key: [UInt8](text: "\(place + 1)"),
                text: [UInt8](text: text), attributes: [who])
        }
        try store.write([.put(track: 1, rows: batch(lines))])
        try store.flush()
        try store.write([
            .delete(track: 1, title: [UInt8](text: "film"), key: [UInt8](text: "1"))
        ])
        let name = try #require(SnapshotName("monday"))
        _ = try outcome { store.createSnapshot(name, finish: $0) }.get()
        return fs.powerCut(.keepAll)
    }

    /// Sixteen bytes a line after their offset; `*` stands for lines of zeros.
    private func dump(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let row = bytes[start..<min(start + 16, bytes.count)]
            if row.count == 16, row.allSatisfy({ $0 == 0 }) {
                if lines.last != "*" { lines.append("*") }
                continue
            }
            let halves = [row.prefix(8), row.dropFirst(8)].filter { !$0.isEmpty }
            lines.append(
                ([hex(start, 8)] + halves.map { $0.map { hex(Int($0), 2) }.joined(separator: " ") })
                    .joined(separator: "  "))
        }
        return lines
    }

    private func hex(_ number: Int, _ digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    @Test(arguments: [
        "catalog/CATALOG-0000000002", "tracks/1/MANIFEST-0000000002",
        "tracks/1/segments/0000000001-0000000002.del", "tracks/1/segments/0000000001.seg",
        "snapshots/monday/SNAPSHOT",
    ])
    func `the dump of a file in the document is that file`(path: String) throws {
        let root = try #require(SharedData.packageRoot)
        let file = try RealFileSystem().open("\(root)/docs/FORMAT.md", .read)
        let document = try file.read(Int(try file.size()), at: 0)
        let lines = String(decoding: document, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let shown = lines.drop { $0 != "`\(path)`:" }.drop { $0 != "```hex" }.dropFirst()
            .prefix { $0 != "```" }.map(String.init)
        let bytes = try #require(try folder().contents("/data/\(path)"))
        let expected = dump(bytes)
        #expect(shown == expected, "it is\n\(expected.joined(separator: "\n"))")
    }
}
