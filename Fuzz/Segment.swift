// A segment: opened, verified, every row read, keys looked up, every term walked and searched for.

import Segments
import Storage
import TextIndex

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let (fs, kind) = unsafe sectionFile(start, count) else { return 0 }
    guard
        let sections = try? SectionFile(
            opening: "/f", kind: SegmentFormat.kind, fileID: nil, in: fs)
    else { return 0 }
    try? sections.verifyAll()
    guard let segment = try? Segment("/f", id: sections.fileID, in: fs) else { return 0 }
    scan(segment)
    search(segment, Int(kind))
    return 0
}

private func scan(_ segment: Segment) {
    for document in 0..<min(segment.documentCount, 2_000) {
        _ = (segment.start(document), segment.end(document), segment.sequence(document))
        guard let annotation = try? segment.annotation(document) else { continue }
        _ = try? segment.document(title: annotation.title, key: annotation.key)
    }
    for title in segment.titles.keys { _ = try? segment.document(title: title, key: [107]) }
}

private func search(_ segment: Segment, _ kind: Int) {
    var terms: [[UInt8]] = []
    try? segment.text.dictionary.forEach { term, info in
        terms.append(term)
        walk(try? segment.text.cursor(info, withPositions: true))
        return terms.count < 60
    }
    let count = terms.count
    guard count > 0 else { return }
    var queries = [TextQuery(clauses: terms.prefix(5).map { .init(.should, [$0]) })]
    for index in 0..<min(count, 12) {
        let (a, b) = (terms[index], terms[(index * 7 + kind) % count])
        // Phrases are of words: other terms have no positions.
        if TermKind.isByOrdinal(a), TermKind.isByOrdinal(b) {
            queries.append(TextQuery(clauses: [.init(.should, [a, b])]))
        }
        queries.append(TextQuery(clauses: [.init(.must, [a]), .init(.mustNot, [b])]))
        queries.append(TextQuery(clauses: [.init(.should, [a])], filters: [[a, b]]))
    }
    for (index, term) in terms.enumerated() where index % 5 == 0 {
        queries.append(TextQuery(clauses: [.init(.should, .prefix(Array(term.prefix(kind % 4))))]))
        queries.append(TextQuery(clauses: [.init(.should, .fuzzy(term, edits: kind % 3))]))
    }
    let documents = segment.text.documentCount
    for var query in queries {
        guard (try? query.expand(over: [segment.text])) != nil else { continue }
        guard let bound = try? BoundQuery(query, segment.text) else { continue }
        let weights = QueryWeights(
            documentFrequencies: bound.documentFrequencies, BM25(segment.statistics))
        var best = TopK(capacity: 10)
        let filter = DocumentFilter(ranges: [0..<documents])
        _ = bound.evaluate(weights, filter, into: &best, countLimit: kind % 3 * 10)
        for found in best.sorted() {
            precondition(found.document < documents, "a document that is not there")
            _ = try? segment.annotation(found.document)
        }
    }
}

private func walk(_ cursor: PostingsCursor?) {
    guard let cursor else { return }
    var positions: [UInt32] = []
    for step in 0..<400 where cursor.document != PostingsCursor.end {
        _ = cursor.frequency
        if cursor.frequency < 10_000 { cursor.positions(into: &positions) }
        if step % 5 == 4 {
            cursor.advance(to: cursor.document &+ UInt32(step))
        } else {
            cursor.advance()
        }
    }
}
