// The server loop: listening sockets, event loops, workers, and an orderly end.

import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A running server.
///
/// Whoever starts one must stop it.
package final class Server: Sendable {
    /// Where it listens, ports as they turned out.
    package let addresses: [Listen]

    private let group: MultiThreadedEventLoopGroup
    private let pool: WorkerPool
    private let listeners: [any Channel]
    private let table: ConnectionTable
    private let log: @Sendable (String) -> Void
    private let isStopped = Atomic<Bool>(false)

    private init(
        group: MultiThreadedEventLoopGroup, pool: WorkerPool, table: ConnectionTable,
        listening: [(address: Listen, channel: any Channel)],
        log: @escaping @Sendable (String) -> Void
    ) {
        self.group = group
        self.pool = pool
        self.table = table
        addresses = listening.map(\.address)
        listeners = listening.map(\.channel)
        self.log = log
    }

    /// Connections open now, refused ones not counted.
    package var connectionCount: Int { table.count }

    /// Listens at all the addresses, or at none and throws.
    /// - Parameters:
    ///   - listen: port 0 means a free one. A Unix socket's file gets mode 0600; one that a dead
    ///     server left is replaced.
    ///   - banner: the first line of every connection, without its line end.
    ///   - log: called on any thread, one line at a time.
    package static func start(
        listen: [Listen], banner: String, grammar: Grammar, limits: Limits,
        service: any Service, log: @escaping @Sendable (String) -> Void
    ) throws(NetError) -> Server {
        let host = Session.Host(
            banner: Array(banner.utf8) + [0x0A], grammar: grammar, limits: limits,
            service: service, log: log)
        let pool = try WorkerPool(threads: limits.workers)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, limits.eventLoops))
        let table = ConnectionTable(limit: limits.connections)
        var listening: [(address: Listen, channel: any Channel)] = []
        do throws(NetError) {
            for address in listen {
                let bootstrap = bootstrap(for: address, group, host, pool, table)
                listening.append(try bind(bootstrap, to: address))
            }
        } catch {
            let server = Server(
                group: group, pool: pool, table: table, listening: listening, log: log)
            server.stop(graceSeconds: 0)
            throw error
        }
        for (address, _) in listening { log("listening on \(address)") }
        return Server(group: group, pool: pool, table: table, listening: listening, log: log)
    }

    /// Stops accepting, lets connections finish the requests already received, closes them.
    ///
    /// What is not done when the grace has passed is cut off. Blocks; not for an event loop or a
    /// worker. Calling it again does nothing.
    package func stop(graceSeconds: Double) {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for (channel, address) in zip(listeners, addresses) {
            try? channel.close().wait()
            if case .unix(let path) = address { unsafe unlink(path) }
        }
        let grace = Int64(min(max(graceSeconds, 0), 1e6) * 1_000)
        let deadline = NIODeadline.now() + .milliseconds(grace)
        table.forEach { $0.pipeline.fireUserInboundEventTriggered(ConnectionHandler.ShutDown()) }
        while table.count > 0, NIODeadline.now() < deadline { usleep(1_000) }
        if table.count > 0 { log("\(table.count) connections were cut off") }
        table.forEach { $0.close(promise: nil) }
        let left = Double((deadline - .now()).nanoseconds) / 1e9
        // A worker that is about to be done is waited for even without grace.
        pool.stop(graceSeconds: max(left, 1))
        do {
            try group.syncShutdownGracefully()
        } catch {
            log("event loops: \(error)")
        }
    }

    private static func bootstrap(
        for address: Listen, _ group: MultiThreadedEventLoopGroup, _ host: Session.Host,
        _ pool: WorkerPool, _ table: ConnectionTable
    ) -> ServerBootstrap {
        let refusal = Server.refusal(host.limits)
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelInitializer { channel in
                // Without file descriptors left, accepting waits instead of spinning.
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1_024, initial: 8_192, maximum: 65_536)
            )
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10)
            )
            .childChannelInitializer { channel in
                let admitted = table.admit(channel)
                if !admitted { host.log("refused a connection: \(table.count) are open") }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(
                            host: host, pool: pool, refusal: admitted ? nil : refusal))
                }
            }
        if case .tcp = address {
            bootstrap =
                bootstrap
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        }
        return bootstrap
    }

    private static func bind(
        _ bootstrap: ServerBootstrap, to address: Listen
    ) throws(NetError) -> (address: Listen, channel: any Channel) {
        var file: CInt?
        if case .unix(let path) = address { file = try SocketFile.bind(path) }
        do {
            switch address {
            case .tcp(let host, let port):
                let channel = try bootstrap.bind(host: host, port: port).wait()
                let actual = channel.localAddress?.port ?? port
                return (.tcp(host: host, port: actual), channel)
            case .unix:
                guard let file else { preconditionFailure("a socket file was bound above") }
                return (address, try bootstrap.withBoundSocket(file).wait())
            }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .portInUse(address.description)
        } catch let error as IOError {
            throw .socket(
                operation: "listen on", address: address.description, errno: error.errnoCode)
        } catch {
            // The name of the host leads nowhere.
            throw .socket(
                operation: "listen on", address: address.description, errno: EADDRNOTAVAIL)
        }
    }

    private static func refusal(_ limits: Limits) -> [UInt8] {
        var reply = Reply(id: nil, json: false)
        reply.failed(
            "LIMIT.connections", retry: true,
            "the server has its \(limits.connections) connections; try again later")
        return reply.bytes
    }
}
