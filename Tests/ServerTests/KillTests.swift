// Kills the server at random moments under load, again and again on one folder, and holds what
// comes back against every acknowledgement that was received: nothing acknowledged may be missing,
// nothing may be torn, every start must succeed.

import Glibc
import Net
import Storage
import TestSupport
import Testing

/// What writers know of one key: its last acknowledged text, and what was sent after it.
private struct Known {
    /// Nil: acknowledged as deleted, or never written.
    var acknowledged: String?
    /// Sent, and not answered when the server died; any of them may count, the last one sent wins.
    var sent: [String?] = []

    func allows(_ found: String?) -> Bool { found == acknowledged || sent.contains(found) }
}

/// Two connections that write until the server is gone, and remember what they were told.
private final class Writers {
    private var random: SeededRandom
    private(set) var keys: [String: Known] = [:]
    /// LOADs by number: acknowledged or not.
    private(set) var loads: [Int: Bool] = [:]
    private(set) var acknowledgements = 0
    private var counter = 0
    static let loadRows = 20

    init(_ seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Writes over two connections; returns when either fails.
    func write(_ server: ServerProcess) {
        guard let first = try? server.connect(), let second = try? server.connect() else { return }
        while true {
            do {
                try burst(first)
                try burst(second)
            } catch { return }
        }
    }

    /// A handful of pipelined writes, then their replies.
    private func burst(_ client: Client) throws {
        var waiting: [(apply: () -> Void, key: String?)] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            counter += 1
            switch Int.random(in: 0..<10, using: &random) {
            case 0: waiting.append(load(client))
            case 1: waiting.append(delete(client))
            default: waiting.append(put(client))
            }
        }
        try client.flush()
        for write in waiting {
            let reply = try client.readReply()
            guard reply.kind != .failed else { continue }
            write.apply()
            acknowledgements += 1
        }
    }

    private func put(_ client: Client) -> (apply: () -> Void, key: String?) {
        let key = "k\(Int.random(in: 0..<60, using: &random))"
        let text = "words number\(counter) of \(key)"
        keys[key, default: Known()].sent.append(text)
        client.send(line: "PUT dialogue film in=\(counter)ms key=\(key) text=\"\(text)\"")
        return ({ self.settle(key, text) }, key)
    }

    private func delete(_ client: Client) -> (apply: () -> Void, key: String?) {
        let key = "k\(Int.random(in: 0..<60, using: &random))"
        keys[key, default: Known()].sent.append(nil)
        client.send(line: "DELETE dialogue film key=\(key)")
        return ({ self.settle(key, nil) }, key)
    }

    private func load(_ client: Client) -> (apply: () -> Void, key: String?) {
        let number = counter
        loads[number] = false
        let rows = (0..<Self.loadRows).map { row in
            "{\"title\":\"reel\",\"in\":\(row),\"text\":\"batch load\(number)\"}\n"
        }
        client.send(Array("LOAD dialogue format=ndjson ".utf8))
        client.send(Client.literal(Array(rows.joined().utf8)) + [10])
        return ({ self.loads[number] = true }, nil)
    }

    /// An acknowledged write: it counts, and so may whatever was sent after it.
    private func settle(_ key: String, _ value: String?) {
        guard var known = keys[key] else { return }
        known.acknowledged = value
        if let place = known.sent.firstIndex(of: value) {
            known.sent.removeSubrange(...place)
        }
        keys[key] = known
    }

    /// What the server holds, or what is wrong with it; what was unsure is then known.
    func check(_ server: ServerProcess) throws -> String? {
        let client = try server.connect()
        defer { client.close() }
        for (key, known) in keys.sorted(by: { $0.key < $1.key }) {
            let reply = try client.request("GET dialogue film key=\(key)")
            let found = reply.rows.first?["text"]
            guard known.allows(found) else {
                return "\(key) is \(found ?? "absent"), acknowledged "
                    + "\(known.acknowledged ?? "absent"), sent after it \(known.sent)"
            }
            keys[key] = Known(acknowledged: found)
        }
        for (number, isAcknowledged) in loads.sorted(by: { $0.key < $1.key }) {
            let count = try client.request("COUNT dialogue load\(number)").words
            let isWhole = count == "\(Self.loadRows)"
            guard isWhole || (count == "0" && !isAcknowledged) else {
                return "load \(number) has \(count) of \(Self.loadRows) rows"
            }
        }
        // Each was looked at after the round that sent it.
        loads = [:]
        return nil
    }
}

@Test func `a server killed under load loses nothing that it acknowledged`() throws {
    let seed = SeededRandom.fresh()
    let isSoak = unsafe getenv("MSPD_SOAK") != nil
    let rounds = isSoak ? 5_000 : 200
    var random = SeededRandom(seed: seed)
    let writers = Writers(seed &+ 1)
    let scratch = try scratchDirectory("kill")
    var server = try ServerProcess(scratch, options: ["--memtable", "1"])
    let client = try server.connect()
    for line in ["TRACK CREATE dialogue text=en", "TITLE SET film", "TITLE SET reel"] {
        #expect(try client.request(line).kind != .failed)
    }
    client.close()
    for round in 1...rounds {
        let running = server
        let delay = UInt32.random(in: 20_000...150_000, using: &random)
        let killer = Killer(running, after: delay)
        writers.write(running)
        killer.wait()
        server = try ServerProcess(scratch, options: ["--memtable", "1"])
        let fault = try writers.check(server)
        #expect(fault == nil, "round \(round), MSPD_SEED=\(seed)")
        if fault != nil { return }
    }
    #expect(writers.acknowledgements > rounds, "the writers got hardly any answer")
    print("\(rounds) kills, \(writers.acknowledgements) acknowledged writes, none lost")
    #expect(server.stop() == 0)
}

/// Kills a server after a while, on a thread of its own.
private final class Killer: @unchecked Sendable {
    // Unchecked: the server is the killer's alone between `init` and `wait`, but for its address.
    private var thread = pthread_t()
    private let server: ServerProcess
    private let delay: UInt32

    init(_ server: ServerProcess, after delay: UInt32) {
        self.server = server
        self.delay = delay
        let own = unsafe Unmanaged.passRetained(self).toOpaque()
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let killer = unsafe Unmanaged<Killer>.fromOpaque(argument).takeRetainedValue()
                usleep(killer.delay)
                _ = killer.server.kill()
                return nil
            }, own)
        precondition(failure == 0, "no thread for the killer")
    }

    func wait() { pthread_join(thread, nil) }
}
