// `mspd dump`: any file of a data folder, readable: what it is, and what is in it.

import ArgumentParser
import Segments
import Storage
import TextIndex
import VectorIndex

struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a file of a data folder holds.",
        discussion: """
            Checks the whole file on the way; damage is named with its offset (exit code 5).

            EXAMPLES
              mspd dump data/wal/0000000001.log
              mspd dump data/tracks/1/MANIFEST-0000000002
              mspd dump data/tracks/1/segments/0000000001.seg --rows 20
            """)

    @Argument(help: "The file.")
    var file: String
    @Option(help: "Most rows or operations to show.")
    var rows = 10

    func run() throws {
        do { try dump() } catch let error as StorageError {
            throw Failure(error.isMissing ? .usage : .damaged, "mspd: \(error)")
        }
    }

    private func dump() throws {
        let fs = RealFileSystem()
        let magic = try fs.open(file, .read).read(8, at: 0)
        switch magic {
        case RecordLogFormat.magic: try dumpLog(fs)
        case SegmentFormat.kind.magic: try dumpSegment(fs)
        case Manifest.kind.magic: try dumpManifest(fs)
        case Manifest.tombstoneKind.magic:
            try dumpSections(fs, Manifest.tombstoneKind, "tombstones")
        case SegmentIndex.kind.magic:
            try dumpSections(fs, SegmentIndex.kind, "index of vectors")
        case Checkpoint.kind.magic: try dumpCheckpoint(fs)
        default:
            throw Failure(
                .usage, "mspd: \(file) begins with nothing that mspd writes; LOCK files are empty")
        }
    }

    private func dumpLog(_ fs: RealFileSystem) throws {
        print("write-ahead log, format \(RecordLogFormat.version)")
        let end = try RecordLogReader.read(file, in: fs) { (frame) throws(StorageError) in
            do {
                let (first, operations) = try Operation.decode(frame.payload.rawSpan)
                print("offset \(frame.offset): \(frame.payload.count) bytes, sequence \(first)")
                for operation in operations.prefix(rows) { print("  \(describe(operation))") }
                if operations.count > rows { print("  and \(operations.count - rows) more") }
            } catch { throw .corrupt(file: file, offset: frame.offset, what: "\(error)") }
        }
        print("number \(end.number), \(end.recordCount) records, \(end.size) bytes, \(end.tail)")
    }

    private func describe(_ operation: Segments.Operation) -> String {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        switch operation {
        case .put(let track, let rows):
            return "put track=\(track) rows=\(rows.count) bytes=\(rows.bytes.bytes.count)"
        case .delete(let track, let title, let key):
            return "delete track=\(track) title=\(text(title)) key=\(text(key))"
        case .clear(let track, let title, let name, let value):
            return "clear track=\(track) title=\(text(title)) \(text(name))=\(text(value))"
        case .set(let name, let value): return "set \(text(name)) (\(value.count) bytes)"
        case .setIfAbsent(let name, let value):
            return "default \(text(name)) (\(value.count) bytes)"
        case .unset(let name): return "unset \(text(name))"
        case .drop(let track): return "drop track=\(track)"
        case .create(let track, let content):
            let vector = content.vectors.map { " vector=\($0.dimension) metric=\($0.metric)" }
            return "create track=\(track) text=\(content.language.rawValue)" + (vector ?? "")
        case .begin(let track, let scope):
            return "begin track=\(track) title=\(text(scope.title)) \(text(scope.name))="
                + text(scope.value)
        case .stage, .skip: return "skip \(operation.sequences) numbers of an operation's rows"
        case .replace(let track, let replacement):
            let scope = replacement.scope
            return "\(replacement.isRollback ? "rollback" : "commit") track=\(track) "
                + "title=\(text(scope.title)) \(text(scope.name))=\(text(scope.value)) "
                + "rows=\(replacement.rows) segments=\(replacement.segments.map(\.id))"
        case .request(let mark):
            return "request \(text(mark.token)) of \(mark.operations) operations"
        }
    }

    private func dumpSections(_ fs: RealFileSystem, _ kind: FileKind, _ what: String) throws {
        let opened = try SectionFile(opening: file, kind: kind, fileID: nil, in: fs)
        try opened.verifyAll()
        print("\(what), format \(kind.version), number \(opened.fileID), \(opened.length) bytes")
        for section in opened.sections {
            let name =
                switch kind {
                case SegmentFormat.kind: SegmentFormat.sectionName(section.id)
                case SegmentIndex.kind: SegmentIndex.sectionName(section.id)
                default: "content"
                }
            print(
                "  section \(section.id) \(name): offset \(section.offset), \(section.count) bytes")
        }
    }

    private func dumpSegment(_ fs: RealFileSystem) throws {
        try dumpSections(fs, SegmentFormat.kind, "segment")
        let id = try SectionFile(opening: file, kind: SegmentFormat.kind, fileID: nil, in: fs)
            .fileID
        let segment = try Segment(file, id: id, in: fs)
        print(
            "\(segment.documentCount) documents, \(segment.titles.count) titles, "
                + "\(segment.text.dictionary.count) terms, \(segment.statistics.tokens) words")
        for document in 0..<min(segment.documentCount, UInt32(clamping: max(rows, 0))) {
            let row = try segment.annotation(document)
            let title = String(decoding: row.title, as: UTF8.self)
            let text = String(decoding: row.text ?? [], as: UTF8.self)
            print("  \(document): \(title) \(row.start)-\(row.end) ns \(text)")
        }
    }

    private func dumpManifest(_ fs: RealFileSystem) throws {
        try dumpSections(fs, Manifest.kind, "manifest")
        let generation = try SectionFile(
            opening: file, kind: Manifest.kind, fileID: nil, in: fs
        ).fileID
        let manifest = try Manifest.read(file, generation: generation, in: fs)
        print("covers operations up to \(manifest.covered)")
        for entry in manifest.segments {
            print(
                "  segment \(entry.id): \(entry.length) bytes, "
                    + "deletions in generation \(entry.tombstoneGeneration)")
        }
    }

    private func dumpCheckpoint(_ fs: RealFileSystem) throws {
        try dumpSections(fs, Checkpoint.kind, "catalog checkpoint")
        let generation = try SectionFile(
            opening: file, kind: Checkpoint.kind, fileID: nil, in: fs
        ).fileID
        let checkpoint = try Checkpoint.read(file, generation: generation, in: fs)
        print("covers operations up to \(checkpoint.covered), tracks \(checkpoint.tracks)")
        for name in checkpoint.catalog.keys.map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            print("  \(name)")
        }
    }
}
