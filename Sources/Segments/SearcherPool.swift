// Searchers of vectors that wait for the next search: each has room for thousands of lists and
// candidates, which is not worth making for one query.

import Synchronization
import VectorIndex

/// Lends searchers to threads.
final class SearcherPool: Sendable {
    /// Those of all stores of the process.
    static let shared = SearcherPool()
    /// No more than this many wait; others go.
    private static let waitingMax = 8

    /// Two searchers, one for each way of looking.
    struct Pair: @unchecked Sendable {
        // Unchecked: only one thread has it at a time.
        let exact = ExactSearcher()
        let indexed = VectorSearcher()
    }

    private let waiting = Mutex<[Pair]>([])

    /// Calls `body` with a pair that nobody else has meanwhile.
    func lend<Result>(_ body: (Pair) -> Result) -> Result {
        let pair = waiting.withLock { $0.popLast() } ?? Pair()
        defer {
            waiting.withLock { if $0.count < Self.waitingMax { $0.append(pair) } }
        }
        return body(pair)
    }
}
