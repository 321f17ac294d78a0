// Which lanes are filled by themselves, and in which order: those whose source does not change any
// more, the newest first, so that a title that comes does not wait for all that were there before.
// Knows no store: what is missing is told to it now and then.

/// What was seen of lanes that are missing, or out of date.
package struct EnrichmentWatch {
    /// The lane of a title in a track that is filled by itself.
    package struct Lane: Hashable, Sendable {
        /// The track that is filled.
        package let track: String
        /// The title whose lane it is.
        package let title: String

        /// A lane.
        package init(track: String, title: String) {
            self.track = track
            self.title = title
        }
    }

    private struct Seen {
        /// The mark of the source, and the look since which it is that.
        let mark: UInt64
        let since: Int
        /// The look that found the lane missing.
        let first: Int
    }

    private var seen: [Lane: Seen] = [:]
    /// The time before which a lane is left alone, as long as its source has this mark.
    private var tried: [Lane: (mark: UInt64, until: Double)] = [:]
    private var look = 0
    /// Lanes that are to be filled, the next one at the end.
    private var waiting: [Lane] = []

    /// Nothing was seen yet.
    package init() {}

    /// Whether nothing waits to be filled.
    package var isIdle: Bool { waiting.isEmpty }

    /// Takes the lanes that are missing now, each with a mark that changes with its source.
    package mutating func see(_ missing: [Lane: UInt64], now: Double) {
        look += 1
        var seen: [Lane: Seen] = [:]
        for (lane, mark) in missing {
            let before = self.seen[lane]
            seen[lane] = Seen(
                mark: mark, since: before.flatMap { $0.mark == mark ? $0.since : nil } ?? look,
                first: before?.first ?? look)
        }
        self.seen = seen
        tried = tried.filter { seen[$0.key] != nil }
        let ready = seen.filter { $0.value.since < look && !isTried($0.key, now) }
        waiting = ready.sorted { a, b in
            let (one, other) = (a.value.first, b.value.first)
            if one != other { return one < other }
            return (a.key.title, a.key.track) > (b.key.title, b.key.track)
        }.map(\.key)
    }

    /// The lane that is to be filled now.
    package mutating func next() -> Lane? { waiting.popLast() }

    /// Leaves a lane alone until a time, unless its source changes before.
    package mutating func leave(_ lane: Lane, until: Double) {
        if let seen = seen[lane] { tried[lane] = (seen.mark, until) }
    }

    /// Whether another look brings nothing, as long as nothing is written.
    package func isSettled(now: Double) -> Bool {
        seen.keys.allSatisfy { isTried($0, now) }
    }

    private func isTried(_ lane: Lane, _ now: Double) -> Bool {
        guard let tried = tried[lane] else { return false }
        return tried.mark == seen[lane]?.mark && tried.until > now
    }
}
