// The last vectors that were looked for in each track that learns from its queries. Vectors made of
// texts often lie where none of a track's vectors lies, and what its own vectors need says little
// about them. Kept in memory alone: what was learnt from them lies in the indexes' files and goes
// over to indexes made of them; queries are gathered anew after a start.

import Synchronization

/// Some queries of each track.
final class SeenQueries: Sendable {
    /// Queries kept for a track.
    static let most = 512
    /// Queries from which something is learnt; then again whenever there are twice as many.
    static let fewest = 200

    private struct Log {
        var vectors: [[Float]] = []
        /// All different ones that came, those not kept any more included.
        var count = 0
    }

    private let logs = Mutex<[UInt32: Log]>([:])

    /// Takes a query, unless it is kept already; true when there are enough to learn from, for the
    /// first time or again.
    func add(_ vector: [Float], to track: UInt32) -> Bool {
        logs.withLock { logs in
            var log = logs.removeValue(forKey: track) ?? Log()
            guard !log.vectors.contains(vector) else {
                logs[track] = log
                return false
            }
            if log.vectors.count < Self.most {
                log.vectors.append(vector)
            } else {
                log.vectors[log.count % Self.most] = vector
            }
            log.count += 1
            let count = log.count
            logs[track] = log
            return Self.mark(count) == count
        }
    }

    /// Gives up what was seen of a track.
    func forget(_ track: UInt32) { logs.withLock { $0[track] = nil } }

    /// Different queries that came so far.
    func count(of track: UInt32) -> Int { logs.withLock { $0[track]?.count ?? 0 } }

    /// The number of queries at which was to be learnt last; 0 when there were too few.
    func mark(of track: UInt32) -> Int { Self.mark(count(of: track)) }

    /// The queries kept, the last one last; none while there are too few.
    func latest(of track: UInt32) -> [[Float]] {
        logs.withLock { logs in
            guard let log = logs[track], log.count >= Self.fewest else { return [] }
            let oldest = log.vectors.count < Self.most ? 0 : log.count % Self.most
            return Array(log.vectors[oldest...] + log.vectors[..<oldest])
        }
    }

    private static func mark(_ count: Int) -> Int {
        guard count >= fewest else { return 0 }
        var mark = fewest
        while mark <= count / 2 { mark *= 2 }
        return mark
    }
}

extension Store {
    /// Notes a vector that was looked for in a track, so that its indexes learn what such queries
    /// need.
    package func learn(from vector: [Float], in track: UInt32) {
        guard seen.add(vector, to: track) else { return }
        queue.update { $0.haveQueriesCome = true }
    }

    /// Gives up the queries seen of a track.
    package func forgetQueries(of track: UInt32) { seen.forget(track) }

    /// Different queries of a track that were seen since the store was opened.
    package func queriesSeen(in track: UInt32) -> Int { seen.count(of: track) }
}
