// BEGIN, COMMIT, ABORT and ROLLBACK: a lane, or what one source brought to it, is replaced at once.
// Also what is common to requests that carry req=: sent again, they do nothing.

import Segments

extension Gateway {
    func begin(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 2)
        let (view, catalog) = try current()
        let track = try catalog.track(try arguments.word(0, "the track"))
        try checkSound([track], view)
        let title = try catalog.title(try arguments.word(1, "the title"))
        var scope = Scope(title: Array(title.name.utf8))
        if let source = arguments.bytes("source") {
            guard !source.isEmpty else { throw GatewayError("SYNTAX.value", "source= is empty") }
            scope = Scope(
                title: scope.title, name: Track.sourceName, value: source)
        }
        return .write([.begin(track: track.id, scope: scope)]) { applied in
            .ok([AnswerField("op", Int(applied.operation))] + Self.repeated(applied))
        }
    }

    func commit(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let id = try operationNumber(arguments)
        let token = arguments.bytes("req")
        if let open = store.operation(id) {
            // The title may have been dropped meanwhile.
            let title = String(decoding: open.scope.title, as: UTF8.self)
            _ = try current().catalog.title(title)
        }
        let store = self.store
        return .later { finish in
            store.commit(id, token: token) { result in
                finish(
                    result.mapError { GatewayError($0) }.map { applied in
                        .ok(
                            [
                                AnswerField("op", Int(id)), AnswerField("rows", applied.put),
                                AnswerField("removed", applied.deleted),
                            ] + Self.repeated(applied))
                    })
            }
        }
    }

    func abort(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let id = try operationNumber(arguments)
        let store = self.store
        return .later { finish in
            store.abort(id) { result in
                finish(
                    result.mapError { GatewayError($0) }.map { _ in
                        .ok([AnswerField("op", Int(id))])
                    })
            }
        }
    }

    func rollBack(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 2)
        let catalog = try current().catalog
        let track = try catalog.track(try arguments.word(0, "the track"))
        let title = try catalog.title(try arguments.word(1, "the title"))
        let token = arguments.bytes("req")
        let store = self.store
        return .later { finish in
            store.rollBack(track.id, title: Array(title.name.utf8), token: token) { result in
                finish(
                    result.mapError { GatewayError($0) }.map { applied in
                        .ok(
                            [
                                AnswerField("rows", applied.put),
                                AnswerField("removed", applied.deleted),
                            ] + Self.repeated(applied))
                    })
            }
        }
    }

    private func operationNumber(_ arguments: Arguments) throws(GatewayError) -> UInt64 {
        try arguments.expectWords(atMost: 1)
        return try Self.number(try arguments.word(0, "the operation's number"))
    }

    private static func number(_ text: String) throws(GatewayError) -> UInt64 {
        guard let id = UInt64(text), id > 0 else {
            throw GatewayError(
                "SYNTAX.value", "'\(text.prefix(32))' is not the number that BEGIN gave")
        }
        return id
    }

    /// The open operation that op= names, which must write to this track.
    func operation(
        _ arguments: Arguments, _ track: Track
    ) throws(GatewayError) -> OpenOperation? {
        guard let text = try arguments.string("op") else { return nil }
        let id = try Self.number(text)
        guard let open = store.operation(id) else {
            throw GatewayError(.noOperation(id))
        }
        guard open.track == track.id else {
            throw GatewayError(
                "CONFLICT.operation", "operation \(id) is on another track than '\(track.name)'")
        }
        return open
    }

    // MARK: Requests that happen once

    /// The answer to a request that carries the token of one that was carried out.
    func repeatedAnswer(_ arguments: Arguments) throws(GatewayError) -> Answer? {
        guard let token = arguments.bytes("req") else { return nil }
        guard (1...RequestMark.tokenMax).contains(token.count),
            token.allSatisfy({ (33...126).contains($0) })
        else {
            throw GatewayError(
                "SYNTAX.value",
                "req= takes 1 to \(RequestMark.tokenMax) printable characters without spaces")
        }
        guard let applied = store.applied(token) else { return nil }
        return .ok(
            [
                AnswerField("rows", applied.put), AnswerField("replaced", applied.replaced),
                AnswerField("removed", applied.deleted),
            ] + Self.repeated(applied))
    }

    static func repeated(_ applied: Applied) -> [AnswerField] {
        applied.isRepeated ? [AnswerField("repeated", 1)] : []
    }
}
