// How connections end, what limits do, and how a server starts and stops.

import Glibc
import Net
import Synchronization
import Testing

struct LifecycleTests {
    private func temporaryPath(_ name: String) -> String {
        "/tmp/mspd-net-\(getpid())-\(UInt32.random(in: 0...(.max)))-\(name)"
    }

    @Test func `half-close finishes what is pending, flushes and closes`() throws {
        let harness = try Harness()
        let client = try harness.client()
        client.send(line: "SLEEP 30\nPUT a\nPUT b\nECHO c\nPING")
        try client.halfClose()
        harness.service.release("b")
        harness.service.release("a")
        #expect(
            try (0..<5).map { _ in try client.readReply().words } == [
                "slept", "a", "b", "", "PONG",
            ])
        #expect(try client.readLine() == nil)
        #expect(eventually { harness.server.connectionCount == 0 })
        #expect(eventually { harness.service.open.load(ordering: .relaxed) == 0 })
    }

    @Test func `half-close of a silent connection closes it`() throws {
        let harness = try Harness()
        let client = try harness.client()
        try client.halfClose()
        #expect(try client.readLine() == nil)
        #expect(eventually { harness.server.connectionCount == 0 })
    }

    @Test func `a request cut off by half-close is not run`() throws {
        let harness = try Harness()
        for cut in ["ECHO a", "ECHO {5}\nabc", "ECHO {3}\nabc"] {
            let client = try harness.client()
            client.send(bytes("PING\n#x " + cut))
            try client.halfClose()
            #expect(try client.readReply().words == "PONG")
            let reply = try client.readReply()
            #expect(reply.code == "SYNTAX.unfinished")
            #expect(reply.id == "x")
            #expect(try client.readLine() == nil)
        }
        #expect(harness.service.runs.load(ordering: .relaxed) == 0)
    }

    @Test func `QUIT answers, drops what follows and closes`() throws {
        let harness = try Harness()
        let client = try harness.client()
        client.send(line: "PUT a\nQUIT\nECHO b\nPING")
        try client.flush()
        harness.service.release("a")
        #expect(try client.readReply().words == "a")
        #expect(try client.readReply().words == "bye")
        #expect(try client.readLine() == nil)
        // The client does not close, the server does after a moment.
        #expect(eventually { harness.server.connectionCount == 0 })
        #expect(harness.service.runs.load(ordering: .relaxed) == 2)
    }

    @Test func `a client that goes away frees its connection and breaks nothing`() throws {
        let harness = try Harness()
        for _ in 0..<20 {
            let client = try harness.client()
            client.send(line: "PUT a\nBIG 1000000\nBIG 1000000")
            try client.flush()
            client.close()
        }
        #expect(try harness.client().request("ECHO a").kind == .end)
        #expect(
            eventually {
                harness.service.held.withLock { held in
                    let laters = held.values
                    held = [:]
                    for later in laters { later.finish { $0.done() } }
                }
                return harness.server.connectionCount == 0
            })
        #expect(eventually { harness.service.open.load(ordering: .relaxed) == 0 })
    }

    @Test func `an idle connection is told and closed, a waiting one is not`() throws {
        var limits = Limits()
        limits.idleSeconds = 1
        let harness = try Harness(limits)
        let idle = try harness.client()
        let partial = try harness.client()
        partial.send(bytes("ECHO {5}\nab"))
        try partial.flush()
        let waiting = try harness.client()
        waiting.send(line: "HOLD a")
        try waiting.flush()
        for client in [idle, partial] {
            let reply = try client.readReply()
            #expect(reply.code == "LIMIT.idle")
            #expect(try client.readLine() == nil)
        }
        usleep(1_200_000)
        harness.service.release("a")
        #expect(try waiting.readReply().words == "a")
        #expect(try waiting.request("PING").words == "PONG")
        waiting.close()
        #expect(eventually { harness.server.connectionCount == 0 })
    }

    @Test func `one connection too many is told and closed`() throws {
        var limits = Limits()
        limits.connections = 2
        let harness = try Harness(limits)
        let first = try harness.client()
        let second = try harness.client()
        #expect(try second.request("PING").words == "PONG")
        do {
            _ = try harness.client()
            Issue.record("a third connection was accepted")
        } catch {
            guard case .protocolViolation(let line) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(line.hasPrefix("- LIMIT.connections\tretry=1\t"))
        }
        #expect(harness.server.connectionCount == 2)
        first.close()
        #expect(eventually { harness.server.connectionCount == 1 })
        #expect(try harness.client().request("PING").words == "PONG")
    }

    /// Bytes of memory that the process holds.
    private func residentBytes() -> Int {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard unsafe fgets(&line, 127, file) != nil else { return 0 }
        let words = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4_096
    }

    @Test func `a client that never reads cannot grow the server`() throws {
        var limits = Limits()
        limits.queuedBytes = 1 << 20
        limits.idleSeconds = 2
        let harness = try Harness(limits)
        guard case .tcp(_, let port) = harness.server.addresses[0] else { return }
        let before = residentBytes()
        let descriptor = rawConnection(port: port)
        defer { close(descriptor) }
        // Replies of 64 KiB to requests of 10 bytes: without limits, gigabytes.
        let requests = bytes(String(repeating: "BIG 65536\n", count: 2_000_000))
        var sent = 0
        while sent < requests.count {
            let count = unsafe requests.withUnsafeBytes { bytes in
                unsafe send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent,
                    CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        // The send timed out: the server has stopped reading.
        #expect(sent < requests.count)
        #expect(harness.service.runs.load(ordering: .relaxed) < 1_000)
        #expect(residentBytes() - before < 200 << 20)
        #expect(harness.server.connectionCount == 1)
        // And it does not wait for ever.
        #expect(eventually { harness.server.connectionCount == 0 })
    }

    /// A connected socket on which nobody reads, and whose sends give up after half a second.
    private func rawConnection(port: Int) -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 0, tv_usec: 500_000)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(connected == 0)
        return descriptor
    }

    @Test func `a slow reader gets everything`() throws {
        var limits = Limits()
        limits.queuedBytes = 64 << 10
        let harness = try Harness(limits)
        let client = try harness.client()
        for number in 0..<300 { client.send(line: "#\(number) BIG 100000\nPING") }
        for number in 0..<300 {
            let reply = try client.readReply()
            #expect(reply.id == "\(number)")
            #expect(reply.rows.first?["x"]?.utf8.count == 100_000)
            #expect(try client.readReply().words == "PONG")
            if number % 30 == 0 { usleep(10_000) }
        }
    }

    @Test func `stopping finishes what was received`() throws {
        let harness = try Harness()
        let client = try harness.client()
        let silent = try harness.client()
        client.send(line: "SLEEP 100\nHOLD a\nECHO b")
        try client.flush()
        #expect(eventually { harness.service.runs.load(ordering: .relaxed) > 0 })
        let stopped = Atomic<Bool>(false)
        withExtendedLifetime(harness) {
            onThread {
                harness.server.stop(graceSeconds: 10)
                stopped.store(true, ordering: .relaxed)
            }
            harness.service.release("a")
        }
        #expect(try client.readReply().words == "slept")
        #expect(try client.readReply().words == "a")
        #expect(try client.readReply().kind == .end)
        #expect(try client.readLine() == nil)
        #expect(try silent.readLine() == nil)
        client.close()
        silent.close()
        #expect(eventually { stopped.load(ordering: .relaxed) })
        #expect(throws: NetError.self) { try harness.client() }
    }

    @Test func `stopping cuts off what the grace does not suffice for`() throws {
        let harness = try Harness()
        let client = try harness.client()
        client.send(line: "HOLD a")
        try client.flush()
        #expect(eventually { harness.service.held.withLock { $0.count == 1 } })
        let time = ContinuousClock().measure { harness.server.stop(graceSeconds: 0.2) }
        #expect(time < .seconds(3))
        #expect((try? client.readLine()) == .some(nil))
        harness.service.release("a")
    }

    @Test func `a port in use is refused by name and free again after a stop`() throws {
        // Below the ports that a system hands out, so that no other test takes it in between.
        let tries = (0..<20).lazy.compactMap { _ in
            try? Harness(listen: [.tcp(host: "127.0.0.1", port: .random(in: 20_000..<30_000))])
        }
        let harness = try #require(tries.first)
        let address = harness.server.addresses[0]
        _ = try harness.client().request("PING")
        #expect(throws: NetError.portInUse(address.description)) {
            _ = try Harness(listen: [.tcp(host: "127.0.0.1", port: 0), address])
        }
        harness.server.stop(graceSeconds: 1)
        let again = try Harness(listen: [address])
        #expect(again.server.addresses == [address])
        #expect(try again.client().request("PING").words == "PONG")
    }

    @Test func `a Unix socket is private, replaced when stale, refused when alive`() throws {
        let path = temporaryPath("socket")
        let harness = try Harness(listen: [.unix(path: path), .tcp(host: "::1", port: 0)])
        #expect(try harness.client().request("PING").words == "PONG")
        #expect(harness.service.peers.withLock { $0 } == ["unix"])
        var status = stat()
        #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(throws: NetError.portInUse(path)) { _ = try Harness(listen: [.unix(path: path)]) }
        #expect(unsafe stat(path, &status) == 0)
        harness.server.stop(graceSeconds: 1)
        #expect(unsafe stat(path, &status) != 0)

        // A socket file that nobody listens on.
        let stale = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8)
        }
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(stale)
        let second = try Harness(listen: [.unix(path: path)])
        #expect(try second.client().request("PING").words == "PONG")
        second.server.stop(graceSeconds: 1)
    }

    @Test func `a file that is no socket is never replaced`() throws {
        let path = temporaryPath("file")
        let file = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
        close(file)
        defer { unsafe unlink(path) }
        #expect(throws: NetError.socket(operation: "bind", address: path, errno: ENOTSOCK)) {
            _ = try Harness(listen: [.unix(path: path)])
        }
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
    }

    @Test func `nobody there is an error with the address`() {
        #expect(throws: NetError.connect(address: "127.0.0.1:1", errno: ECONNREFUSED)) {
            _ = try Client(connecting: .tcp(host: "127.0.0.1", port: 1), timeoutSeconds: 2)
        }
        #expect(throws: NetError.connect(address: "/nowhere/x", errno: ENOENT)) {
            _ = try Client(connecting: .unix(path: "/nowhere/x"), timeoutSeconds: 2)
        }
    }

    @Test func `a client whose server is silent times out`() throws {
        let harness = try Harness()
        let client = try harness.client(timeoutSeconds: 0.1)
        #expect(throws: NetError.timeout) { _ = try client.request("HOLD a") }
    }
}
