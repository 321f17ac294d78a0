// One request as it came off the wire: its line and its literals, not yet understood.

/// A framed request.
package struct Frame: Sendable, Equatable {
    /// The bytes that followed a `{n}`.
    package struct Literal: Sendable, Equatable {
        /// Where `{n}` stands in the line.
        package let marker: Range<Int>
        /// As sent.
        package var bytes: [UInt8]

        /// A literal and its place.
        package init(marker: Range<Int>, bytes: [UInt8]) {
            self.marker = marker
            self.bytes = bytes
        }
    }

    /// Why a request cannot be read as a whole.
    package enum Fault: Sendable, Equatable {
        /// The line was dropped.
        case lineTooLong
        /// This many bytes, or more in the same request, were thrown away.
        case literalTooLong(Int)
        /// Too long even to be thrown away: the connection closes.
        case drainTooLong(Int)
        /// A count that is no number of bytes: the connection closes.
        case literalUnreadable
        /// The input ended inside the request.
        case unfinished

        /// Whether nobody can say where the next request begins.
        package var isFatal: Bool {
            switch self {
            case .lineTooLong, .literalTooLong: false
            case .drainTooLong, .literalUnreadable, .unfinished: true
            }
        }
    }

    /// The line without its ends; the parts around literals are joined, `{n}` included.
    ///
    /// With a fault, its beginning only.
    package var line: [UInt8]
    /// In the order of their markers; none with a fault.
    package var literals: [Literal] = []
    /// Nil for a request that can be parsed.
    package var fault: Fault?
    /// The verb's index in the grammar, or -1.
    package var shape = -1

    /// A frame of a verb not looked up yet.
    package init(line: [UInt8], literals: [Literal] = [], fault: Fault? = nil, shape: Int = -1) {
        self.line = line
        self.literals = literals
        self.fault = fault
        self.shape = shape
    }

    /// What it counts against the limit on queued bytes: its memory, roughly.
    var cost: Int {
        literals.reduce(160 + line.count) { $0 + $1.bytes.count + 64 }
    }
}
