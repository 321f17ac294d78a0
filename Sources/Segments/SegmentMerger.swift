// Writes one segment from several: titles in order, and within a title what its lanes hold in
// timeline order. A lane that lies in one segment, as one written at once does, is copied as a run.
// Memory is bounded: rows and postings stream through, a number for each document stays.

import Storage
import TextIndex

/// What a merge wrote.
struct MergedSegment: Sendable {
    /// The new segment; nil when no document was kept.
    let segment: Segment?
    /// For each input the new number of each document, `TextMergeInput.dropped` for those left out.
    let numbers: [[UInt32]]
}

/// One merge; not thread safe.
struct SegmentMerger {
    /// Which documents are kept.
    typealias Selection = @Sendable (Segment, UInt32) -> Bool

    private let inputs: [Segment]
    private let isKept: Selection
    private let memory: Int
    private let progress: JobProgress
    private let readers: [RowReader]
    private var numbers: [[UInt32]]
    private var lengths: [UInt8] = []
    private var vectors: SegmentVectorsWriter

    /// `memory` bytes at most are kept of what is gathered on the way.
    init(
        _ inputs: [Segment], keeping isKept: @escaping Selection, memory: Int,
        _ progress: JobProgress
    ) {
        self.inputs = inputs
        self.isKept = isKept
        self.memory = memory
        self.progress = progress
        readers = inputs.map { RowReader($0) }
        vectors = SegmentVectorsWriter(inputs.map { $0.vectors?.part })
        numbers = inputs.map {
            [UInt32](repeating: TextMergeInput.dropped, count: Int($0.documentCount))
        }
        // Rows once, and their postings once more.
        progress.begin(inputs.reduce(0) { $0 + 2 * Int($1.documentCount) })
    }

    /// Writes the file under its final name; the caller syncs the folder.
    ///
    /// Nil when it was cancelled.
    mutating func run(
        _ path: String, id: UInt64, in fs: any FileSystem
    ) throws(StorageError) -> MergedSegment? {
        var rowBytes = 0
        for input in inputs { rowBytes += try input.rowBytes() }
        let packing = RowPacking.merged(try samples(), rowBytes: rowBytes)
        var builder = try SegmentBuilder(path, id: id, packing, in: fs)
        do throws(StorageError) {
            let isWritten = try write(&builder, beside: path, in: fs)
            if isWritten {
                return MergedSegment(
                    segment: try Segment(written: path, id: id, in: fs), numbers: numbers)
            }
            builder.abandon()
            return progress.isCancelled ? nil : MergedSegment(segment: nil, numbers: numbers)
        } catch {
            builder.abandon()
            throw error
        }
    }

    /// Writes the whole file; false when it was cancelled, or nothing was kept.
    private mutating func write(
        _ builder: inout SegmentBuilder, beside path: String, in fs: any FileSystem
    ) throws(StorageError) -> Bool {
        guard try addRows(to: &builder), builder.count > 0 else { return false }
        let order = TextOrder(lengths: lengths)
        var text = TextSectionsWriter(
            beside: path, memory: memory, documents: builder.count, in: fs)
        defer { text.discard() }
        let parts = zip(inputs, numbers).map {
            TextMergeInput($0.text, numbers: $1, order: order)
        }
        var merger = try TextSectionsMerger(parts)
        let rowsDone = progress.done
        let rest = max(progress.total - rowsDone, 0)
        let terms = max(inputs.reduce(0) { $0 + $1.text.dictionary.count }, 1)
        var met = 0
        let progress = self.progress
        let isWhole = try merger.run(into: &text) {
            met += 1
            progress.reach(rowsDone + min(met, terms) * rest / terms)
            return !progress.isCancelled
        }
        guard isWhole else { return false }
        _ = try builder.finish(
            text, lengths: lengths, order: order, tokens: merger.tokens, &vectors)
        return true
    }

    /// Row blocks from all over the inputs.
    private func samples() throws(StorageError) -> [[UInt8]] {
        let blocks = inputs.reduce(0) { $0 + $1.rowBlockCount }
        guard blocks >= SegmentFormat.fewestSamples else { return [] }
        let step = max(blocks / SegmentFormat.mostSamples, 1)
        var samples: [[UInt8]] = []
        for segment in inputs {
            for block in stride(from: 0, to: segment.rowBlockCount, by: step) {
                samples.append(try segment.blockBytes(block))
            }
        }
        return samples
    }

    /// Adds the rows kept, title after title; false when cancelled.
    private mutating func addRows(to builder: inout SegmentBuilder) throws(StorageError) -> Bool {
        var parts: [[UInt8]: [Part]] = [:]
        for (input, segment) in inputs.enumerated() {
            for (title, lane) in segment.titles {
                parts[title, default: []].append(
                    Part(input: input, next: lane.documents.lowerBound, lane.documents.upperBound))
            }
        }
        for title in parts.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            var lanes = parts[title] ?? []
            for index in lanes.indices { skipDropped(&lanes[index]) }
            lanes.removeAll { $0.isAtEnd }
            while !lanes.isEmpty {
                let first = try firstOnTimeline(lanes)
                try copy(&lanes[first], to: &builder)
                if lanes[first].isAtEnd { lanes.remove(at: first) }
                if builder.count % 1_024 == 0, progress.isCancelled { return false }
            }
        }
        return !progress.isCancelled
    }

    /// What is left of a title in one input.
    private struct Part {
        let input: Int
        var next: UInt32
        let end: UInt32
        var isAtEnd: Bool { next == end }

        init(input: Int, next: UInt32, _ end: UInt32) {
            self.input = input
            self.next = next
            self.end = end
        }
    }

    private func skipDropped(_ part: inout Part) {
        let segment = inputs[part.input]
        while !part.isAtEnd, !isKept(segment, part.next) {
            part.next += 1
            progress.advance()
        }
    }

    private mutating func copy(
        _ part: inout Part, to builder: inout SegmentBuilder
    ) throws(StorageError) {
        let segment = inputs[part.input]
        let document = part.next
        numbers[part.input][Int(document)] = builder.count
        if let own = segment.vectors {
            try own.verify(own.part.vectors(of: document))
            vectors.add(document, ofPart: part.input, as: builder.count)
        }
        lengths.append(segment.text.lengthCode(of: document))
        let sequence = segment.sequence(document)
        try unsafe readers[part.input].withRow(document) { (row) throws(StorageError) in
            try unsafe builder.add(row, sequence: sequence)
        }
        part.next += 1
        progress.advance()
        skipDropped(&part)
    }

    private func firstOnTimeline(_ lanes: [Part]) throws(StorageError) -> Int {
        var first = 0
        for index in lanes.indices.dropFirst() {
            if try precedes(lanes[index], lanes[first]) { first = index }
        }
        return first
    }

    /// Whether one part's next document comes before another's: by in, out, key, sequence.
    private func precedes(_ a: Part, _ b: Part) throws(StorageError) -> Bool {
        let (one, other) = (inputs[a.input], inputs[b.input])
        let starts = (one.start(a.next), other.start(b.next))
        if starts.0 != starts.1 { return starts.0 < starts.1 }
        let ends = (one.end(a.next), other.end(b.next))
        if ends.0 != ends.1 { return ends.0 < ends.1 }
        let keys = (try key(a), try key(b))
        if keys.0 != keys.1 { return keys.0.lexicographicallyPrecedes(keys.1) }
        return one.sequence(a.next) < other.sequence(b.next)
    }

    private func key(_ part: Part) throws(StorageError) -> [UInt8] {
        try readers[part.input].key(part.next)
    }
}
