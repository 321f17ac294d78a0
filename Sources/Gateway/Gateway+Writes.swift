// PUT, DELETE and LOAD: everything about a row is checked here, before the store sees it.

import Segments

extension Gateway {
    /// Rows that LOAD names one by one when it refuses them; further ones are only counted.
    private static let rejectsShown = 100

    /// Keys of a row's request that are no values of the row.
    private static let requestKeys: Set<String> = ["op", "req"]

    func put(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 2)
        let (view, catalog) = try current()
        let track = try catalog.track(try arguments.word(0, "the track"))
        try checkSound([track], view)
        let title = try catalog.title(try arguments.word(1, "the title"))
        let operation = try operation(arguments, track)
        var builder = RowBuilder(track, title)
        for key in arguments.keys where !Self.requestKeys.contains(key.name) {
            try builder.set(key.name, .text(key.value))
        }
        if let operation { try builder.join(operation) }
        var rows = RowBatch()
        rows.append(try builder.finish())
        if let operation {
            return .write([.stage(operation: operation.id, rows: rows)]) { _ in
                .ok([AnswerField("op", Int(operation.id))])
            }
        }
        return .write([.put(track: track.id, rows: rows)]) { applied in
            .ok([AnswerField("replaced", applied.replaced)])
        }
    }

    func delete(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 2)
        let (view, catalog) = try current()
        let track = try catalog.track(try arguments.word(0, "the track"))
        try checkSound([track], view)
        let title = Array(try catalog.title(try arguments.word(1, "the title")).name.utf8)
        let operation: Segments.Operation
        switch (arguments.bytes("key"), arguments.bytes("source")) {
        case (.some, .some):
            throw GatewayError("SYNTAX.key", "give key= or source=, not both")
        case (let key?, nil):
            guard !key.isEmpty else { throw GatewayError("SYNTAX.value", "key= is empty") }
            operation = .delete(track: track.id, title: title, key: key)
        case (nil, let source?):
            operation = .clear(
                track: track.id, title: title, name: Track.sourceName,
                value: source)
        case (nil, nil):
            operation = .clear(track: track.id, title: title, name: [], value: [])
        }
        return .write([operation]) { applied in
            .ok([AnswerField("deleted", applied.deleted)])
        }
    }

    func load(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let (view, catalog) = try current()
        let track = try catalog.track(try arguments.word(0, "the track"))
        try checkSound([track], view)
        guard let format = try arguments.string("format") else {
            throw GatewayError("SYNTAX.missing", "format=ndjson is missing")
        }
        _ = try arguments.choice("format", ["ndjson"], default: format)
        guard arguments.words.count == 2 else {
            throw GatewayError(
                "SYNTAX.missing", "the rows are missing: end the line with {n} and send n bytes")
        }
        var reader = RowReader(track, catalog, create: try createsTitles(arguments))
        reader.defaultTitle = try arguments.string("title")
        reader.source = arguments.bytes("source")
        let operation = try operation(arguments, track)
        reader.operation = operation
        if let operation {
            let title = String(decoding: operation.scope.title, as: UTF8.self)
            guard reader.defaultTitle ?? title == title else {
                throw .otherTitle(operation.id, title)
            }
            _ = try catalog.title(title)
            reader.defaultTitle = title
        } else if let source = reader.source, let title = reader.defaultTitle {
            if !reader.createsTitles { _ = try catalog.title(title) }
            // The rows that came from the file before go as these come.
            reader.operations.append(
                .clear(
                    track: track.id, title: Array(title.utf8),
                    name: Track.sourceName, value: source))
        }
        reader.read(arguments.words[1])
        let rejects = reader.rejects
        let rejected = reader.rejectCount
        let put: Segments.Operation =
            operation.map { .stage(operation: $0.id, rows: reader.rows) }
            ?? .put(track: track.id, rows: reader.rows)
        return .write(reader.operations + [put]) { applied in
            let shown = rejects.prefix(Self.rejectsShown).map { reject in
                [
                    AnswerField("row", reject.row), AnswerField("error", reject.error.code),
                    AnswerField("text", reject.error.text),
                ]
            }
            let summary = [
                AnswerField("rows", applied.put), AnswerField("replaced", applied.replaced),
                AnswerField("removed", applied.deleted), AnswerField("rejected", rejected),
            ]
            return .rows(Array(shown), summary: summary)
        }
    }

    private func createsTitles(_ arguments: Arguments) throws(GatewayError) -> Bool {
        try arguments.integer("create", 0...1, default: 0) == 1
    }
}
