// Fills the lane of one title: shows an encoder what there is, a little at a time, and replaces the
// lane by what it gave, in one operation. Runs on a thread that may wait.

import Segments
import VectorIndex

/// What became of a title.
struct Filling {
    /// Inputs without a result after which the title is given up, if none had one.
    private static let hopeless = 32
    /// Inputs in a row at which the program ended or hung after which the title is given up: that
    /// is hardly the fault of what it was shown.
    private static let fallsInARow = 3

    /// Rows of the lane.
    var rows = RowBatch()
    /// Rows of the source, or pieces of the sound, of which nothing was made.
    private(set) var missed = 0
    /// The first of them, and why.
    private(set) var first: (start: Int64, reason: GatewayError)?
    private var falls = 0

    /// Adds what was made of one input.
    fileprivate mutating func add(_ made: Annotation) {
        rows.append(made)
        falls = 0
    }

    /// Goes on without what begins at a time, unless neither the film nor that input is to blame,
    /// or all of them are.
    fileprivate mutating func miss(
        at start: Int64, _ reason: GatewayError
    ) throws(GatewayError) {
        guard reason.code.hasPrefix("FILM.") || reason.isOfInput else { throw reason }
        missed += 1
        if first == nil { first = (start, reason) }
        falls = reason.isOfInput && !reason.isRefusal ? falls + 1 : 0
        if falls >= Self.fallsInARow { throw reason }
        if rows.count == 0, missed >= Self.hopeless { throw first?.reason ?? reason }
    }

    /// The same, unless nothing was made of the whole title.
    fileprivate func orFailure() throws(GatewayError) -> Filling {
        if rows.count == 0, let first { throw first.reason }
        return self
    }
}

extension GatewayError {
    /// Whether an encoder has nothing to say to its input, or nothing that makes sense.
    fileprivate var isRefusal: Bool { ["ENCODER.refused", "ENCODER.answer"].contains(code) }

