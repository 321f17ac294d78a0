// One connection on its event loop: bytes in through the decoder to the session, output of the
// session back to the socket, and the rules for when to read and when to close.
// Invariants: the loop never waits; at most one write per burst of reads; nothing is read while the
// peer does not take its replies or too many requests wait.

import NIOCore

/// The only handler in a connection's pipeline.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Sent to a connection when the server stops: no more requests, finish what is there.
    struct ShutDown: Sendable {}

    private enum Phase {
        case open
        /// The last reply is on its way to the socket.
        case closing
        /// Our side is closed. What still comes is thrown away for a moment: closing with bytes
        /// unread would reset the connection, and the peer would lose the reply.
        case lingering
        case closed
    }

    private let host: Session.Host
    private let pool: WorkerPool
    /// Why this connection is refused, as a whole line.
    private let refusal: [UInt8]?

    private var phase = Phase.open
    private var context: ChannelHandlerContext?
    private var session: Session?
    private var intake: Intake
    /// Whether the channel asked to read and was told to wait.
    private var readWithheld = false
    /// Whether the peer sends no more.
    private var inputClosed = false
    /// Whether no more requests are taken.
    private var inputIgnored = false
    private var lastActivity = NIODeadline.now()
    private var unsentAtLastCheck = 0
    private var idleCheck: Scheduled<Void>?

    init(host: Session.Host, pool: WorkerPool, refusal: [UInt8]?) {
        self.host = host
        self.pool = pool
        self.refusal = refusal
        intake = Intake(grammar: host.grammar, limits: host.limits)
    }

    // MARK: Beginning and end

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { greet(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    func channelActive(context: ChannelHandlerContext) {
        greet(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func greet(_ context: ChannelHandlerContext) {
        guard session == nil, phase == .open else { return }
        lastActivity = .now()
        scheduleIdleCheck(context)
        let greeting = refusal ?? host.banner
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: greeting)), promise: nil)
        guard refusal == nil else { return finish(context) }
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let look: @Sendable () -> Void = { bound.value.look() }
        let pool = pool
        session = Session(
            peer: ConnectionHandler.name(of: context.remoteAddress), host: host,
            submit: { pool.submit($0) }, wake: { loop.execute(look) })
        if inputIgnored { endInput() }
    }

    private func leave() {
        phase = .closed
        idleCheck?.cancel()
        session?.abandon()
        // The session's way to wake this handler refers back to it.
        session = nil
        context = nil
    }

    // MARK: Input

    func read(context: ChannelHandlerContext) {
        if phase == .open, !mayRead(context) {
            readWithheld = true
        } else {
            context.read()
        }
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        context.channel.isWritable && session?.admitsInput() ?? true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .open, !inputIgnored, let session else { return }
        lastActivity = .now()
        let standing = session.collect(canSend: context.channel.isWritable)
        if !standing.output.isEmpty { intake.burst += standing.output }
        let input = unwrapInboundIn(data)
        let frames = intake.decode(input.readableBytesUInt8Span, mayAnswer: standing.isIdle)
        if !frames.isEmpty { session.enqueue(frames) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        look()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            inputClosed = true
            if phase == .lingering { return context.close(promise: nil) }
            if !inputIgnored, let frame = intake.finish() { session?.enqueue([frame]) }
            endInput()
        } else if event is ShutDown {
            endInput()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func endInput() {
        inputIgnored = true
        session?.endInput()
        look()
    }

    // MARK: Output

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            lastActivity = .now()
            look()
        }
        context.fireChannelWritabilityChanged()
    }

    /// Sends what there is, closes when all is done, reads when it may.
    private func look() {
        guard phase == .open, let context, let session else { return }
        let standing = session.collect(canSend: context.channel.isWritable)
        // What the burst holds is older than what the session had left.
        if !intake.burst.isEmpty {
            let burst = ByteBuffer(bytes: intake.burst)
            intake.burst.removeAll(keepingCapacity: intake.burst.count <= 64 << 10)
            context.write(wrapOutboundOut(burst), promise: nil)
        }
        if !standing.output.isEmpty {
            lastActivity = .now()
            let output = ByteBuffer(bytes: standing.output)
            context.write(wrapOutboundOut(output), promise: nil)
        }
        context.flush()
        if standing.isOver { return finish(context) }
        if readWithheld, mayRead(context) {
            readWithheld = false
            context.read()
        }
    }

    /// Closes once everything written has left.
    private func finish(_ context: ChannelHandlerContext) {
        guard phase == .open else { return }
        phase = .closing
        if readWithheld {
            readWithheld = false
            context.read()
        }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.linger() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
    }

    private func linger() {
        guard phase == .closing, let context else { return }
        phase = .lingering
        if inputClosed { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) {
            self.context?.close(promise: nil)
        }
    }

    // MARK: Idleness

    private func scheduleIdleCheck(_ context: ChannelHandlerContext) {
        let deadline = lastActivity + .seconds(Int64(max(1, host.limits.idleSeconds)))
        idleCheck = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.checkIdle()
        }
    }

    /// Closes when the peer has been silent all the time, and not because it waits for a reply.
    private func checkIdle() {
        guard phase != .closed, let context else { return }
        let limit = TimeAmount.seconds(Int64(max(1, host.limits.idleSeconds)))
        if .now() < lastActivity + limit { return scheduleIdleCheck(context) }
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let isTaking = unsent > 0 && unsent != unsentAtLastCheck
        unsentAtLastCheck = unsent
        if !isTaking {
            if phase != .open || unsent > 0 { return context.close(promise: nil) }
            if session?.isIdle == true { return sayIdle(context) }
        }
        lastActivity = .now()
        scheduleIdleCheck(context)
        look()
    }

    private func sayIdle(_ context: ChannelHandlerContext) {
        var reply = Reply(id: nil, json: false)
        let seconds = max(1, host.limits.idleSeconds)
        reply.failed("LIMIT.idle", retry: true, "nothing came for \(seconds) s; closing")
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply.bytes)), promise: nil)
        finish(context)
    }

    /// `address:port`, or `unix`.
    private static func name(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else {
            return "unix"
        }
        return Listen.tcp(host: host, port: port).description
    }
}
