// From the bytes of one read to work: requests that the grammar answers are answered on the spot,
// all others become frames for the session. A value of its own, so that the loop over a
// thousand pipelined lines runs without a lock, a class or an allocation per line.

/// The decoder of a connection, and the replies made during a burst of reads.
struct Intake {
    /// Replies not yet written.
    var burst: [UInt8] = []
    private var decoder: RequestDecoder
    private let grammar: Grammar

    init(grammar: Grammar, limits: Limits) {
        self.grammar = grammar
        decoder = RequestDecoder(limits: limits)
    }

    /// The requests in the input that others must answer.
    ///
    /// Constant ones are answered into `burst`
    /// as long as `mayAnswer` and no other request comes before them.
    mutating func decode(_ input: Span<UInt8>, mayAnswer: Bool) -> [Frame] {
        var frames: [Frame] = []
        var mayAnswer = mayAnswer
        var position = 0
        while true {
            switch decoder.next(in: input, at: &position) {
            case .starved:
                return frames
            case .line(let range):
                let line = input.extracting(range)
                let head = LineHead(line)
                let shape = grammar.find(line.extracting(head.verb))
                if mayAnswer,
                    let constant = grammar.constant(line, head: head, shape: shape)
                {
                    answer(constant, to: line, head)
                } else {
                    mayAnswer = false
                    var bytes: [UInt8] = []
                    Writer.append(line, to: &bytes)
                    frames.append(Frame(line: bytes, shape: shape))
                }
            case .frame(var frame):
                mayAnswer = false
                let head = LineHead(frame.line.span)
                frame.shape = grammar.find(frame.line.span.extracting(head.verb))
                frames.append(frame)
            }
        }
    }

    /// What the end of the input cuts short, or nil.
    mutating func finish() -> Frame? {
        decoder.finish()
    }

    private mutating func answer(
        _ constant: [UInt8], to line: Span<UInt8>, _ head: LineHead
    ) {
        burst.append(UInt8(ascii: "+"))
        if head.hasID {
            burst.append(UInt8(ascii: "#"))
            Writer.append(line.extracting(head.id), to: &burst)
        }
        burst.append(contentsOf: constant)
    }
}
