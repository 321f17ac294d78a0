// One connection's requests on their way to the service and its replies on their way back. The
// event loop puts requests in and takes output out; workers run requests; completions come from
// anywhere. All meet in the state, which is locked for bookkeeping only, not while a request runs.

import Synchronization

/// The part of a connection that threads share.
final class Session: Sendable {
    /// Requests a session runs before it lets others have the worker.
    private static let turn = 64

    let options: ConnectionOptions
    private let conversation: any Conversation
    private let grammar: Grammar
    private let limits: Limits
    private let state: Mutex<SessionState>
    private let submit: @Sendable (Session) -> Void
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - submit: has a worker call `work` soon.
    ///   - wake: has the event loop call `collect` soon.
    init(
        peer: String, host: Host,
        submit: @escaping @Sendable (Session) -> Void, wake: @escaping @Sendable () -> Void
    ) {
        options = ConnectionOptions()
        conversation = host.service.greet(peer: peer, options: options)
        grammar = host.grammar
        limits = host.limits
        state = Mutex(SessionState(limits: host.limits, grammar: host.grammar))
        self.submit = submit
        self.wake = wake
    }

    /// What all connections of a server have in common.
    struct Host: Sendable {
        let banner: [UInt8]
        let grammar: Grammar
        let limits: Limits
        let service: any Service
        let log: @Sendable (String) -> Void
    }

    /// How a session stands, for the event loop.
    struct Standing {
        let output: [UInt8]
        let isIdle: Bool
        let isOver: Bool
    }

    // MARK: Event loop

    func enqueue(_ frames: [Frame]) {
        act(state.withLock { $0.enqueue(frames) })
    }

    func endInput() {
        act(state.withLock { $0.endInput() })
    }

    func abandon() {
        state.withLock { $0.abandon() }
    }

    /// Takes the output when it can be sent.
    func collect(canSend: Bool) -> Standing {
        let (standing, action) = state.withLock { state in
            let (output, action) = state.collect(canSend: canSend)
            let standing = Standing(output: output, isIdle: state.isIdle, isOver: state.isOver)
            return (standing, action)
        }
        act(action)
        return standing
    }

    /// Whether nothing is received, running or unsent.
    var isIdle: Bool {
        state.withLock { $0.isIdle }
    }

    /// Whether more input may be read; when not, the loop is woken once it may.
    func admitsInput() -> Bool {
        state.withLock { $0.admitsInput() }
    }

    // MARK: Workers

    /// Runs requests until none may start or the turn is over; true: call again later.
    func work() -> Bool {
        var reply = Reply(id: nil, json: false)
        for _ in 0..<Session.turn {
            let (start, action) = state.withLock { $0.start() }
            act(action)
            guard let (frame, slot) = start else { return false }
            run(frame, slot: slot, reply: &reply)
        }
        return true
    }

    /// A reply is complete.
    func answer(_ slot: UInt64, _ reply: Span<UInt8>, last: Bool = false) {
        act(state.withLock { $0.answer(slot, reply, last: last) })
    }

    private func run(_ frame: Frame, slot: UInt64, reply: inout Reply) {
        let head = LineHead(frame.line.span)
        let id = head.label(in: frame.line.span)
        reply.restart(id: id, json: options.json)
        if let fault = frame.fault {
            let complaint = Complaint(fault, limits: limits)
            reply.failed(complaint.code, complaint.text)
            answer(slot, reply.bytes.span, last: fault.isFatal)
            return
        }
        let constant = grammar.constant(frame.line.span, head: head, shape: frame.shape)
        if let constant, frame.literals.isEmpty {
            reply.constant(constant)
            answer(slot, reply.bytes.span)
            return
        }
        switch RequestParser.parse(frame, head: head, grammar: grammar) {
        case .failure(let complaint):
            reply.failed(complaint.code, complaint.text)
            answer(slot, reply.bytes.span)
        case .success(let request):
            let later = Later(session: self, slot: slot, id: id, json: options.json)
            let outcome = conversation.run(request, reply: &reply, later: later)
            if outcome == .later { return }
            later.retire()
            answer(slot, reply.bytes.span, last: outcome == .close)
        }
    }

    private func act(_ action: SessionState.Action) {
        if action.submit { submit(self) }
        if action.wake { wake() }
    }
}
