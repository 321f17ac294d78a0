// docs/FORMAT.md says what the code does: the constants and section numbers of this room's files.

import Segments
import Storage
import TestSupport
import Testing
import TextIndex
import VectorIndex

@Suite struct SegmentFormatDocumentTests {
    private func cells() throws -> [[String]] {
        let root = try #require(SharedData.packageRoot)
        let file = try RealFileSystem().open("\(root)/docs/FORMAT.md", .read)
        let bytes = try file.read(Int(try file.size()), at: 0)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
            line.split(separator: "|").map { $0.filter { $0 != " " && $0 != "`" } }
        }
    }

    @Test func `the constants in the document are those of the code`() throws {
        let constants: [String: Int] = [
            "Segment.version": Int(SegmentFormat.kind.version),
            "Segment.freshBlockBytes": SegmentFormat.freshBlockBytes,
            "Segment.mergedBlockBytes": SegmentFormat.mergedBlockBytes,
            "Segment.dictionaryBytes": SegmentFormat.dictionaryBytes,
            "Segment.rowIndexEntryBytes": SegmentFormat.rowIndexEntryBytes,
            "Attributes.firstSection": Int(AttributeColumns.firstSection),
            "Attributes.sectionsEach": Int(AttributeColumns.sectionsEach),
            "Attributes.mostAttributes": AttributeColumns.mostAttributes,
            "Attributes.mostValues": AttributeColumns.mostValues,
            "Attributes.mostValueBytes": AttributeColumns.mostValueBytes,
            "Postings.blockCount": PostingsFormat.blockCount,
            "Postings.directoryEntryBytes": PostingsFormat.directoryEntryBytes,
            "Postings.tailHeaderBytes": PostingsFormat.tailHeaderBytes,
            "Postings.frequencyCap": Int(PostingsFormat.frequencyCap),
            "Postings.blockEscape": Int(PostingsFormat.blockEscape),
            "Postings.windowCount": PostingsFormat.windowCount,
            "Postings.windowEntryBytes": PostingsFormat.windowEntryBytes,
            "Postings.windowBytes": PostingsFormat.windowBytes,
            "Postings.windowPart": PostingsFormat.windowPart,
            "Postings.windowEscape": Int(PostingsFormat.windowEscape),
            "Postings.denseShare": PostingsFormat.denseShare,
            "Dictionary.blockCount": TermDictionaryWriter.blockCount,
            "Manifest.version": Int(Manifest.kind.version),
            "Tombstones.version": Int(Manifest.tombstoneKind.version),
            "Checkpoint.version": Int(Checkpoint.kind.version),
            "Snapshot.version": Int(Snapshot.kind.version),
        ]
        var found: [String: Int] = [:]
        for row in try cells() where row.count == 2 && constants[row[0]] != nil {
            found[row[0]] = Int(row[1])
        }
        #expect(found == constants)
    }

    @Test func `the sections in the document are those of the code`() throws {
        var expected: [String: Int] = [:]
        for section in TextSection.allCases { expected["\(section)"] = Int(section.rawValue) }
        for section in SegmentSection.allCases { expected["\(section)"] = Int(section.rawValue) }
        var found: [String: Int] = [:]
        for row in try cells() where row.count == 3 && expected[row[0]] != nil {
            found[row[0]] = Int(row[1])
        }
        #expect(found == expected)
    }

    @Test func `the sections of an index in the document are those of the code`() throws {
        let rows = try cells().filter { $0.count == 3 }
        for section in VectorSection.allCases where section != .vectors {
            #expect(rows.contains { $0.prefix(2) == ["\(section.rawValue)", "\(section)"] })
        }
    }

    @Test func `the magics in the document are those of the code`() throws {
        let text = try cells().joined().joined(separator: " ")
        for kind in [
            SegmentFormat.kind, Manifest.kind, Manifest.tombstoneKind, Checkpoint.kind,
            Snapshot.kind, SegmentIndex.kind,
        ] {
            #expect(text.contains(String(decoding: kind.magic, as: UTF8.self)))
        }
    }
}
