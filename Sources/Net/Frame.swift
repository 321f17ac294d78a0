// One request as it came off the wire: its line and its literals, not yet understood.

/// A framed request.
struct Frame: Sendable, Equatable {
    /// The bytes that followed a `{n}`.
    struct Literal: Sendable, Equatable {
        /// Where `{n}` stands in the line.
        let marker: Range<Int>
        var bytes: [UInt8]
    }

    /// Why a request cannot be read as a whole.
    enum Fault: Sendable, Equatable {
        case lineTooLong
        case literalTooLong(Int)
        /// Too long even to be thrown away: the connection closes.
        case drainTooLong(Int)
        /// A count that is no number of bytes: the connection closes.
        case literalUnreadable
        /// The input ended inside the request.
        case unfinished

        /// Whether nobody can say where the next request begins.
        var isFatal: Bool {
            switch self {
            case .lineTooLong, .literalTooLong: false
            case .drainTooLong, .literalUnreadable, .unfinished: true
            }
        }
    }

    /// The line without its ends; the parts around literals are joined, `{n}` included. With a
    /// fault, its beginning only.
    var line: [UInt8]
    /// In the order of their markers; none with a fault.
    var literals: [Literal] = []
    var fault: Fault?
    /// The verb's index in the grammar, or -1.
    var shape = -1

    /// What it counts against the limit on queued bytes: its memory, roughly.
    var cost: Int {
        literals.reduce(160 + line.count) { $0 + $1.bytes.count + 64 }
    }
}
