// Bytes to framed requests: lines and the literals they announce, whatever the verb.
// Invariants:
// - every input byte is looked at a bounded number of times, however the input is cut;
// - what is held is at most one request within the limits;
// - after any error that is not fatal the next byte belongs to the next request.

import Glibc

/// An incremental decoder of one connection's input.
package struct RequestDecoder {
    /// What became of the input so far.
    package enum Step: Equatable {
        /// All input is used.
        case starved
        /// A request without literals that lies whole in the input, here.
        case line(Range<Int>)
        /// Any other request.
        case frame(Frame)
    }

    private enum State {
        case line
        /// Inside a line that is too long.
        case dropping
        case literal(left: Int)
        case draining(left: Int)
        /// After a fatal fault.
        case dead
    }

    /// What is kept of the end of a line that is too long, to see the literal it announces.
    private static let tailKept = 40

    private let limits: Limits
    /// How much is kept of the beginning of a faulty line, to label its reply.
    private let kept: Int
    private var state = State.line
    /// The line so far, parts before literals included.
    private var head: [UInt8] = []
    /// Where in `head` the current part begins.
    private var part = 0
    /// The end of a line that is too long.
    private var tail: [UInt8] = []
    private var literals: [Frame.Literal] = []
    private var literalBytes = 0
    private var drained = 0
    private var fault: Frame.Fault?

    /// Ready for the first byte of a connection.
    package init(limits: Limits) {
        self.limits = limits
        kept = min(limits.line, 128)
    }

    /// Whether a request has begun and is not complete.
    private var isInside: Bool {
        switch state {
        case .line: !head.isEmpty || !literals.isEmpty || fault != nil
        case .dead: false
        case .dropping, .literal, .draining: true
        }
    }

    /// Reads from `position` up to the end of one request or of the input, and moves `position`.
    package mutating func next(in input: Span<UInt8>, at position: inout Int) -> Step {
        while position < input.count {
            switch state {
            case .line, .dropping:
                let end = RequestDecoder.lineFeed(input, from: position)
                let piece = position..<(end ?? input.count)
                position = end.map { $0 + 1 } ?? input.count
                if end != nil, !isInside, let step = wholeLine(input, piece) {
                    if case .starved = step { continue }
                    return step
                }
                take(input.extracting(piece))
                if end != nil, let frame = endPart() { return .frame(frame) }
            case .literal(let left):
                let count = min(left, input.count - position)
                Writer.append(
                    input.extracting(position..<position + count),
                    to: &literals[literals.count - 1].bytes)
                position += count
                state = .literal(left: left - count)
                if left == count { beginPart() }
            case .draining(let left):
                let count = min(left, input.count - position)
                position += count
                state = .draining(left: left - count)
                if left == count { beginPart() }
            case .dead:
                position = input.count
            }
        }
        return .starved
    }

    /// The request that the end of the input cuts short, or nil.
    package mutating func finish() -> Frame? {
        let isBlank =
            literals.isEmpty && fault == nil && head.allSatisfy { $0 == 0x20 || $0 == 0x0D }
        if !isInside { return nil }
        if case .line = state, isBlank { return nil }
        return fail(fault ?? .unfinished)
    }

    /// The fast way for a line that is a request by itself: `.starved` for an empty one, nil when
    /// it is too long or announces a literal.
    private func wholeLine(_ input: Span<UInt8>, _ piece: Range<Int>) -> Step? {
        var line = piece
        if let last = line.last, input[last] == 0x0D { line = line.dropLast() }
        guard let last = line.last else { return .starved }
        if line.count > limits.line || input[last] == UInt8(ascii: "}") { return nil }
        var first = line.lowerBound
        while input[first] == 0x20 {
            if first == last { return .starved }
            first += 1
        }
        return .line(line)
    }

    /// Adds a piece of the line, or forgets all but the ends of one that is too long.
    private mutating func take(_ piece: Span<UInt8>) {
        if case .dropping = state {
            Writer.append(
                piece.extracting(max(0, piece.count - RequestDecoder.tailKept)..<piece.count),
                to: &tail)
            tail.removeFirst(max(0, tail.count - RequestDecoder.tailKept))
            return
        }
        Writer.append(piece, to: &head)
        // One more than the limit may be the CR.
        if head.count > limits.line + 1 { drop() }
    }

    /// Turns the line that is too long into its two ends.
    private mutating func drop() {
        tail = Array(head[part...].suffix(RequestDecoder.tailKept))
        head = Array(head.prefix(kept))
        fault = fault ?? .lineTooLong
        literals = []
        state = .dropping
    }

    /// The LF was read: the request when it ends here, nil when a literal or nothing follows.
    private mutating func endPart() -> Frame? {
        if case .line = state {
            if head.count > part, head.last == 0x0D { head.removeLast() }
            if head.count > limits.line { drop() }
        } else if tail.last == 0x0D {
            tail.removeLast()
        }
        var marker = Marker.none
        if case .dropping = state {
            marker = Marker(tail.span, from: 0, isCut: true)
            state = .line
        } else {
            marker = Marker(head.span, from: part, isCut: false)
        }
        switch marker {
        case .unreadable:
            return fail(.literalUnreadable)
        case .literal(let range, let count):
            return announce(count, at: range)
        case .none:
            let isBlank = literals.isEmpty && head.allSatisfy { $0 == 0x20 }
            return isBlank && fault == nil ? reset() : emit()
        }
    }

    /// Gets ready for a literal: to keep it, or to throw it away.
    private mutating func announce(_ count: Int, at marker: Range<Int>) -> Frame? {
        if fault == nil, count <= limits.literal, count <= limits.requestBytes - literalBytes {
            literalBytes += count
            literals.append(Frame.Literal(marker: marker, bytes: []))
            // Memory is promised here and used only as bytes come.
            literals[literals.count - 1].bytes.reserveCapacity(count)
            state = .literal(left: count)
        } else {
            guard count <= limits.drain - drained else { return fail(.drainTooLong(count)) }
            drained += count
            fault = fault ?? .literalTooLong(count)
            literals = []
            head.removeLast(max(0, head.count - kept))
            state = .draining(left: count)
        }
        if count == 0 { beginPart() }
        return nil
    }

    private mutating func beginPart() {
        part = head.count
        state = .line
    }

    /// Ends the request with a fault; after a fatal one nothing more is read.
    private mutating func fail(_ fault: Frame.Fault) -> Frame {
        self.fault = fault
        let frame = emit()
        if fault.isFatal { state = .dead }
        return frame
    }

    private mutating func emit() -> Frame {
        let line = fault == nil ? head : Array(head.prefix(kept))
        let frame = Frame(line: line, literals: fault == nil ? literals : [], fault: fault)
        _ = reset()
        return frame
    }

    private mutating func reset() -> Frame? {
        state = .line
        head = []
        part = 0
        tail = []
        literals = []
        literalBytes = 0
        drained = 0
        fault = nil
        return nil
    }

    private static func lineFeed(_ input: Span<UInt8>, from start: Int) -> Int? {
        unsafe input.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, 0x0A, bytes.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(base).distance(to: found)
        }
    }
}

/// What the end of a line announces.
private enum Marker {
    case none
    case literal(range: Range<Int>, count: Int)
    /// A count that does not fit an integer.
    case unreadable

    /// Looks for `{digits}` at the very end, beginning at `start` or later.
    ///
    /// `isCut`: the line began before the first byte given.
    init(_ line: Span<UInt8>, from start: Int, isCut: Bool) {
        self = .none
        let close = line.count - 1
        guard close > start, line[close] == UInt8(ascii: "}") else { return }
        var first = close
        while first > start, line[first - 1] >= 0x30, line[first - 1] <= 0x39 { first -= 1 }
        guard first < close else { return }
        guard first > start else {
            if isCut { self = .unreadable }
            return
        }
        guard line[first - 1] == UInt8(ascii: "{") else { return }
        var count = 0
        for index in first..<close {
            let (shifted, overflow) = count.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(Int(line[index]) - 0x30)
            guard !overflow, !carry else {
                self = .unreadable
                return
            }
            count = sum
        }
        self = .literal(range: first - 1..<line.count, count: count)
    }
}
