// A service for tests: verbs that echo, wait, answer late from any thread, answer much, or forget.

import Glibc
import Net
import Synchronization
import TestSupport

/// What the service saw, shared by all its conversations.
final class TestService: Service {
    /// The verbs it knows.
    static let grammar = Grammar(
        verbs: [
            VerbShape(
                name: "PING", usage: "PING", keys: [], order: .constant(reply: bytes("PONG"))),
            VerbShape(name: "ECHO", usage: "ECHO words", keys: [], openKeys: true, order: .ordered),
            VerbShape(name: "HOLD", usage: "HOLD name", keys: [], order: .ordered),
            VerbShape(name: "PUT", usage: "PUT name", keys: ["key"], order: .overlapping),
            VerbShape(name: "SLEEP", usage: "SLEEP ms", keys: [], order: .ordered),
            VerbShape(name: "BIG", usage: "BIG bytes", keys: [], order: .ordered),
            VerbShape(name: "FORGET", usage: "FORGET", keys: [], order: .overlapping),
            VerbShape(name: "SET", usage: "SET", keys: ["format"], order: .ordered),
            VerbShape(name: "QUIT", usage: "QUIT", keys: [], order: .ordered),
        ],
        isTrackKey: { _, _ in false })

    /// Completions of PUT and HOLD not yet given, by name.
    let held = Mutex<[String: Later]>([:])
    /// Requests run so far.
    let runs = Atomic<Int>(0)
    /// Conversations not yet released.
    let open = Atomic<Int>(0)
    /// The most PUTs held at a time.
    let mostHeld = Atomic<Int>(0)
    /// Peers that were greeted.
    let peers = Mutex<[String]>([])

    func greet(peer: String, options: ConnectionOptions) -> any Conversation {
        peers.withLock { $0.append(peer) }
        open.add(1, ordering: .relaxed)
        return TestConversation(self, options)
    }

    /// Gives the reply of a held request, once it is there.
    func release(_ name: String) {
        while true {
            if let later = held.withLock({ $0.removeValue(forKey: name) }) {
                return later.finish { $0.done(name) }
            }
            usleep(200)
        }
    }

    /// Gives the replies of what is held, in random order, until `count` were given.
    func releaseRandomly(_ count: Int, _ random: inout SeededRandom) {
        var left = count
        while left > 0 {
            let names = held.withLock { $0.keys.sorted() }
            mostHeld.max(names.count, ordering: .relaxed)
            if let name = names.randomElement(using: &random) {
                release(name)
                left -= 1
            } else {
                usleep(100)
            }
        }
    }
}

private final class TestConversation: Conversation {
    private let service: TestService
    private let options: ConnectionOptions

    init(_ service: TestService, _ options: ConnectionOptions) {
        self.service = service
        self.options = options
    }

    deinit {
        service.open.subtract(1, ordering: .relaxed)
    }

    func run(_ request: Request, reply: inout Reply, later: Later) -> Outcome {
        service.runs.add(1, ordering: .relaxed)
        let first = request.words.first.map { text($0) } ?? ""
        switch request.verb {
        case "ECHO":
            for word in request.words { reply.row([("word", .bytes(word))]) }
            for (name, value) in request.keys { reply.row([(name, .bytes(value))]) }
            reply.end([("rows", .integer(Int64(request.words.count + request.keys.count)))])
        case "HOLD", "PUT":
            service.held.withLock { $0[first] = later }
            return .later
        case "SLEEP":
            usleep((UInt32(first) ?? 0) * 1_000)
            reply.done("slept")
        case "BIG":
            reply.row([("x", .bytes([UInt8](repeating: 0x78, count: Int(first) ?? 0)))])
            reply.end([])
        case "FORGET":
            return .later
        case "SET":
            options.json = request.value("format") == bytes("json")
            reply.done()
        case "QUIT":
            reply.done("bye")
            return .close
        default:
            reply.failed("INTERNAL.verb", request.verb)
        }
        return .replied
    }
}

/// A server with the test service on a free port.
final class Harness: Sendable {
    let service = TestService()
    let server: Server

    init(_ limits: Limits = Limits(), listen: [Listen] = [.tcp(host: "127.0.0.1", port: 0)]) throws
    {
        server = try Server.start(
            listen: listen, banner: "+MSPD 1 test", grammar: TestService.grammar, limits: limits,
            service: service, log: { _ in })
    }

    deinit {
        server.stop(graceSeconds: 1)
    }

    func client(timeoutSeconds: Double = 20) throws(NetError) -> Client {
        try Client(connecting: server.addresses[0], timeoutSeconds: timeoutSeconds)
    }
}

/// Runs a body on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Box(body))
    let result = unsafe pthread_create(
        &thread, nil,
        { context in
            if let context = unsafe context {
                unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
            }
            return nil
        }, box.toOpaque())
    precondition(result == 0, "a thread starts")
    pthread_detach(thread)
}

private final class Box: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

/// Waits until something is so, ten seconds at most.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<10_000 {
        if condition() { return true }
        usleep(1_000)
    }
    return false
}
