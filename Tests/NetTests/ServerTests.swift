// A server and a client over real sockets: requests, order, and every error seen from outside.

import Glibc
import Net
import Synchronization
import TestSupport
import Testing

struct ServerTests {
    @Test func `the banner comes first and requests are answered`() throws {
        let harness = try Harness()
        let client = try harness.client()
        #expect(client.banner == "+MSPD 1 test")
        #expect(try client.request("ping").words == "PONG")
        #expect(try client.request("#a1 PING  ").id == "a1")
        let echo = try client.request("#b ECHO \"a\\tb\" k={3}\nx\ny")
        #expect(echo.id == "b")
        #expect(
            echo.rows.map { $0.fields.map { "\($0.name)=\($0.value)" } } == [
                ["word=a\tb"], ["k=x\ny"],
            ])
        #expect(echo.fields["rows"] == "2")
        #expect(try client.request("PING with words").code == "INTERNAL.verb")
        #expect(harness.service.peers.withLock { $0.first?.hasPrefix("127.0.0.1:") } == true)
    }

    @Test func `rows become JSON for this connection only`() throws {
        let harness = try Harness()
        let client = try harness.client()
        let other = try harness.client()
        #expect(try client.request("SET format=json").kind == .done)
        #expect(try client.request("ECHO a").rows.first?.fields.first?.value == "{\"word\":\"a\"}")
        #expect(try other.request("ECHO a").rows.first?["word"] == "a")
    }

    @Test func `errors leave the connection in step`() throws {
        var limits = Limits()
        limits.line = 100
        limits.literal = 10
        limits.drain = 100
        let harness = try Harness(limits)
        let client = try harness.client()
        let long = String(repeating: "x", count: 200)
        let eleven = String(repeating: "y", count: 11)
        let cases = [
            ("#1 NOPE {4}\nPING", "1", "SYNTAX.verb"), ("#2 PUT limt=1", "2", "SYNTAX.key"),
            ("#3 PUT key=1 key=2", "3", "SYNTAX.repeated"), ("#4 ECHO \"a", "4", "SYNTAX.quote"),
            ("#5 ECHO \(long)", "5", "LIMIT.line"),
            ("#6 ECHO {11}\n\(eleven)", "6", "LIMIT.literal"),
            ("#7 ECHO {11}\n\(eleven) b={3}\nabc", "7", "LIMIT.literal"),
            ("#8 ECHO \u{1}", "8", "SYNTAX.character"), ("#9 ECHO {1}\nxx", "9", "SYNTAX.literal"),
            ("#10 ECHO \(long){3}\n\nPI", "10", "LIMIT.line"),
        ]
        for (line, id, code) in cases {
            let reply = try client.request(line)
            #expect(reply.code == code, "\(line)")
            #expect(reply.id == id, "\(line)")
            #expect(reply.retry == false)
            #expect(try client.request("PING").words == "PONG")
        }
        client.send([0x45, 0xFF, 0x0A])
        #expect(try client.readReply().code == "SYNTAX.utf8")
        #expect(harness.service.runs.load(ordering: .relaxed) == 0)
    }

    @Test func `what cannot be skipped is answered and closes`() throws {
        var limits = Limits()
        limits.literal = 10
        limits.drain = 100
        let harness = try Harness(limits)
        let many = [UInt8](repeating: 0x41, count: 3_000_000)
        for (line, code) in [
            ("#1 ECHO {101}", "LIMIT.literal"),
            ("#1 ECHO {99999999999999999999}", "SYNTAX.literal"),
        ] {
            let client = try harness.client()
            client.send(line: "PING\n" + line)
            // What the client goes on sending must not cost it the reply.
            client.send(many)
            #expect(try client.readReply().words == "PONG")
            let reply = try client.readReply()
            #expect(reply.code == code)
            #expect(reply.id == "1")
            #expect(try client.readLine() == nil)
        }
    }

    @Test func `a pipeline of everything is answered in order`() throws {
        let harness = try Harness()
        for seed in UInt64(1)...20 {
            var random = SeededRandom(seed: seed)
            let client = try harness.client()
            var expected: [String] = []
            var held = 0
            for number in 0..<500 {
                let id = "\(seed).\(number)"
                switch Int.random(in: 0..<7, using: &random) {
                case 0, 1: client.send(line: "#\(id) PING")
                case 2: client.send(line: "#\(id) ECHO a {3}\n\0\n\u{1}")
                case 3: client.send(line: "#\(id) NOPE")
                case 4:
                    client.send(line: "#\(id) HOLD \(id)")
                    held += 1
                default:
                    client.send(line: "#\(id) PUT \(id)")
                    held += 1
                }
                expected.append(id)
            }
            try client.flush()
            let count = held
            let seeds = random.next()
            onThread {
                var random = SeededRandom(seed: seeds)
                harness.service.releaseRandomly(count, &random)
            }
            for id in expected {
                let reply = try client.readReply()
                #expect(reply.id == id, "seed \(seed)")
            }
        }
        #expect(harness.service.mostHeld.load(ordering: .relaxed) > 1)
    }

    @Test func `overlapping requests are in flight together, ordered ones wait`() throws {
        let harness = try Harness()
        let client = try harness.client()
        client.send(line: "PUT a\nPUT b\nPING\nNOPE\nPUT c\nECHO d\nPUT e")
        try client.flush()
        let held = { harness.service.held.withLock { $0.keys.sorted() } }
        #expect(eventually { held() == ["a", "b", "c"] })
        usleep(50_000)
        #expect(harness.service.runs.load(ordering: .relaxed) == 3)
        harness.service.release("c")
        harness.service.release("b")
        usleep(20_000)
        #expect(harness.service.runs.load(ordering: .relaxed) == 3)
        harness.service.release("a")
        #expect(
            try (0..<5).map { _ in try client.readReply().words }
                == ["a", "b", "PONG", "SYNTAX.verb", "c"])
        #expect(try client.readReply().rows.first?["word"] == "d")
        harness.service.release("e")
        #expect(try client.readReply().words == "e")
    }

    @Test func `a waiting request holds no worker`() throws {
        var limits = Limits()
        limits.workers = 1
        let harness = try Harness(limits)
        let waiting = try (0..<4).map { _ in try harness.client() }
        for (number, client) in waiting.enumerated() {
            client.send(line: "HOLD \(number)\nECHO x")
            try client.flush()
        }
        #expect(try harness.client().request("ECHO y").rows.first?["word"] == "y")
        for number in [2, 0, 3, 1] { harness.service.release("\(number)") }
        for (number, client) in waiting.enumerated() {
            #expect(try client.readReply().words == "\(number)")
            #expect(try client.readReply().rows.first?["word"] == "x")
        }
    }

    @Test func `one long pipeline does not hold up another connection`() throws {
        var limits = Limits()
        limits.workers = 1
        let harness = try Harness(limits)
        let busy = try harness.client()
        for _ in 0..<2_000 { busy.send(line: "SLEEP 1") }
        try busy.flush()
        let other = try harness.client()
        let time = try ContinuousClock().measure { _ = try other.request("ECHO a") }
        // A turn is 64 requests of about 1 ms; all of them take more than 2 s.
        #expect(time < .milliseconds(1_500))
    }

    @Test func `a promise that the service loses is answered`() throws {
        let harness = try Harness()
        let client = try harness.client()
        #expect(try client.request("#1 FORGET").code == "INTERNAL.unanswered")
        #expect(try client.request("ECHO a").kind == .end)
    }

    @Test func `a literal of the largest size goes both ways`() throws {
        let harness = try Harness()
        let client = try harness.client()
        var random = SeededRandom(seed: 7)
        let size = Limits().literal
        var value: [UInt8] = []
        while value.count < size {
            value.append(UInt8(truncatingIfNeeded: random.next() | 1) & 0x7F)
        }
        client.send(bytes("ECHO k=") + Client.literal(value) + bytes(" l=1\n"))
        let reply = try client.readReply()
        #expect(reply.rows.count == 2)
        #expect(reply.rows.first.map { $0["k"] == text(value) } == true)
        #expect(reply.rows.last?["l"] == "1")
    }

    @Test func `many clients at once get their own replies`() throws {
        let harness = try Harness()
        let failures = Atomic<Int>(0)
        let left = Atomic<Int>(16)
        withExtendedLifetime(harness) {
            for thread in 0..<16 {
                onThread {
                    do throws(NetError) {
                        let client = try harness.client()
                        for round in 0..<20 {
                            for item in 0..<50 {
                                client.send(line: "#\(item) ECHO \(thread).\(round).\(item)")
                            }
                            for item in 0..<50 {
                                let reply = try client.readReply()
                                let isRight =
                                    reply.id == "\(item)"
                                    && reply.rows.first?["word"] == "\(thread).\(round).\(item)"
                                if !isRight { failures.add(1, ordering: .relaxed) }
                            }
                        }
                    } catch {
                        failures.add(1, ordering: .relaxed)
                    }
                    left.subtract(1, ordering: .relaxed)
                }
            }
            #expect(eventually { left.load(ordering: .relaxed) == 0 })
        }
        #expect(failures.load(ordering: .relaxed) == 0)
        #expect(eventually { harness.service.open.load(ordering: .relaxed) == 0 })
    }
}
