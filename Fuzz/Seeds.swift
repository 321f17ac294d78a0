// Writes the seeds of the corpora: small files as the program itself writes them, and requests and
// subtitles by example. The first byte of an input says how it is to be taken.

import Glibc
import Segments
import Storage
import TestSupport

@main enum Seeds {
    static func main() throws {
        guard CommandLine.arguments.count == 2 else { return print("usage: seeds FOLDER") }
        let root = CommandLine.arguments[1]
        for (path, bytes) in try storeFiles() {
            let name = path.split(separator: "/").last.map { String($0) } ?? "seed"
            for folder in folders(of: name) { try write(root, folder, name, [1] + bytes) }
        }
        try write(root, "Index", "0000000001.vec", [1] + SmallIndex().file())
        for (number, text) in requests.enumerated() {
            try write(root, "Protocol", "request-\(number)", [7] + Array(text.utf8))
        }
        for (number, text) in subtitles.enumerated() {
            try write(root, "Subtitles", "subtitle-\(number)", [0] + Array(text.utf8))
        }
        for (number, text) in queries.enumerated() {
            try write(root, "Query", "query-\(number)", Array(text.utf8))
        }
    }

    private static func folders(of name: String) -> [String] {
        if name.hasSuffix(".seg") { return ["Segment"] }
        if name.hasSuffix(".del") { return ["Tombstones"] }
        if name.hasSuffix(".log") { return ["RecordLog"] }
        let isList = name.hasPrefix("MANIFEST") || name.hasPrefix("CATALOG")
        return isList ? ["Manifest"] : []
    }

    private static func write(
        _ root: String, _ folder: String, _ name: String, _ bytes: [UInt8]
    ) throws {
        let fs = RealFileSystem()
        for path in [root, "\(root)/\(folder)"] { try fs.createDirectory(path) }
        let file = try fs.createAnew("\(root)/\(folder)/\(name)")
        try file.write(bytes, at: 0)
        file.close()
    }

    /// A data folder's files, with rows of all kinds and a term in more than one block.
    private static func storeFiles() throws -> [(String, [UInt8])] {
        let fs = FaultyFileSystem()
        var settings = StoreSettings()
        settings.logStepBytes = 256
        let store = try Store(opening: "/data", in: fs, settings)
        var files: [String: [UInt8]] = [:]
        try store.write([.create(track: 1), .set(name: [110], value: [118])])
        for (round, count) in [150, 6].enumerated() {
            try store.write([.put(track: 1, rows: rows(count, round))])
            collect("/data", fs, &files)
            try store.flush()
        }
        try store.write([.delete(track: 1, title: title(0), key: [107, 1])])
        try store.write([.clear(track: 1, title: title(1), name: Array("by".utf8), value: [97])])
        collect("/data", fs, &files)
        try store.flush()
        try store.write([
            .begin(track: 1, scope: Scope(title: title(2), name: [], value: []))
        ])
        if let operation = store.operations.first {
            try store.write([.stage(operation: operation.id, rows: rows(3, 2, of: title(2)))])
            try store.commit(operation.id)
        }
        try store.merge(1)
        collect("/data", fs, &files)
        try store.write([.unset(name: [110]), .create(track: 2), .drop(track: 2)], token: [116])
        store.close()
        collect("/data", fs, &files)
        return files.sorted { $0.key < $1.key }
    }

    private static func title(_ number: Int) -> [UInt8] { Array("title \(number % 3)".utf8) }

    private static func rows(_ count: Int, _ round: Int, of title: [UInt8]? = nil) -> RowBatch {
        var rows = RowBatch()
        for number in 0..<count {
            let start = Int64(number) * 1_000
            var row = Annotation(
                title: title ?? self.title(number), start: start, end: start + 900)
            if number % 4 == 0 { row.key = [107, UInt8(number / 4)] }
            if number % 4 == 1 { row.key = Array("line \(number)".utf8) }
            row.text = number % 7 == 6 ? nil : Array("a w\(number % 5) a b\(round)".utf8)
            if number % 9 == 0 {
                let by = Array("by".utf8)
                row.attributes = [Attribute(name: by, type: .keyword, value: [97])]
                row.vector = [1, 2]
            }
            if number % 5 == 0 {
                for type in AttributeType.allCases {
                    let count = type == .box ? 16 : type == .number ? 8 : number % 3
                    let value = [UInt8](repeating: 63, count: count)
                    row.attributes.append(Attribute(name: [120], type: type, value: value))
                }
            }
            rows.append(row)
        }
        return rows
    }

    private static func collect(
        _ folder: String, _ fs: FaultyFileSystem, _ files: inout [String: [UInt8]]
    ) {
        for name in (try? fs.list(folder)) ?? [] {
            let path = "\(folder)/\(name)"
            if let bytes = fs.contents(path) {
                files[path] = bytes
            } else {
                collect(path, fs, &files)
            }
        }
    }

    private static let requests = [
        "PING\n", "#1 PUT dialogue \"a title\" in=00:00:01:00 speaker=Ann {3}\nabc x\r\n",
        "SEARCH dialogue we have to go limit=3\nEXPLAIN SEARCH dialogue \"a \\\"b\\\"\"\n",
        "GET \"\\n\\t\\\\\" limit={2}\n10\n\n  \nNOPE\n", "PUT a b k={0}\n l={301}\n",
    ]

    private static let subtitles = [
        "1\n00:00:01,000 --> 00:00:02,500\n<i>Who</i> is it?\n\n2\n00:00:03,0 --> 00:00:04,0\nMe.\n",
        "WEBVTT\n\nNOTE x\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:02.000 align:start\n"
            + "<v Ann>Come &amp; see</v>\n- <c.red>now</c>\n",
        "\u{FEFF}WEBVTT\nRegion: x\n\n01:00:00.000 --> 01:00:01.000\n&lt;&#x41;&lrm;\n",
    ]

    private static let queries = [
        "we have to \"go back\" +now -never", "\"\" + - \" a", "été Ölçü 東京タワー don't",
        "{\"title\":\"a\",\"in\":1.5e3,\"v\":[1,-2],\"x\":null,\"s\":\"\\u00e9\\n\"}\n{}\n",
    ]
}