    /// Whether an encoder may do better with another input.
    fileprivate var isOfInput: Bool {
        isRefusal || ["ENCODER.exited", "ENCODER.timeout"].contains(code)
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
    /// Seconds for which a program that failed is waited for until it is started again.
    private static let restsAtMost = 60

    let gateway: Gateway
    let encoder: Encoder
    let target: Track
    let matter: EnrichmentMatter
    let title: Title
    let view: View
    let catalog: Catalog
    /// Whether what the lane has is out of date, so that it goes even where nothing comes.
    let isStale: Bool
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
        case .sound: filling = try sound()
        }
        try checkSource()
        if filling.rows.count > 0 || isStale { try commit(filling.rows) }
        return filling
    }

    /// Rows, and the film that shows them.
    private func seen(_ track: Track) throws(GatewayError) -> ([Annotation], RowFilm) {
        let lane = LaneRows(view, track.id, title: title.name)
        let rows = try lane.rows()
        var film = try RowFilm(try film(), title.rate, rows, gateway.films)
        if track.vector != nil { film.blank = try lane.keysWithoutVectors() }
        return (rows, film)
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
                try add(rows, inputs, to: &filling)
                size.took(gateway.clock() - started)
                reach(1 - Double(left.count) / Double(lane.count))
            }
        }
        return try filling.orFailure()
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
            } catch { try filling.miss(at: row.start, error) }
        }
        return (rows, inputs)
    }

    /// Adds the rows of some inputs, of which all are shown at once; where the encoder fails, each
    /// by itself, so that only what it cannot bear is missed.
    private func add(
        _ rows: [Annotation], _ inputs: [EncoderInput], to filling: inout Filling
    ) throws(GatewayError) {
        guard !inputs.isEmpty else { return }
        var all: [Annotation] = []
        do throws(GatewayError) {
            for (row, vector) in zip(rows, try vectors(of: inputs)) {
                all.append(try made(from: row, vector))
            }
        } catch {
            guard error.isOfInput else { throw error }
            return try addEach(rows, inputs, to: &filling)
        }
        for made in all { filling.add(made) }
    }

    private func addEach(
        _ rows: [Annotation], _ inputs: [EncoderInput], to filling: inout Filling
    ) throws(GatewayError) {
        for (row, input) in zip(rows, inputs) {
            if isOver() { throw Self.cancelled }
            do throws(GatewayError) {
                let vector = try patiently { () throws(GatewayError) in
                    try vectors(of: [input])[0]
                }
                filling.add(try made(from: row, vector))
            } catch { try filling.miss(at: row.start, error) }
        }
    }

    private func vectors(of inputs: [EncoderInput]) throws(GatewayError) -> [[Float]] {
        try wait { then in
            gateway.encoders.vectors(
                of: inputs, with: encoder, seconds: limit(inputs.count), then: then)
        }
    }

    /// The row of a vector has the place and the key of the row it was made of, its text where the
    /// track has text, and the encoder's name as its source.
    private func made(
        from row: Annotation, _ vector: [Float]
    ) throws(GatewayError) -> Annotation {
        do { try target.vector?.check(vector) } catch { throw .misfit(encoder.name, error) }
        var made = Annotation(title: row.title, start: row.start, end: row.end, key: row.key)
        made.vector = vector
        made.attributes = [
            Attribute(
                name: Track.sourceName, type: .keyword,
                value: Array(encoder.name.utf8))
        ]
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

    private func sound() throws(GatewayError) -> Filling {
        let sound = try gateway.films.sound(of: try film())
        var filling = Filling()
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
                do throws(GatewayError) {
                    let answer = try patiently { () throws(GatewayError) in
                        try rows(EncoderInput(.audio, piece.file))
                    }
                    filling.rows.append(try read(answer, offset: start))
                } catch { try filling.miss(at: start, error) }
                start += piece.duration
                if let seconds = sound.seconds, seconds > 0 {
                    reach(min(Double(start) / 1e9 / seconds, 1))
                }
            }
        }
        return try filling.orFailure()
    }

    private func rows(_ input: EncoderInput) throws(GatewayError) -> [UInt8] {
        try wait { then in
            gateway.encoders.rows(of: input, with: encoder, seconds: limit(1), then: then)
        }
    }

    /// The rows that an encoder wrote, with its name as their source; one that is none makes all of
    /// them void.
    private func read(_ lines: [UInt8], offset: Int64) throws(GatewayError) -> RowBatch {
        var reader = RowReader(target, catalog, create: false)
        reader.defaultTitle = title.name
        reader.offset = offset
        reader.source = Array(encoder.name.utf8)
        reader.overrulesSource = true
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
        if let film = title.film { return film }
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

    /// Asks again while a program that failed is not started yet.
    private func patiently<Value>(
        _ ask: () throws(GatewayError) -> Value
    ) throws(GatewayError) -> Value {
        for _ in 0..<Self.restsAtMost {
            do throws(GatewayError) { return try ask() } catch {
                guard error.code == "ENCODER.resting" else { throw error }
                rest(1)
                if isOver() { throw Self.cancelled }
            }
        }
        return try ask()
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

    /// Refuses to store what was made of rows that are not those of now: nobody would know later.
    private func checkSource() throws(GatewayError) {
        let now = try gateway.current()
        let lane = EnrichedLane(
            view: now.view, catalog: now.catalog,
            title: now.catalog.titles[title.name] ?? title, target: target,
            encoder: encoder.name, from: matter.source)
        guard try lane.sourceChange() <= view.sequence else {
            throw GatewayError(
                "CONFLICT.changed", retry: true,
                (matter.source.map { "'\($0.name)'" } ?? "the film of '\(title.name)'")
                    + " was changed while '\(target.name)' was made of it; ask again")
        }
    }

    private func commit(_ rows: RowBatch) throws(GatewayError) {
        let store = gateway.store
        do throws(StoreError) {
            let scope = Scope(title: Array(title.name.utf8))
            let operation = try store.write([.begin(track: target.id, scope: scope)]).operation
            do throws(StoreError) {
                if rows.count > 0 {
                    try store.write([.stage(operation: operation, rows: rows)])
                }
                _ = try store.commit(operation)
            } catch {
                try? store.abort(operation)
                throw error
            }
        } catch { throw GatewayError(error) }
    }
}
