// What SEARCH and COUNT ask for; COUNT, CONTEXT and GET.

import Media
import Segments
import TextIndex

extension Gateway {
    /// The most rows of one answer.
    package static let limitMax = 1_000
    /// How far paging by offset reaches.
    package static let offsetMax = 10_000

    func count(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> Answer {
        let (view, catalog) = try current()
        let tracks = try catalog.tracks(named: try arguments.word(0, "the track"))
        var request = try self.request(arguments, tracks, catalog)
        request.limit = 0
        request.countLimit = .max
        let result = try found(view, tracks, request)
        // A count is exact or none.
        for track in tracks {
            if let reason = result.damaged[track.id] { throw .damagedTrack(track.name, reason) }
        }
        return .done("\(result.count.count)")
    }

    private func found(
        _ view: View, _ tracks: [Track], _ request: SearchRequest
    ) throws(GatewayError) -> SearchResult {
        if tracks.allSatisfy({ view.quarantined[$0.id] != nil }) { try checkSound(tracks, view) }
        do { return try view.search(tracks.map(\.id), request) } catch {
            throw GatewayError(error)
        }
    }

    /// What SEARCH and COUNT ask for.
    func request(
        _ arguments: Arguments, _ tracks: [Track], _ catalog: Catalog
    ) throws(GatewayError) -> SearchRequest {
        try readRequest(arguments, tracks, catalog).request
    }

    /// The same, with the query as each track read it.
    func readRequest(
        _ arguments: Arguments, _ tracks: [Track], _ catalog: Catalog
    ) throws(GatewayError) -> (request: SearchRequest, queries: [UInt32: ReadQuery]) {
        try arguments.expectWords(atMost: 1)
        if arguments.text != nil, arguments.bytes("q") != nil {
            throw GatewayError("SYNTAX.key", "the query stands on the line or in q=, not both")
        }
        let text = arguments.bytes("q") ?? arguments.text ?? []
        try checkUTF8(text, "the query")
        var syntax = QuerySyntax(text)
        let typedTitles = syntax.takeTitles()
        try checkFields(syntax, tracks)
        let match = try self.match(arguments)
        let attributes = try AttributeScope(arguments, tracks, analyzer)
        // Where something was asked for that holds no word, nothing matches, rather than all.
        let isEmpty = text.isEmpty || typedTitles != .init() && syntax.items.isEmpty
        var request = SearchRequest(TextQuery(), limit: 0)
        var queries: [UInt32: ReadQuery] = [:]
        for track in tracks {
            let read = self.read(syntax, match, track)
            queries[track.id] = read
            var query = read.query
            query.filters = attributes.filters(track)
            if query.clauses.isEmpty, !isEmpty { query.filters.append([]) }
            request.queries[track.id] = query
            let numbers = attributes.numbers(track)
            if !numbers.isEmpty { request.numbers[track.id] = numbers }
            let boxes = attributes.boxes(track)
            if !boxes.isEmpty { request.boxes[track.id] = boxes }
        }
        try keep(&request, to: arguments, typedTitles, catalog)
        return (request, queries)
    }

    /// Keeps a request to titles and a stretch of time.
    private func keep(
        _ request: inout SearchRequest, to arguments: Arguments, _ typed: QuerySyntax.Titles,
        _ catalog: Catalog
    ) throws(GatewayError) {
        let scope = try TitleScope(arguments, typed: typed.wanted, catalog, analyzer)
        request.titles = scope.names
        request.exceptTitles = Set(typed.unwanted)
        for name in try arguments.string("not_title")?.split(separator: ",") ?? [] {
            request.exceptTitles.insert(Array(try catalog.title(String(name)).name.utf8))
        }
        request.gap = try gap(arguments)
        // Without one title there is no rate, so only clock times can be meant.
        let clock = scope.only ?? Title(name: "")
        if let start = try arguments.string("in") { request.start = try clock.time(start, "in") }
        if let end = try arguments.string("out") { request.end = try clock.time(end, "out") }
        if let start = request.start, let end = request.end, end < start {
            throw GatewayError("SYNTAX.time", "out= comes before in=: the range is upside down")
        }
    }

    /// Throws when a query has `name:value` of what only stands behind it: attributes of titles,
    /// and those of tracks that are numbers or boxes.
    private func checkFields(
        _ syntax: QuerySyntax, _ tracks: [Track]
    ) throws(GatewayError) {
        let asked = syntax.field { name in
            if name.hasPrefix(TitleScope.prefix) { return name != TitleScope.prefix }
            return tracks.contains { track in
                track.fields.contains {
                    $0.name == name && ($0.type == .number || $0.type == .box)
                }
            }
        }
        guard let asked else { return }
        throw GatewayError(
            "SYNTAX.key",
            "\(asked.name.prefix(64)):\(asked.value.prefix(64)) is no part of a query; write "
                + "\(asked.name.prefix(64))=\(asked.value.prefix(64)) behind it")
    }

    /// A typed query as a track understands it.
    private func read(
        _ syntax: QuerySyntax, _ match: QueryReader.Match, _ track: Track
    ) -> ReadQuery {
        let keywords = (track.fields + [Track.sourceField]).filter { $0.type == .keyword }
        return QueryReader.read(
            syntax, match, track.analyzer, attributes: Set(keywords.map { Array($0.name.utf8) }),
            synonyms: track.synonyms)
    }

    private func match(_ arguments: Arguments) throws(GatewayError) -> QueryReader.Match {
        switch try arguments.string("match") {
        case nil, "any": return .any
        case "all": return .all
        case let text?:
            guard let count = Int(text), (1...QuerySyntax.leavesMax).contains(count) else {
                throw GatewayError(
                    "SYNTAX.value",
                    "match=\(text.prefix(32)) is none of any, all or a number from 1 to "
                        + "\(QuerySyntax.leavesMax)")
            }
            return .atLeast(count)
        }
    }

    func context(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> Answer {
        try arguments.expectWords(atMost: 2)
        let (view, catalog) = try current()
        let tracks = try catalog.tracks(named: try arguments.word(0, "the track"))
        let title = try catalog.title(try arguments.word(1, "the title"))
        guard let at = try arguments.string("at") else {
            throw GatewayError("SYNTAX.missing", "at=TIME is missing")
        }
        try checkSound(tracks, view)
        let time = try title.time(at, "at")
        let before = try arguments.integer("before", 0...100, default: 3)
        let after = try arguments.integer("after", 0...100, default: 3)
        var rows: [[AnswerField]] = []
        for track in tracks {
            let lines: [Annotation]
            do {
                lines = try view.context(
                    track.id, title: Array(title.name.utf8), at: time, before: before,
                    after: after)
            } catch { throw GatewayError(error) }
            rows += lines.map { row($0, track.name, catalog, settings, nil) }
        }
        return .rows(rows, summary: [AnswerField("shown", rows.count)])
    }

    func get(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> Answer {
        try arguments.expectWords(atMost: 2)
        var settings = settings
        settings.blobs = true
        let (view, catalog) = try current()
        let track = try catalog.track(try arguments.word(0, "the track"))
        let title = try catalog.title(try arguments.word(1, "the title"))
        guard let key = arguments.bytes("key"), !key.isEmpty else {
            throw GatewayError("SYNTAX.missing", "key=KEY is missing")
        }
        try checkSound([track], view)
        let found: Annotation?
        do {
            found = try view.annotation(track.id, title: Array(title.name.utf8), key: key)
        } catch { throw GatewayError(error) }
        guard let found else {
            throw GatewayError(
                "NOTFOUND.annotation", "nothing has this key in '\(title.name)' of '\(track.name)'")
        }
        var row = row(found, track.name, catalog, settings, nil)
        if try arguments.integer("vec", 0...1, default: 0) == 1 {
            let vectors: [[Float]]
            do {
                vectors = try view.vectors(track.id, title: Array(title.name.utf8), key: key)
            } catch { throw GatewayError(error) }
            row += vectors.map { AnswerField("vec", VectorText.text($0)) }
        }
        return .rows([row], summary: [AnswerField("shown", 1)])
    }

    func row(
        _ annotation: Annotation, _ track: String, _ catalog: Catalog,
        _ settings: ConversationSettings, _ highlight: Highlight?
    ) -> [AnswerField] {
        let name = String(decoding: annotation.title, as: UTF8.self)
        let title = catalog.titles[name] ?? Title(name: name)
        var row = [
            AnswerField("title", name), AnswerField("track", track),
            AnswerField("in", title.label(annotation.start, settings.time)),
            AnswerField("out", title.label(annotation.end, settings.time)),
        ]
        if !annotation.key.isEmpty { row.append(AnswerField("key", .bytes(annotation.key))) }
        row += annotation.attributes.filter { settings.blobs || $0.type != .blob }.map {
            AnswerField(String(decoding: $0.name, as: UTF8.self), AttributeText.value($0))
        }
        if let text = annotation.text {
            row.append(AnswerField("text", .bytes(highlight?.mark(text) ?? text)))
        }
        return row
    }
}
