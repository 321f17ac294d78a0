// Sends a file of rows: those of new titles in chunks, those of a title that is there already so
// that they take the place of what came from the file before, at once. Several requests are on
// their way at a time.

import Net

extension Importer {
    /// Requests sent ahead of their replies.
    private static let requestsAhead = 4
    /// Rows of a title up to so many bytes replace the old in one request, more by an operation.
    private static let requestBytes = 8 << 20

    func importRows(_ path: String) throws {
        let bytes = try Files.read(path)
        try renewConnection()
        let track = try self.track(options.language)
        for row in try connection.ask(Array("TITLE LIST\n".utf8)).rows {
            if let title = row["title"] { titles[title] = row["file"] ?? "" }
        }
        let file = RowFile(bytes, known: Set(titles.keys))
        var pending = PendingLoads(path: path, file: file)
        defer { skipReplies(pending.loads.count) }
        let source = Array(Files.name(path).utf8)
        func line(_ option: (name: String, value: String)) -> RequestLine {
            var load = RequestLine("LOAD")
            load.word(track)
            load.key("format", literal: Array("ndjson".utf8))
            load.key("source", literal: source)
            load.key(option.name, literal: Array(option.value.utf8))
            return load
        }
        for chunk in file.chunks(of: file.fresh) {
            try send(chunk, line(("create", "1")), &pending)
        }
        for (title, pieces) in file.replaced {
            guard pieces.reduce(0, { $0 + $1.bytes.count }) > Self.requestBytes else {
                try send(pieces, line(("title", title)), &pending)
                continue
            }
            try takeReplies(&pending, leaving: 0)
            try replace(track, title, source) { operation in
                do {
                    for chunk in file.chunks(of: pieces) {
                        try send(chunk, line(("op", operation)), &pending)
                    }
                    try takeReplies(&pending, leaving: 0)
                } catch {
                    skipReplies(pending.loads.count)
                    pending.loads = []
                    throw error
                }
            }
        }
        try takeReplies(&pending, leaving: 0)
    }

    /// Replaces what a source brought to a lane by what `fill` sends to an operation, of which
    /// nothing is left when that fails; `fill` waits for its replies.
    func replace(
        _ track: String, _ title: String, _ source: [UInt8], fill: (String) throws -> Void
    ) throws {
        let operation = try begin(track, title, source)
        do {
            try fill(operation)
            _ = try connection.ask(Array("COMMIT \(operation)\n".utf8))
        } catch {
            _ = try? connection.ask(Array("ABORT \(operation)\n".utf8))
            throw error
        }
    }

    /// Sends a request and goes on without its reply.
    func push(_ line: RequestLine) throws(Failure) {
        connection.send(line.line)
        do { try connection.flush() } catch { throw Failure(error) }
    }

    /// Reads so many replies that nobody waits for any more.
    func skipReplies(_ count: Int) {
        for _ in 0..<count {
            guard (try? connection.readReply()) != nil else { return }
        }
    }

    /// Opens an operation that replaces what a source brought to a lane; one that an import left
    /// open which did not come to its end is given up.
    private func begin(_ track: String, _ title: String, _ source: [UInt8]) throws -> String {
        var begin = RequestLine("BEGIN")
        begin.word(track)
        begin.word(title)
        begin.key("source", literal: source)
        begin.key("req", literal: Array("import-\(Self.fingerprint(begin.bytes))".utf8))
        var reply = try connection.ask(begin.line)
        if reply.fields["repeated"] != nil, let left = reply.fields["op"] {
            _ = try connection.ask(Array("ABORT \(left)\n".utf8))
            reply = try connection.ask(begin.line)
        }
        guard let operation = reply.fields["op"] else {
            throw Failure(.refused, "mspd: the server began no operation: \(reply.words)")
        }
        return operation
    }

    /// FNV-1a, 64 bits: the same for the same request.
    private static func fingerprint(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return String(hash, radix: 16)
    }

    private func send(
        _ pieces: [RowFile.Piece], _ line: RequestLine, _ pending: inout PendingLoads
    ) throws {
        var load = line
        load.literal(Array(pieces.map { pending.file.bytes[$0.bytes] }.joined()))
        try push(load)
        pending.loads.append(pieces)
        try takeReplies(&pending, leaving: Self.requestsAhead - 1)
    }

    private func takeReplies(_ pending: inout PendingLoads, leaving left: Int) throws {
        while pending.loads.count > left {
            let pieces = pending.loads.removeFirst()
            let reply: ClientReply
            do { reply = try connection.accepted(connection.readReply()) } catch let error
                as NetError
            { throw Failure(error) }
            for row in reply.rows {
                let line = RowFile.line(ofRow: row["row"].flatMap { Int($0) } ?? 1, in: pieces)
                report("\(pending.path):\(line): \(row["error"] ?? "") \(row["text"] ?? "")")
            }
            let hidden = (reply.fields["rejected"].flatMap { Int($0) } ?? 0) - reply.rows.count
            if hidden > 0 {
                let line = RowFile.line(ofRow: 1, in: pieces)
                report("\(pending.path): \(hidden) more rows refused near line \(line)")
            }
            count(reply, pieces.reduce(0) { $0 + $1.bytes.count })
        }
    }
}

/// Requests of one file whose replies have not come.
private struct PendingLoads {
    let path: String
    let file: RowFile
    var loads: [[RowFile.Piece]] = []
}
