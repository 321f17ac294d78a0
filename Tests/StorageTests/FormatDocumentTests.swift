// docs/FORMAT.md says what the code does: its constants are the code's, its example is a real log.

import Storage
import TestSupport
import Testing

struct FormatDocumentTests {
    private static let constants: [String: Int] = [
        "RecordLog.version": Int(RecordLogFormat.version),
        "RecordLog.headerSize": RecordLogFormat.headerSize,
        "RecordLog.frameHeaderSize": RecordLogFormat.frameHeaderSize,
        "RecordLog.alignment": RecordLogFormat.alignment,
        "RecordLog.payloadLimit": RecordLogFormat.payloadLimit,
        "RecordLog.compressionThreshold": RecordLogFormat.compressionThreshold,
        "RecordLog.zeroFillStep": RecordLogFormat.zeroFillStep,
        "RecordLog.sealedKind": Int(RecordLogFormat.sealedKind),
        "Codec.raw": Int(Codec.raw.rawValue),
        "Codec.lz4": Int(Codec.lz4.rawValue),
        "Codec.zstd": Int(Codec.zstd.rawValue),
        "SectionFile.headerSize": SectionFileFormat.headerSize,
        "SectionFile.footerSize": SectionFileFormat.footerSize,
        "SectionFile.alignment": SectionFileFormat.alignment,
        "SectionFile.pageSize": SectionFileFormat.pageSize,
        "SectionFile.entrySize": SectionFileFormat.entrySize,
        "PackedColumn.blockSize": PackedColumnFormat.blockSize,
        "PackedColumn.headerSize": PackedColumnFormat.headerSize,
        "PackedColumn.entrySize": PackedColumnFormat.entrySize,
        "PackedColumn.maximumWidth": PackedColumnFormat.maximumWidth,
        "PackedColumn.slack": PackedColumnFormat.slack,
        "PackedColumn.offsetBits": PackedColumnFormat.offsetBits,
        "PackedColumn.slopeBits": PackedColumnFormat.slopeBits,
    ]

    private func lines() throws -> [Substring] {
        let root = try #require(SharedData.packageRoot)
        let file = try RealFileSystem().open("\(root)/docs/FORMAT.md", .read)
        let bytes = try file.read(Int(try file.size()), at: 0)
        return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test func `the constants in the document are those of the code`() throws {
        let prefixes = ["RecordLog.", "Codec.", "SectionFile.", "PackedColumn."]
        var found: [String: Int] = [:]
        for line in try lines() {
            let cells = line.split(separator: "|").map { $0.filter { $0 != " " } }
            guard cells.count == 2, prefixes.contains(where: cells[0].hasPrefix) else { continue }
            #expect(found.updateValue(try #require(Int(cells[1])), forKey: cells[0]) == nil)
        }
        #expect(found == Self.constants)
    }

    @Test func `the magics in the document are those of the code`() throws {
        let text = try lines().joined(separator: "\n")
        for magic in [RecordLogFormat.magic, SectionFileFormat.endMagic] {
            #expect(text.contains("| `\(String(decoding: magic, as: UTF8.self))` |"))
        }
    }

    @Test func `the worked example is what the writer writes`() throws {
        let dump = try lines().drop { $0 != "```hex" }.dropFirst().prefix { $0 != "```" }
        var example: [UInt8] = []
        for line in dump {
            let columns = line.split(separator: " ")
            #expect(columns.first.flatMap { Int($0, radix: 16) } == example.count)
            for column in columns.dropFirst() {
                example.append(try #require(UInt8(column, radix: 16)))
            }
        }
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        writer.append(kind: 1, Array("hello".utf8))
        try writer.commit()
        writer.append(kind: 2, [])
        try writer.seal()
        #expect(fs.contents(RecordLogSamples.path) == example)
    }
}
