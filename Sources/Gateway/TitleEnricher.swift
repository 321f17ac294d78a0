// Fills the lane of one title: shows an encoder what there is, a little at a time, and replaces the
// lane by what it gave, in one operation. Runs on a thread that may wait.

import Segments
import VectorIndex

/// What became of a title.
struct Filling {
    /// Rows without a picture after which the film is given up, if none had one.
    private static let hopeless = 32

    /// Rows of the lane.
    var rows = RowBatch()
    /// Rows of the source of which the film has nothing to show.
    private(set) var missed = 0
    /// The first of them, and why.
    private(set) var first: (start: Int64, reason: GatewayError)?

    /// Goes on without a row, unless it is not the film that is to blame, or all of it.
    fileprivate mutating func miss(_ row: Annotation, _ reason: GatewayError) throws(GatewayError) {
        guard reason.code.hasPrefix("FILM.") else { throw reason }
        missed += 1
        if first == nil { first = (row.start, reason) }
        if rows.count == 0, missed >= Self.hopeless { throw first?.reason ?? reason }
    }
}

/// How many rows an encoder is asked for at once: as many as it does in a second or two, since a
/// person's question waits until they are done.
private struct ChunkSize {
    let most: Int
    private(set) var now: Int

    init(most: Int) {
        self.most = most
        now = min(4, most)
    }

    mutating func took(_ seconds: Double) {
        if seconds < 0.5 { now = min(most, now * 2) }
        if seconds > 2 { now = max(1, now / 2) }
    }
}

/// What fills the lane of one title in one track.
struct TitleEnricher {
    /// Rows for which vectors are asked at once at most.
    static let chunk = 32
    /// The same for clips, which are large.
    static let clips = 2
    /// What the first answer of a program may take longer, in seconds.
    static let startSeconds = 60.0

    let gateway: Gateway
    let encoder: Encoder
    let target: Track
    let matter: EnrichmentMatter
    let title: Title
    let view: View
    let catalog: Catalog
    /// Whether someone asked for the end; asked often, also while an encoder is waited for.
    let isOver: () -> Bool
    /// Called behind each piece of the work with what it took in seconds; returns early when it
    /// is over.
    let rest: (Double) -> Void
    /// Called with the share of the title that is done.
    let reach: (Double) -> Void

    /// Fills the lane with what can be had.
    ///
    /// Nothing is changed when it throws.
    func fill() throws(GatewayError) -> Filling {
        var filling = Filling()
        switch matter {
        case .texts(let track): filling = try vectors(try lane(track), text)
        case .pictures(let track):
            let (lane, film) = try seen(track)
            filling = try vectors(lane, film.picture)
        case .clips(let track):
            let (lane, film) = try seen(track)
            filling = try vectors(lane, film.clip, atOnce: Self.clips)
        case .lanes(let track): filling.rows = try laneRows(try lane(track))
        case .sound: filling.rows = try sound()
        }
        if filling.rows.count > 0 { try commit(filling.rows) }
        return filling
    }

    /// Rows, and the film that shows them.
    private func seen(_ track: Track) throws(GatewayError) -> ([Annotation], RowFilm) {
        let rows = try lane(track)
        return (rows, try RowFilm(try film(), title.rate, rows, gateway.films))
    }

    private func lane(_ track: Track) throws(GatewayError) -> [Annotation] {
        try LaneRows(view, track.id, title: title.name).rows()
    }

    // MARK: A vector for each row

    private func vectors(
        _ lane: [Annotation], _ input: (Annotation) throws(GatewayError) -> EncoderInput?,
        atOnce chunk: Int = Self.chunk
    ) throws(GatewayError) -> Filling {
        var filling = Filling()
        var size = ChunkSize(most: chunk)
        var left = lane[...]
        while !left.isEmpty {
            let chunk = left.prefix(size.now)
            left = left.dropFirst(size.now)
            try restingAfter { () throws(GatewayError) in
                let (rows, inputs) = try shown(chunk, input, &filling)
                let started = gateway.clock()
                let vectors = try vectors(of: inputs)
                size.took(gateway.clock() - started)
                for (row, vector) in zip(rows, vectors) {
                    filling.rows.append(try made(from: row, vector))
                }
                reach(1 - Double(left.count) / Double(lane.count))
            }
        }
        if filling.rows.count == 0, let reason = filling.first?.reason { throw reason }
        return filling
    }

    /// The rows of which there is something to show, and that.
    private func shown(
        _ chunk: ArraySlice<Annotation>,
        _ input: (Annotation) throws(GatewayError) -> EncoderInput?, _ filling: inout Filling
    ) throws(GatewayError) -> (rows: [Annotation], inputs: [EncoderInput]) {
        var rows: [Annotation] = []
        var inputs: [EncoderInput] = []
        for row in chunk {
            if isOver() { throw Self.cancelled }
            do throws(GatewayError) {
                guard let shown = try input(row) else { continue }
                rows.append(row)
                inputs.append(shown)
            } catch { try filling.miss(row, error) }
        }
        return (rows, inputs)
    }

