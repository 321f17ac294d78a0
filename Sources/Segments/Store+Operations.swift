// Operations of an open store, for those who ask from other threads.

import Synchronization

/// The open operations, where the writer shows them.
final class OperationList: Sendable {
    private let open = Mutex<[UInt64: OpenOperation]>([:])

    var all: [OpenOperation] { open.withLock { $0.values.sorted { $0.id < $1.id } } }

    func show(_ operation: OpenOperation) { open.withLock { $0[operation.id] = operation } }
    func hide(_ id: UInt64) { open.withLock { $0[id] = nil } }
    func named(_ id: UInt64) -> OpenOperation? { open.withLock { $0[id] } }
}

extension Store {
    /// Takes the answer of something long, on the writing thread.
    package typealias Finish = @Sendable (Result<Applied, StoreError>) -> Void

    /// The open operations, oldest first.
    package var operations: [OpenOperation] { openOperations.all }

    /// The open operation of a number.
    package func operation(_ id: UInt64) -> OpenOperation? { openOperations.named(id) }

    /// What the request with a token did, when one was carried out.
    package func applied(_ token: [UInt8]) -> Applied? { requests.repeated(token) }

    /// Makes an operation count: what is in its scope goes, its rows come, at once.
    ///
    /// Asked again after it succeeded it does nothing.
    package func commit(_ id: UInt64, token: [UInt8]? = nil, finish: @escaping Finish) {
        // No client's token has a zero.
        ask(.commit(id), token ?? [0] + Array("commit \(id)".utf8), finish)
    }

    /// Gives an operation up.
    package func abort(_ id: UInt64, finish: @escaping Finish) { ask(.abort(id), nil, finish) }

    /// Brings a lane back to what it was before the last commit to it.
    package func rollBack(
        _ track: UInt32, title: [UInt8], token: [UInt8]? = nil, finish: @escaping Finish
    ) {
        ask(.rollback(track: track, title: title, isFlushed: false), token, finish)
    }

    /// Commits an operation and waits until that is durable and visible.
    @discardableResult
    package func commit(_ id: UInt64, token: [UInt8]? = nil) throws(StoreError) -> Applied {
        try wait { self.commit(id, token: token, finish: $0) }
    }

    /// Gives an operation up and waits for it.
    package func abort(_ id: UInt64) throws(StoreError) {
        _ = try wait { self.abort(id, finish: $0) }
    }

    /// Brings a lane back and waits until that is durable and visible.
    @discardableResult
    package func rollBack(_ track: UInt32, title: [UInt8]) throws(StoreError) -> Applied {
        try wait { self.rollBack(track, title: title, finish: $0) }
    }
}

extension RequestTable {
    /// What a request did that is sent again.
    func repeated(_ token: [UInt8]) -> Applied? {
        guard var applied = applied(token) else { return nil }
        applied.isRepeated = true
        return applied
    }
}
