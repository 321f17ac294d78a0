// A text index made of plain lists, in memory and as the sections of a file.

import Storage
import TestSupport
import TextIndex

/// A document that holds a term, with where.
struct Posting: Equatable {
    var document: UInt32
    var positions: [UInt32] = []
}

/// Terms and their postings, and a length code for each document.
struct TextSample {
    var terms: [[UInt8]: [Posting]] = [:]
    var lengthCodes: [UInt8] = []

    /// The sections of a segment; words are stored by the ordinals of their documents already.
    func sections() throws -> TextSections {
        try Self.sections(lengthCodes) { writer in
            for (term, postings) in terms.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                for posting in postings {
                    writer.add(document: posting.document, positions: posting.positions[...])
                }
                try writer.finish(term: term)
            }
        }
    }

    /// The sections of a segment whose terms `write` writes.
    static func sections(
        _ lengthCodes: [UInt8], _ write: (inout TextSectionsWriter) throws -> Void
    ) throws -> TextSections {
        let fs = FaultyFileSystem()
        let order = TextOrder(lengths: lengthCodes)
        // So little memory that most of it goes through files.
        var writer = TextSectionsWriter(
            beside: "/t", memory: 100, documents: UInt32(lengthCodes.count), in: fs)
        defer { writer.discard() }
        try write(&writer)
        let kind = FileKind(magic: "MSPDTEST", version: 1)
        let file = try SectionFileWriter(creating: "/t", kind: kind, fileID: 1, in: fs)
        try writer.write(to: file, lengths: lengthCodes, order: order)
        _ = try file.finish()
        return try TextSections(SectionFile(opening: "/t", kind: kind, fileID: 1, in: fs))
    }

    /// A memtable's index.
    func memory() -> MutableIndexView {
        let index = MutableIndex(Arena())
        var all: [(document: UInt32, position: UInt32, term: [UInt8])] = []
        for (term, postings) in terms {
            for posting in postings {
                for position in posting.positions.isEmpty ? [0] : posting.positions {
                    all.append((posting.document, position, term))
                }
            }
        }
        all.sort { ($0.document, $0.position) < ($1.document, $1.position) }
        for (document, position, term) in all {
            guard let kind = term.first.flatMap(TermKind.init) else { continue }
            unsafe Array(term.dropFirst()).withUnsafeBufferPointer { bytes in
                unsafe index.add(kind, bytes, document: document, position: position)
            }
        }
        for (document, code) in lengthCodes.enumerated() {
            unsafe index.lengthCodes[document] = code
        }
        return MutableIndexView(index, documentCount: UInt32(lengthCodes.count))
    }
}

extension PostingsCursor {
    /// All that is left, by walking.
    func rest() -> [Posting] {
        var rest: [Posting] = []
        var positions: [UInt32] = []
        while document != PostingsCursor.end {
            self.positions(into: &positions)
            rest.append(Posting(document: document, positions: positions))
            advance()
        }
        return rest
    }
}

extension PostingsWriter {
    /// A writer without files.
    static func inMemory() -> PostingsWriter {
        let fs = FaultyFileSystem()
        return PostingsWriter(
            postings: Spool("/p", limit: .max, in: fs),
            positions: Spool("/q", limit: .max, in: fs), documents: 0)
    }
}
