// Requests that carried a token, so that one which is sent again, since its answer was lost, does
// nothing. Kept for a day, the newest 65,536; in the log, and in each checkpoint.

import Storage
import Synchronization

/// What the log says of a request with a token.
package struct RequestMark: Sendable, Equatable {
    /// The longest token in bytes.
    package static let tokenMax = 128

    /// Chosen by the client.
    package var token: [UInt8]
    /// Milliseconds since 1970.
    package var time: UInt64
    /// How many operations the request has.
    package var operations: Int

    init(token: [UInt8], time: UInt64, operations: Int) {
        self.token = token
        self.time = time
        self.operations = operations
    }

    init(_ reader: inout ByteReader) throws(DecodeError) {
        token = try reader.lengthPrefixed()
        time = try reader.u64()
        let count = try reader.varint()
        guard count <= UInt64(UInt32.max) else {
            throw DecodeError(offset: reader.position, expected: "a number of operations")
        }
        operations = Int(count)
    }

    func encode(into bytes: inout ByteWriter) {
        bytes.lengthPrefixed(token)
        bytes.u64(time)
        bytes.varint(UInt64(operations))
    }
}

/// A request that was carried out.
package struct FinishedRequest: Sendable, Equatable {
    /// Chosen by the client.
    package var token: [UInt8]
    /// Milliseconds since 1970.
    package var time: UInt64
    /// What it did; after a restart as far as that is known.
    package var applied: Applied
}

/// The requests with tokens; safe to share.
final class RequestTable: Sendable {
    static let countMax = 65_536
    static let milliseconds: UInt64 = 24 * 3_600 * 1_000

    private struct State {
        /// Oldest first from `first` on.
        var requests: [FinishedRequest] = []
        var first = 0
        var byToken: [[UInt8]: Applied] = [:]
    }

    private let state = Mutex(State())

    /// What the request with a token did; nil when there is none.
    func applied(_ token: [UInt8]) -> Applied? { state.withLock { $0.byToken[token] } }

    /// All that are kept, oldest first.
    var all: [FinishedRequest] { state.withLock { Array($0.requests[$0.first...]) } }

    /// Keeps a request, and forgets those that are too old by its time.
    func add(_ request: FinishedRequest) {
        state.withLock { state in
            guard state.byToken[request.token] == nil else { return }
            state.requests.append(request)
            state.byToken[request.token] = request.applied
            while let oldest = state.requests.dropFirst(state.first).first,
                state.byToken.count > Self.countMax
                    || oldest.time &+ Self.milliseconds < request.time
            {
                state.byToken[oldest.token] = nil
                state.first += 1
            }
            guard state.first > Self.countMax else { return }
            state.requests.removeFirst(state.first)
            state.first = 0
        }
    }
}
