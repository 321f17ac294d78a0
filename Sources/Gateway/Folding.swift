// Rows that say nearly the same right after each other, as roll-up captions do (each cue repeats a
// line of the one before), are shown as one: the best of them. What is folded into a row depends on
// its neighbours alone, not on how much of the list is shown.

import Segments
import TextIndex

/// A hit, and how many hits it stands for.
struct FoldedHit {
    let hit: Hit
    /// Itself and those that are not shown for it.
    var alike = 1
}

/// Finds the hits that are not worth a row of their own.
struct Folding {
    /// Nanoseconds that may part two rows that are folded.
    static let margin: Int64 = 1_000_000_000
    /// How many hits a row is said to stand for at most.
    private static let alikeMax = 100

    private let plan: SearchPlan
    private let request: SearchRequest
    private let tracks: [UInt32]
    private var highlights: [UInt32: Highlight] = [:]
    /// Rows that were looked at: the hit that each is; nil for one that is none.
    private var known: [DocumentPlace: Hit?] = [:]

    /// For a search that asks for the texts within the margin; nil when it asks for no words, for
    /// then all rows are wanted.
    init?(_ plan: SearchPlan, _ request: SearchRequest) {
        let asks = plan.tracks.contains { !(request.queries[$0.id]?.clauses.isEmpty ?? true) }
        guard asks else { return nil }
        self.plan = plan
        self.request = request
        tracks = plan.tracks.map(\.id)
    }

    /// For each hit how it is shown; nil for one that is not, since a better one nearby says nearly
    /// the same.
    mutating func fold(_ hits: [Hit]) throws(GatewayError) -> [FoldedHit?] {
        let alike = hits.map { placesAlike($0) }
        guard alike.contains(where: { !$0.isEmpty }) else { return hits.map { FoldedHit(hit: $0) } }
        for hit in hits { known[hit.place] = hit }
        try learn(alike.flatMap { $0 })
        var folded: [FoldedHit?] = []
        for (hit, places) in zip(hits, alike) {
            let others = self.hits(at: places, like: hit)
            guard !others.contains(where: { $0.precedes(hit) }) else {
                folded.append(nil)
                continue
            }
            folded.append(FoldedHit(hit: hit, alike: try alikeCount(hit, others)))
        }
        return folded
    }

    /// How many hits are folded into a hit: those alike, those alike to these and worse, and so on.
    private mutating func alikeCount(_ hit: Hit, _ others: [Hit]) throws(GatewayError) -> Int {
        var members: Set = [hit.place]
        var edge = [(from: hit, to: others)]
        while let (from, others) = edge.popLast() {
            for other in others where from.precedes(other) && members.count < Self.alikeMax {
                guard members.insert(other.place).inserted else { continue }
                let places = placesAlike(other)
                try learn(places)
                edge.append((other, hits(at: places, like: other)))
            }
        }
        return members.count
    }

    /// The hits at some places that have no other value of a keyword, such as another speaker.
    private func hits(at places: [DocumentPlace], like hit: Hit) -> [Hit] {
        places.compactMap { known[$0] ?? nil }.filter {
            !hit.annotation.contradicts($0.annotation, except: Track.sourceName)
        }
    }

    /// Finds out which of some rows are hits.
    private mutating func learn(_ places: [DocumentPlace]) throws(GatewayError) {
        let unknown = Set(places.filter { known[$0] == nil })
        guard !unknown.isEmpty else { return }
        var request = request
        request.only = unknown
        request.limit = unknown.count
        request.countLimit = 0
        request.after = nil
        for place in unknown { known[place] = .some(nil) }
        do {
            for hit in try plan.view.search(tracks, request).hits { known[hit.place] = hit }
        } catch { throw GatewayError(error) }
    }

    /// The rows near a hit that say nearly the same.
    private mutating func placesAlike(_ hit: Hit) -> [DocumentPlace] {
        guard !hit.nearby.isEmpty, hit.following.isEmpty, let text = hit.annotation.text else {
            return []
        }
        let near = hit.nearby.filter { LineWords.mayShareLine(text, $0.text) }
        guard !near.isEmpty else { return [] }
        let own = LineWords(text)
        let candidates = near.map { (place: $0.place, text: $0.text, LineWords($0.text)) }
            .filter { own.sharesLine(with: $0.2) }
        // Where nothing is shared, it does not matter what was asked for.
        guard !candidates.isEmpty else { return [] }
        let highlight = highlights[hit.track] ?? plan.highlight(hit.track)
        highlights[hit.track] = highlight
        let matched = highlight?.ranges(text) ?? []
        return candidates.filter { _, other, words in
            own.saysTheSame(matched, as: words, highlight?.ranges(other) ?? [])
        }.map(\.place)
    }
}
