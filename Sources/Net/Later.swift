// The promise of a reply that comes after `Conversation.run` has returned.

import Synchronization

/// Finishes one request from any thread, exactly once.
package final class Later: Sendable {
    private let session: Session
    private let slot: UInt64
    private let id: String?
    private let json: Bool
    private let isFinished = Atomic<Bool>(false)

    init(session: Session, slot: UInt64, id: String?, json: Bool) {
        self.session = session
        self.slot = slot
        self.id = id
        self.json = json
    }

    /// Gives the reply.
    ///
    /// May be called before `run` has returned `.later`; calling it twice, or for
    /// a request that was answered otherwise, is a programmer's error.
    package func finish(_ body: (inout Reply) -> Void) {
        retire()
        var reply = Reply(id: id, json: json)
        body(&reply)
        session.answer(slot, reply.bytes.span)
    }

    /// The request was answered by `run` itself.
    func retire() {
        let before = isFinished.exchange(true, ordering: .acquiringAndReleasing)
        precondition(!before, "a request is finished exactly once")
    }

    /// A service that loses the promise must not leave its client waiting.
    deinit {
        guard !isFinished.load(ordering: .acquiring) else { return }
        var reply = Reply(id: id, json: json)
        reply.failed("INTERNAL.unanswered", "the request was given up without an answer")
        session.answer(slot, reply.bytes.span)
    }
}
