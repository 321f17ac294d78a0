// `mspd serve`: opens the data folder, listens, and stops cleanly when it is told to.

import ArgumentParser
import Gateway
import Glibc
import Net
import Segments
import Storage
import TextIndex

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a data folder over the line protocol.",
        discussion: """
            Stops cleanly on SIGTERM and SIGINT: what is pending is finished and synced.
            A server without authentication listens on loopback and Unix sockets only.

            EXAMPLES
              mspd serve --data ./data
              mspd serve --data /srv/mspd --listen 127.0.0.1:6773 --socket /run/mspd.sock
            """)

    @Option(help: "The data folder; made when there is none.")
    var data: String
    @Option(help: "The TCP address to listen at (port 0: any free one); 'none' for no TCP.")
    var listen = "127.0.0.1:6773"
    @Option(help: "The path of a Unix socket to listen at as well.")
    var socket: String?
    @Option(help: "The folder of programs that ENCODER SET may name; without it none are run.")
    var encoders: String?
    @Option(help: "Megabytes of memory for new rows before they become a segment.")
    var memtable = 128
    @Option(help: "Megabytes of log before a flush makes it go.")
    var log = 256
    @Option(help: "Megabytes of memory for a merge, beside a few bytes for each row.")
    var mergeMemory = 64
    @Option(help: "Megabytes of memory for the rows of open operations before they go to files.")
    var operationMemory = 64
    @Option(help: "Megabytes of the disk that are kept free: below that, writes are refused.")
    var reserve = 64
    @Option(help: "Most connections at a time.")
    var connections = 1_000
    @Option(help: "Seconds after which an idle connection is closed.")
    var idle = 300

    func validate() throws {
        guard (1...1_024).contains(memtable) else {
            throw ValidationError("--memtable takes 1 to 1024 megabytes.")
        }
        let sizes = [
            ("--log", log), ("--merge-memory", mergeMemory),
            ("--operation-memory", operationMemory), ("--reserve", reserve),
        ]
        for (name, size) in sizes where !(1...65_536).contains(size) {
            throw ValidationError("\(name) takes 1 to 65536 megabytes.")
        }
        guard (1...100_000).contains(connections), (1...86_400).contains(idle) else {
            throw ValidationError("--connections takes 1 to 100000, --idle 1 to 86400 seconds.")
        }
    }

    func run() throws {
        let addresses = try self.addresses()
        let signals = Signals.block([SIGTERM, SIGINT, SIGHUP])
        try OpenFiles.makeRoom(connections: connections)
        let started = Terminal.seconds
        let encoders = EncoderService(folder: try encodersFolder())
        let store = try openStore()
        let gateway = self.gateway(store, encoders, started)
        let enricher = Enricher(gateway.verbs, pause: { usleep(UInt32($0 * 1e6)) }) {
            Terminal.error("mspd: \($0)")
        }
        let server: Server
        do { server = try startServer(store, gateway.verbs, gateway.counter, addresses) } catch {
            encoders.stop()
            enricher.stop()
            store.close()
            throw error
        }
        let signal = signals.wait()
        Terminal.error("mspd: signal \(signal): finishing what is pending")
        encoders.stop()
        enricher.stop()
        server.stop(graceSeconds: 10)
        store.close()
        Terminal.error("mspd: stopped")
    }

    private func addresses() throws -> [Listen] {
        var addresses: [Listen] = []
        // A socket's name without a folder is one in this folder.
        let path = socket.map { $0.contains("/") || $0 == "none" ? $0 : "./" + $0 }
        for text in [listen, path].compactMap({ $0 }) where text != "none" {
            guard let address = Listen(text) else {
                throw ValidationError(
                    "'\(text)' is neither HOST:PORT nor a path of less than 108 bytes.")
            }
            guard address.isLocal else {
                throw ValidationError(
                    "'\(text)' can be reached from elsewhere, and this server asks nobody who "
                        + "they are: listen at 127.0.0.1, [::1] or a Unix socket.")
            }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { throw ValidationError("There is nothing to listen at.") }
        return addresses
    }

    /// The folder of encoders as an absolute path.
    private func encodersFolder() throws -> String? {
        guard let encoders else { return nil }
        guard let path = unsafe realpath(encoders, nil) else {
            throw ValidationError("--encoders \(encoders): there is no such folder.")
        }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    private func openStore() throws -> Store {
        var settings = StoreSettings()
        settings.memtableBytes = memtable << 20
        settings.logBytes = UInt64(log) << 20
        settings.mergeBytes = mergeMemory << 20
        settings.operationBytes = operationMemory << 20
        settings.reserveBytes = UInt64(reserve) << 20
        settings.program = "mspd/\(Gateway.version)"
        settings.now = { UInt64(max(0, time(nil))) * 1_000 }
        settings.log = { Terminal.error("mspd: \($0)") }
        settings.stop = { error in
            Terminal.error(
                "mspd: stopping at once: the disk did not take what was written (\(error)). "
                    + "Nothing unsure was acknowledged; check the disk, then start again.")
            abort()
        }
        do { return try Store(opening: data, in: RealFileSystem(), settings) } catch {
            if case .storage(.locked(let path)) = error {
                throw Failure(
                    .refused, "mspd: another mspd has this data folder open (\(path) is locked)")
            }
            throw Failure(error)
        }
    }

    /// The verbs, and where they learn how many connections there are.
    private func gateway(
        _ store: Store, _ encoders: EncoderService, _ started: Double
    ) -> (verbs: Gateway, counter: ConnectionCounter) {
        let counter = ConnectionCounter()
        let gateway = Gateway(
            store, encoders: encoders, films: FilmService(), clock: { Terminal.seconds }
        ) {
            [
                ("limit.connections", Int64(connections)),
                ("limit.open_files", Int64(OpenFiles.limit)),
                ("connections", Int64(counter.count)),
                ("open_files", Int64(OpenFiles.count)),
                ("uptime_s", Int64(Terminal.seconds - started)),
            ]
        }
        return (gateway, counter)
    }

    private func startServer(
        _ store: Store, _ gateway: Gateway, _ counter: ConnectionCounter, _ addresses: [Listen]
    ) throws(Failure) -> Server {
        var limits = Limits()
        limits.connections = connections
        limits.idleSeconds = idle
        let banner =
            "+MSPD 1 mspd/\(Gateway.version) line=\(limits.line) "
            + "literal=\(limits.literal) auth=none"
        do {
            let server = try Server.start(
                listen: addresses, banner: banner, grammar: Dispatcher.grammar(gateway),
                limits: limits, service: Dispatcher(gateway, store),
                log: { Terminal.error("mspd: \($0)") })
            counter.server = server
            return server
        } catch { throw Failure(.refused, "mspd: \(error)") }
    }
}

extension Listen {
    /// Whether only this machine can reach the address.
    var isLocal: Bool {
        switch self {
        case .unix: return true
        case .tcp(let host, _):
            return host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }
}
