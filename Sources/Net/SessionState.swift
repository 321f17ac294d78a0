// The state of one connection between its requests and its replies, without threads or sockets.
// Invariants:
// - `slots` are the started requests whose replies are not all in `output`, oldest first; a reply
//   enters `output` only when it is at the front, so replies leave in the order of requests;
// - one thread at a time runs requests of a session: `running` says that a worker has it or will;
// - whenever something happened, `settle` alone decides whether a worker or the loop must act.

struct SessionState {
    /// What the caller must do once it has let go of the state.
    struct Action {
        /// Give the session to the worker pool.
        var submit = false
        /// Have the event loop look at the session.
        var wake = false
    }

    /// A started request.
    private struct Slot {
        /// The finished reply.
        var reply: [UInt8]?
        let isOrdered: Bool
    }

    private let limits: Limits
    private let grammar: Grammar

    private var queue = Ring<Frame>()
    private var queuedBytes = 0
    private var slots = Ring<Slot>()
    /// The number of the slot at the front.
    private var front: UInt64 = 0
    /// Whether an ordered request is started and not finished; there is at most one.
    private var orderedIsOpen = false
    private var output: [UInt8] = []

    private var running = false
    /// No more input comes: close when all is answered.
    private var ending = false
    /// No more requests are started: close when those started are answered.
    private var closing = false
    /// The connection is no more: drop everything.
    private var gone = false
    /// The loop was told to look, or cannot send anyhow, and will look by itself.
    private var awake = false
    /// The loop withholds reading until the queue is shorter.
    private var readingWaits = false

    init(limits: Limits, grammar: Grammar) {
        self.limits = limits
        self.grammar = grammar
    }

    // MARK: What the event loop does

    /// Adds received requests.
    mutating func enqueue(_ frames: [Frame]) -> Action {
        guard !closing, !gone else { return Action() }
        for frame in frames {
            queue.append(frame)
            queuedBytes += frame.cost
        }
        return settle()
    }

    /// No more requests come.
    mutating func endInput() -> Action {
        ending = true
        return settle()
    }

    /// The connection is over; replies still to come go nowhere.
    mutating func abandon() {
        gone = true
        queue.removeAll()
        queuedBytes = 0
        output = []
    }

    /// Takes the output.
    ///
    /// Without `canSend` the output stays, and
    /// the loop promises to come back when it can.
    mutating func collect(canSend: Bool) -> (output: [UInt8], action: Action) {
        awake = !canSend
        guard canSend else { return ([], Action()) }
        var taken: [UInt8] = []
        swap(&taken, &output)
        var action = settle()
        // The caller looks at the state right after this.
        action.wake = false
        awake = false
        return (taken, action)
    }

    /// Whether nothing is received, running, open or unsent.
    var isIdle: Bool {
        queue.isEmpty && slots.isEmpty && output.isEmpty && !running && !closing && !ending
    }

    /// Whether everything is answered and nothing more will be.
    var isOver: Bool {
        !running && slots.isEmpty && output.isEmpty && (closing || (ending && queue.isEmpty))
    }

    /// Whether more input may be read; when not, the loop is woken once it may.
    mutating func admitsInput() -> Bool {
        readingWaits = queuedBytes > limits.queuedBytes
        return !readingWaits
    }

    // MARK: What workers do

    /// The next request that may start, with the number of its slot; nil: the worker is done here.
    mutating func start() -> (start: (frame: Frame, slot: UInt64)?, action: Action) {
        guard mayStart, let frame = queue.popFirst() else {
            running = false
            return (nil, settle())
        }
        queuedBytes -= frame.cost
        let isOrdered = order(of: frame) == .ordered
        if isOrdered { orderedIsOpen = true }
        slots.append(Slot(reply: nil, isOrdered: isOrdered))
        return ((frame, front + UInt64(slots.count - 1)), settle())
    }

    /// A reply is complete; `last`: nothing is started after it.
    mutating func answer(_ number: UInt64, _ reply: Span<UInt8>, last: Bool = false) -> Action {
        if last {
            closing = true
            queue.removeAll()
            queuedBytes = 0
        }
        guard !gone else { return Action() }
        let distance = Int(number - front)
        if slots[distance].isOrdered { orderedIsOpen = false }
        if distance == 0 {
            _ = slots.popFirst()
            front += 1
            Writer.append(reply, to: &output)
        } else {
            var kept: [UInt8] = []
            Writer.append(reply, to: &kept)
            slots[distance].reply = kept
        }
        while let reply = slots.first?.reply {
            _ = slots.popFirst()
            front += 1
            output += reply
        }
        return settle()
    }

    // MARK: Decisions

    /// Whether the request at the front of the queue may start now.
    private var mayStart: Bool {
        guard !closing, !gone, let frame = queue.first, output.count < limits.outputBytes else {
            return false
        }
        if slots.isEmpty { return true }
        guard !orderedIsOpen, slots.count < limits.inFlight else { return false }
        return order(of: frame) != .ordered
    }

    /// Requests answered without the service need not wait for their turn, only their replies do.
    private func order(of frame: Frame) -> VerbShape.Order {
        guard frame.fault == nil, frame.shape >= 0 else { return .overlapping }
        return grammar.shapes[frame.shape].order
    }

    private mutating func settle() -> Action {
        guard !gone else { return Action() }
        var action = Action()
        if !running, mayStart {
            running = true
            action.submit = true
        }
        let mayReadAgain = readingWaits && queuedBytes <= limits.queuedBytes / 2
        if mayReadAgain { readingWaits = false }
        if !awake, !output.isEmpty || isOver || mayReadAgain {
            awake = true
            action.wake = true
        }
        return action
    }
}