    private func vectors(of inputs: [EncoderInput]) throws(GatewayError) -> [[Float]] {
        guard !inputs.isEmpty else { return [] }
        return try wait { then in
            gateway.encoders.vectors(
                of: inputs, with: encoder, seconds: limit(inputs.count), then: then)
        }
    }

    /// The row of a vector has the place and the key of the row it was made of, and its text where
    /// the track has text.
    private func made(
        from row: Annotation, _ vector: [Float]
    ) throws(GatewayError) -> Annotation {
        do { try target.vector?.check(vector) } catch {
            throw GatewayError(
                "ENCODER.answer", "the vector of '\(encoder.name)' does not fit: \(error)")
        }
        var made = Annotation(title: row.title, start: row.start, end: row.end, key: row.key)
        made.vector = vector
        if target.language != nil { made.text = row.text }
        return made
    }

    private func text(_ row: Annotation) throws(GatewayError) -> EncoderInput? {
        guard let text = row.text, !text.isEmpty else { return nil }
        return EncoderInput(.text, text)
    }

    // MARK: Rows

    private func laneRows(_ lane: [Annotation]) throws(GatewayError) -> RowBatch {
        guard !lane.isEmpty else { return RowBatch() }
        let lines = lane.flatMap { RowJSON.line($0) }
        return try restingAfter { () throws(GatewayError) in
            try read(try rows(EncoderInput(.annotations, lines)), offset: 0)
        }
    }

    private func sound() throws(GatewayError) -> RowBatch {
        let sound = try gateway.films.sound(of: try film())
        var batch = RowBatch()
        var heard: [UInt8] = []
        var start: Int64 = 0
        var isOver = false
        while !isOver {
            try restingAfter { () throws(GatewayError) in
                // A piece begins where the one before ended.
                heard += try sound.next(SoundPiece.bytes - heard.count)
                let piece = SoundPiece(from: &heard)
                isOver = piece.samples.isEmpty
                if isOver { return }
                let answer = try rows(EncoderInput(.audio, piece.file))
                batch.append(try read(answer, offset: start))
                start += piece.duration
                if let seconds = sound.seconds, seconds > 0 {
                    reach(min(Double(start) / 1e9 / seconds, 1))
                }
            }
        }
        return batch
    }

    private func rows(_ input: EncoderInput) throws(GatewayError) -> [UInt8] {
        try wait { then in
            gateway.encoders.rows(of: input, with: encoder, seconds: limit(1), then: then)
        }
    }

    /// The rows that an encoder wrote; one that is none makes all of them void.
    private func read(_ lines: [UInt8], offset: Int64) throws(GatewayError) -> RowBatch {
        var reader = RowReader(target, catalog, create: false)
        reader.defaultTitle = title.name
        reader.offset = offset
        reader.read(lines)
        if let bad = reader.rejects.first {
            throw GatewayError(
                "ENCODER.answer",
                "row \(bad.row) of '\(encoder.name)': \(bad.error.code): \(bad.error.text)")
        }
        return reader.rows
    }

    // MARK: Waiting, and the end

    private func film() throws(GatewayError) -> String {
        if let film = title.attributes.first(where: { $0.name == "file" })?.value { return film }
        throw GatewayError(
            "NOTFOUND.file",
            "nobody knows the film of '\(title.name)'; say it with TITLE SET \(title.name) "
                + "file=PATH")
    }

    /// The time for a number of inputs: each may take as long as one may, and a program that is
    /// not running yet has to start.
    private func limit(_ count: Int) -> Double {
        Double(encoder.seconds * max(1, count)) + Self.startSeconds
    }

    private func wait<Value: Sendable>(
        _ start: (@escaping @Sendable (Result<Value, GatewayError>) -> Void) -> Void
    ) throws(GatewayError) -> Value {
        let done = Monitor<Result<Value, GatewayError>?>(nil)
        start { result in done.update { $0 = result } }
        while true {
            if let result = done.wait(milliseconds: 100, { $0 }) { return try result.get() }
            // What the encoder still makes of it is thrown away.
            if isOver() { throw Self.cancelled }
        }
    }

    /// Does a piece of the work, the reading of the film and all, and rests.
    private func restingAfter<Value>(
        _ body: () throws(GatewayError) -> Value
    ) throws(GatewayError) -> Value {
        let started = gateway.clock()
        let value = try body()
        rest(gateway.clock() - started)
        if isOver() { throw Self.cancelled }
        return value
    }

    static var cancelled: GatewayError {
        GatewayError("CONFLICT.cancelled", "the job was cancelled")
    }

    private func commit(_ rows: RowBatch) throws(GatewayError) {
        let store = gateway.store
        do throws(StoreError) {
            let scope = Scope(title: Array(title.name.utf8))
            let operation = try store.write([.begin(track: target.id, scope: scope)]).operation
            do throws(StoreError) {
                try store.write([.stage(operation: operation, rows: rows)])
                _ = try store.commit(operation)
            } catch {
                try? store.abort(operation)
                throw error
            }
        } catch { throw GatewayError(error) }
    }
}
