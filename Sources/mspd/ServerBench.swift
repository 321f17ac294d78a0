// Measures a server from outside, as its clients meet it: durable acknowledgements of single rows
// on many connections, searches while nothing else happens and while rows are loaded and merged.

import Glibc
import Net
import Segments
import Storage
import Synchronization

/// One measurement of a server with an empty data folder.
struct ServerBench: Sendable {
    private static let chunkBytes = 1 << 20

    let address: Listen
    /// The same server over TCP.
    let tcp: Listen
    /// A folder on the server's disk.
    let folder: String
    let connections: Int
    let depth: Int
    let seconds: Double
    /// Connections that search at once.
    let searchers: Int

    /// All figures as JSON.
    ///
    /// `rows` are lines of JSON with a speaker and a text, `queries` what is searched for.
    func run(_ rows: [UInt8], _ queries: [String]) throws -> String {
        let control = try connect()
        for track in ["writes", "lines"] {
            _ = try control.ask(
                Array("TRACK CREATE \(track) speaker:keyword text=auto\n".utf8))
        }
        let sync = try syncTimes()
        say("fdatasync of 4 KiB", sync)
        let writes = try acknowledgements()
        Terminal.error("durable writes: \(Terminal.grouped(Int(writes))) a second")
        let middle = rows[..<(rows.count / 2)].lastIndex(of: 10).map { $0 + 1 } ?? 0
        _ = try load(Array(rows[..<middle]))
        let end = Terminal.seconds + seconds
        let idle = try searches(queries) { Terminal.seconds < end }
        say("searches, nothing else happening", idle)
        let (loaded, rate) = try searchesDuringLoad(queries, Array(rows[middle...]))
        say("searches while \(Terminal.grouped(Int(rate))) lines a second are loaded", loaded)
        let answered = try answers(queries)
        let grouped = Terminal.grouped(Int(answered))
        Terminal.error("\(searchers) connections over TCP: \(grouped) searches a second")
        return """
            {"fdatasync_us": \(sync.json), "connections": \(connections), "depth": \(depth),
            "writes_per_s": \(Int(writes)), "search_idle_us": \(idle.json),
            "searchers": \(searchers), "searches_per_s": \(Int(answered)),
            "search_loading_us": \(loaded.json), "lines_per_s": \(Int(rate))}

            """
    }

    private func connect() throws(Failure) -> Client {
        do { return try Client(connecting: address, timeoutSeconds: 60) } catch {
            throw Failure(error)
        }
    }

    private func say(_ what: String, _ times: Latencies) {
        Terminal.error("\(what): p50 \(times.p50) us, p99 \(times.p99) us")
    }

    /// Searches answered a second, over TCP: each connection asks again when it has its answer.
    private func answers(_ queries: [String]) throws -> Double {
        do {
            let clients = try (0..<searchers).map { _ throws(NetError) in
                try Client(connecting: tcp, timeoutSeconds: 60)
            }
            var next = 0
            func ask(_ client: Client) throws {
                client.send(line: "SEARCH lines \(queries[next % queries.count]) limit=10")
                try client.flush()
                next += 1
            }
            for client in clients { try ask(client) }
            let started = Terminal.seconds
            var answered = 0
            while Terminal.seconds - started < seconds {
                for client in clients {
                    _ = try client.accepted(client.readReply())
                    try ask(client)
                    answered += 1
                }
            }
            let rate = Double(answered) / (Terminal.seconds - started)
            for client in clients { _ = try client.accepted(client.readReply()) }
            return rate
        } catch let error as NetError { throw Failure(error) }
    }

    // MARK: Writes

    private func syncTimes() throws -> Latencies {
        let path = "\(folder)/mspd-bench-\(getpid())"
        let fs = RealFileSystem()
        do {
            let file = try fs.createAnew(path)
            defer { file.close() }
            let page = [UInt8](repeating: 1, count: 4_096)
            // Room first, as the log has it: a sync of new length costs more.
            for place in 0..<1_000 { try file.write(page, at: UInt64(place) * 4_096) }
            try file.sync()
            var times = Latencies()
            for place in 0..<1_000 {
                try file.write(page, at: UInt64(place) * 4_096)
                try times.add { try file.sync() }
            }
            try fs.remove(path)
            return times
        } catch { throw Failure(.usage, "mspd: \(error)") }
    }

    /// Rows acknowledged a second: each connection has `depth` on their way at any time.
    private func acknowledgements() throws -> Double {
        var clients: [Client] = []
        for _ in 0..<connections { clients.append(try connect()) }
        _ = try clients[0].ask(Array("TITLE SET reel\n".utf8))
        var next = 0
        func send(_ client: Client) throws {
            for _ in 0..<depth {
                next += 1
                client.send(
                    line: "PUT writes reel in=\(next)ms out=\(next + 900)ms "
                        + "key=\(next) text=\"a row of the kind that people say, number \(next)\"")
            }
            try client.flush()
        }
        func receive(_ client: Client) throws {
            for _ in 0..<depth { _ = try client.accepted(client.readReply()) }
        }
        do {
            for client in clients { try send(client) }
            let started = Terminal.seconds
            var acknowledged = 0
            while Terminal.seconds - started < seconds {
                for client in clients {
                    try receive(client)
                    try send(client)
                    acknowledged += depth
                }
            }
            let rate = Double(acknowledged) / (Terminal.seconds - started)
            for client in clients { try receive(client) }
            return rate
        } catch let error as NetError { throw Failure(error) }
    }

    // MARK: Searches

    /// Sends whole lines, and waits until all are acknowledged; lines a second.
    private func load(_ lines: [UInt8]) throws -> Double {
        let client = try connect()
        let started = Terminal.seconds
        var count = 0
        var start = 0
        while start < lines.count {
            let limit = min(start + Self.chunkBytes, lines.count)
            let end = lines[start..<limit].lastIndex(of: 10).map { $0 + 1 } ?? limit
            var load = RequestLine("LOAD")
            load.word("lines")
            load.key("format", literal: Array("ndjson".utf8))
            load.key("create", literal: [UInt8(ascii: "1")])
            load.literal(Array(lines[start..<end]))
            let reply = try client.ask(load.line)
            count += reply.fields["rows"].flatMap { Int($0) } ?? 0
            start = end
        }
        return Double(count) / (Terminal.seconds - started)
    }

    private func searchesDuringLoad(
        _ queries: [String], _ lines: [UInt8]
    ) throws -> (Latencies, Double) {
        let rate = Mutex<Result<Double, any Error>?>(nil)
        let thread = BackgroundThread(isUrgent: true) {
            let result = Result { try load(lines) }
            rate.withLock { $0 = result }
        }
        let times = try searches(queries) { rate.withLock { $0 == nil } }
        thread.join()
        guard let result = rate.withLock({ $0 }) else { return (times, 0) }
        return (times, try result.get())
    }

    private func searches(
        _ queries: [String], while goesOn: () -> Bool
    ) throws -> Latencies {
        let client = try connect()
        var times = Latencies()
        while goesOn() {
            for query in queries where goesOn() {
                let line = Array("SEARCH lines \(query) limit=10\n".utf8)
                try times.add { _ = try client.ask(line) }
            }
        }
        return times
    }
}
