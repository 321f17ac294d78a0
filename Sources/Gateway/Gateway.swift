// The one place where requests become calls: looks up the verb, and hands words and keys to the
// call that carries it out. Knows no socket and no file; every front end comes through here.

package import Segments
import Synchronization
package import TextIndex

/// How one connection wants its answers.
package struct ConversationSettings: Sendable {
    /// The form of times.
    package var time = TimeFormat.smpte
    /// Whether rows are JSON objects; the front end puts them into that form.
    package var json = false
    /// Seconds after which a search answers with what it has; nil for no bound.
    package var deadline: Double?
    /// Whether rows have their blobs, such as thumbnails, which are large.
    var blobs = false

    /// The defaults.
    package init() {}

    /// These, with the blobs that a request asks for.
    func with(_ arguments: Arguments) throws(GatewayError) -> ConversationSettings {
        var settings = self
        settings.blobs = try arguments.integer("thumb", 0...1, default: 0) == 1
        return settings
    }
}

/// The verbs over one store.
package final class Gateway: Sendable {
    /// The program's version.
    package static let version = "0.1.0"

    let store: Store
    let analyzer: Analyzer
    /// Seconds on a clock that only goes forward.
    let clock: @Sendable () -> Double
    let cursors: CursorTable
    /// Runs encoders.
    let encoders: any QueryEncoder
    /// Looks into films.
    let films: any FilmSource
    /// Fills tracks in the background, once there is one.
    let enricher = Mutex<Enricher?>(nil)
    private let catalogs = CatalogCache()
    /// Facts that the front end adds to INFO.
    private let facts: @Sendable () -> [(name: String, value: Int64)]

    /// The verbs over a store; `clock` tells seconds and only goes forward, `facts` adds rows to
    /// INFO, such as counts of connections; `encoders` runs what ENCODER SET names,
    /// `films` is where ENRICH finds pictures and sound.
    package init(
        _ store: Store, _ analyzer: Analyzer = Analyzer(),
        encoders: any QueryEncoder = NoEncoders(), films: any FilmSource = NoFilms(),
        clock: @escaping @Sendable () -> Double,
        facts: @escaping @Sendable () -> [(name: String, value: Int64)] = { [] }
    ) {
        self.store = store
        self.analyzer = analyzer
        self.clock = clock
        self.encoders = encoders
        self.films = films
        cursors = CursorTable(clock)
        self.facts = facts
    }

    /// The newest view with its catalog.
    func current() throws(GatewayError) -> (view: View, catalog: Catalog) {
        let view = store.view
        return (view, try catalogs.catalog(of: view))
    }

    /// Whether a key is an attribute of one of the tracks that a list names, or of a title.
    package func isAttribute(_ key: String, ofTracks list: String) -> Bool {
        guard let catalog = try? current().catalog, let tracks = try? catalog.tracks(named: list)
        else { return false }
        // Where no title has it, that is said rather than looked for as text.
        if key.hasPrefix(TitleScope.prefix) { return true }
        return tracks.contains { $0.field(key) != nil } || AttributeScope.box(key, tracks) != nil
    }

    /// The names of what rows of some tracks may be asked for, in order; of none where there is no
    /// such track.
    package func attributes(ofTracks list: String) -> [String] {
        guard let catalog = try? current().catalog, let tracks = try? catalog.tracks(named: list)
        else { return [] }
        let fields = tracks.flatMap(\.fields).filter {
            [.keyword, .number, .box].contains($0.type)
        }
        return Set(fields.map(\.name)).sorted()
    }

    /// Carries out one request.
    package func call(
        _ verb: String, _ arguments: Arguments, _ settings: inout ConversationSettings
    ) throws(GatewayError) -> CallOutcome {
        if let answer = try repeatedAnswer(arguments) { return .answer(answer) }
        cursors.expire()
        switch verb {
        case "PING": return .answer(.done("PONG"))
        case "HELP": return .answer(try help(arguments))
        case "INFO": return .answer(try info())
        case "SET": return .answer(try set(arguments, &settings))
        case "TITLE": return try title(arguments.without("req"), settings)
        case "TRACK": return try track(arguments.without("req"))
        case "ENCODER": return try encoder(arguments.without("req"))
        case "ENRICH": return try enrich(arguments)
        case "PUT": return try put(arguments)
        case "DELETE": return try delete(arguments)
        case "SNAPSHOT": return try snapshot(arguments)
        case "VERIFY": return try verify(arguments)
        case "LOAD": return try load(arguments)
        case "BEGIN": return try begin(arguments)
        case "COMMIT": return try commit(arguments)
        case "ABORT": return try abort(arguments)
        case "ROLLBACK": return try rollBack(arguments)
        case "SYNC": return .answer(.done("SYNCED"))
        case "SEARCH": return .answer(try search(arguments, settings.with(arguments)))
        case "SIMILAR": return try similar(arguments, settings.with(arguments))
        case "COUNT": return .answer(try count(arguments, settings))
        case "EXPLAIN": return .answer(try explain(arguments, settings))
        case "SUGGEST": return .answer(try suggest(arguments))
        case "CONTEXT": return .answer(try context(arguments, settings.with(arguments)))
        case "GET": return .answer(try get(arguments, settings))
        case "MERGE": return try merge(arguments)
        case "JOBS": return .answer(try jobs(arguments))
        case "CANCEL": return .answer(try cancel(arguments))
        case "QUIT": return .goodbye
        default: throw GatewayError("SYNTAX.verb", "unknown verb '\(verb)'; HELP lists them")
        }
    }

    private func help(_ arguments: Arguments) throws(GatewayError) -> Answer {
        try arguments.expectWords(atMost: 1)
        var verbs = Verb.all
        if !arguments.words.isEmpty {
            let name = try arguments.word(0, "the verb").uppercased()
            guard let verb = Verb.named(name) else {
                throw GatewayError("NOTFOUND.verb", "there is no verb '\(name.prefix(64))'")
            }
            verbs = [verb]
        }
        let rows = verbs.map { verb in
            [
                AnswerField("verb", verb.name), AnswerField("does", verb.summary),
                AnswerField("usage", verb.usage),
            ]
        }
        return .rows(rows, summary: [AnswerField("shown", rows.count)])
    }

    private func set(
        _ arguments: Arguments, _ settings: inout ConversationSettings
    ) throws(GatewayError) -> Answer {
        try arguments.expectWords(atMost: 0)
        let format = try arguments.choice(
            "format", ["tsv", "json"], default: settings.json ? "json" : "tsv")
        let time = try arguments.choice(
            "time", TimeFormat.allCases.map(\.rawValue), default: settings.time.rawValue)
        settings.json = format == "json"
        settings.time = TimeFormat(rawValue: time) ?? settings.time
        if arguments.bytes("deadline") != nil {
            settings.deadline = try SearchShape.deadline(arguments)
        }
        let deadline = settings.deadline.map { seconds in
            AnswerField("deadline", "\(Int((seconds * 1_000).rounded()))ms")
        }
        return .ok(
            [AnswerField("format", format), AnswerField("time", time)]
                + (deadline.map { [$0] } ?? []))
    }

    private func info() throws(GatewayError) -> Answer {
        let (view, catalog) = try current()
        let tracks = view.tracks.values
        let operations = store.operations
        let parts = tracks.map(\.segmentParts)
        var facts: [(name: String, value: Int64)] = [
            ("titles", Int64(catalog.titles.count)),
            ("tracks", Int64(catalog.tracks.count)),
            ("annotations", tracks.reduce(0) { $0 + Int64($1.documentCount - $1.deletedCount) }),
            ("deleted", tracks.reduce(0) { $0 + Int64($1.deletedCount) }),
            ("operations", Int64(view.sequence)),
            ("segments", tracks.reduce(0) { $0 + Int64($1.segments.count) }),
            ("segment_bytes", tracks.reduce(0) { $0 + Int64($1.segmentBytes) }),
            ("segment_bytes.rows", parts.reduce(0) { $0 + Int64($1.rows) }),
            ("segment_bytes.text", parts.reduce(0) { $0 + Int64($1.text) }),
            ("segment_bytes.vectors", parts.reduce(0) { $0 + Int64($1.vectors) }),
            ("segment_bytes.columns", parts.reduce(0) { $0 + Int64($1.columns) }),
            ("memtable_bytes", tracks.reduce(0) { $0 + Int64($1.memtableBytes) }),
            ("log_bytes", Int64(view.logBytes)),
            ("open_cursors", Int64(cursors.count)),
            ("open_operations", Int64(operations.count)),
            ("operation_bytes", operations.reduce(0) { $0 + Int64($1.bytes) }),
            ("damaged_tracks", Int64(view.quarantined.count)),
        ]
        facts += limits + self.facts()
        let version = [AnswerField("name", "version"), AnswerField("value", Self.version)]
        let rows =
            facts.map { fact in
                [AnswerField("name", fact.name), AnswerField("value", .integer(fact.value))]
            } + quarantineRows(view, catalog)
        return .rows([version] + rows, summary: [AnswerField("shown", rows.count + 1)])
    }

    /// What may grow, and how far.
    private var limits: [(name: String, value: Int64)] {
        let settings = store.settings
        return [
            ("limit.memtable_bytes", Int64(settings.memtableBytes)),
            ("limit.log_bytes", Int64(settings.logBytes)),
            ("limit.merge_bytes", Int64(settings.mergeBytes)),
            ("limit.operation_bytes", Int64(settings.operationBytes)),
            ("limit.open_operations", Int64(settings.openOperations)),
            ("limit.open_cursors", Int64(CursorTable.countMax)),
            ("limit.cursor_bytes", Int64(CursorTable.bytesMax)),
            ("limit.disk_reserve_bytes", Int64(settings.reserveBytes)),
        ]
    }
}
