// A search on its way through a list of hits: the view that it sees, what it asks for, and how far
// it has come. A plan is a value, so whoever keeps one can go on from there whenever it likes.

import Segments
import Storage
import TextIndex

/// A search and its place in the list of hits.
struct SearchPlan: Sendable {
    let view: View
    let catalog: Catalog
    let tracks: [Track]
    /// Without a limit; `after` and `exceptTitles` are the place.
    var request: SearchRequest
    let isGrouped: Bool
    /// Rows of a group at most.
    let per: Int
    let folds: Bool
    /// The hits of the whole list, as they were counted for the first page.
    private(set) var count: HitCount?
    /// Hits that have been passed.
    private var passed = 0

    init(
        _ view: View, _ catalog: Catalog, _ tracks: [Track], _ request: SearchRequest,
        _ shape: SearchShape
    ) {
        self.view = view
        self.catalog = catalog
        self.tracks = tracks
        self.request = request
        isGrouped = shape.isGrouped
        per = shape.per
        folds = shape.folds
    }

    /// What looks for the matched words of a track's texts.
    func highlight(_ track: UInt32) -> Highlight? {
        guard let analyzer = tracks.first(where: { $0.id == track })?.analyzer else { return nil }
        return request.queries[track].map { Highlight($0, analyzer) }
    }

    /// Leaves out `skipped` rows or groups and takes the next ones, `limit` at most.
    mutating func page(skipping skipped: Int, _ limit: Int) throws(GatewayError) -> SearchPage {
        isGrouped ? try titlesPage(skipped, limit) : try rowsPage(skipped, limit)
    }

    private mutating func rowsPage(
        _ skipped: Int, _ limit: Int
    ) throws(GatewayError) -> SearchPage {
        var stream = HitStream(self, request)
        let hits = try stream.next(skipped + limit)
        request.after = stream.place
        passed += stream.passed
        count = count ?? stream.count
        var page = SearchPage(hits: Array(hits.dropFirst(skipped)), count: stream.count)
        page.add(stream)
        page.count = count ?? page.count
        // At its end a list was counted, whatever was skipped before.
        if page.coverage == 1, stream.isAtEnd { page.count = HitCount(count: passed) }
        if page.coverage == 1, !stream.isAtEnd {
            page.hasMore = passed < page.count.count
            // Beyond what was counted only another look tells.
            if !page.hasMore, !page.count.isExact { page.hasMore = try !stream.next(1).isEmpty }
        }
        return page
    }

    private mutating func titlesPage(
        _ skipped: Int, _ limit: Int
    ) throws(GatewayError) -> SearchPage {
        let ids = tracks.map(\.id)
        let ranking: TitleRanking
        do { ranking = try view.titles(ids, request, limit: skipped + limit) } catch {
            throw GatewayError(error)
        }
        count = count ?? ranking.count
        var page = SearchPage(hits: [], count: count ?? ranking.count)
        page.damaged = ranking.damaged
        page.coverage = ranking.coverage
        page.groups = 0
        // What damage keeps from being expanded is told by the searches.
        var request = (try? view.expanded(self.request, ids)) ?? self.request
        request.exceptTitles = []
        request.countLimit = 0
        for title in ranking.titles.dropFirst(skipped) where page.coverage == 1 {
            request.titles = [title]
            var stream = HitStream(self, request)
            page.hits += try stream.next(per)
            page.add(stream)
            page.groups = page.groups.map { $0 + 1 }
        }
        self.request.exceptTitles.formUnion(ranking.titles)
        page.hasMore = ranking.hasMore && page.coverage == 1
        return page
    }
}

/// A stretch of the list of hits.
struct SearchPage {
    var hits: [FoldedHit]
    /// All hits of the list.
    var count: HitCount
    /// Titles shown, where hits are grouped.
    var groups: Int?
    var damaged: [UInt32: StorageError] = [:]
    /// The share of documents that were looked at before the deadline.
    var coverage = 1.0
    var hasMore = false

    init(hits: [FoldedHit], count: HitCount) {
        self.hits = hits
        self.count = count
    }

    mutating func add(_ stream: HitStream) {
        damaged.merge(stream.damaged) { first, _ in first }
        coverage = min(coverage, stream.coverage)
    }
}

/// Takes the hits of a search in their order, so many at a time as are wanted.
struct HitStream {
    /// Where the next hits come after.
    private(set) var place: HitPlace?
    /// Hits passed, shown or folded.
    private(set) var passed = 0
    /// As the first look counted them.
    private(set) var count = HitCount()
    private(set) var damaged: [UInt32: StorageError] = [:]
    private(set) var coverage = 1.0
    private(set) var isAtEnd = false

    private let view: View
    private let tracks: [UInt32]
    private var request: SearchRequest
    private var folding: Folding?
    private var isFirst = true

    /// Hits are looked for in batches of so many at least, once some were folded.
    private static let batch = 16

    init(_ plan: SearchPlan, _ request: SearchRequest) {
        view = plan.view
        tracks = plan.tracks.map(\.id)
        self.request = request
        place = request.after
        guard plan.folds else { return }
        self.request.margin = Folding.margin
        folding = Folding(plan, self.request)
    }

    /// The next hits to show, `wanted` of them unless there are no more.
    mutating func next(_ wanted: Int) throws(GatewayError) -> [FoldedHit] {
        var taken: [FoldedHit] = []
        repeat {
            request.limit = isFirst ? firstLimit(wanted) : max(wanted - taken.count, Self.batch)
            request.after = place
            let result: SearchResult
            do { result = try view.search(tracks, request) } catch { throw GatewayError(error) }
            note(result)
            let shown = try folding?.fold(result.hits) ?? result.hits.map { FoldedHit(hit: $0) }
            var rest = zip(result.hits, shown).makeIterator()
            while taken.count < wanted, let (hit, folded) = rest.next() {
                passed += 1
                place = hit.listPlace
                if let folded { taken.append(folded) }
            }
            isAtEnd = result.hits.count < request.limit && rest.next() == nil
        } while taken.count < wanted && !isAtEnd && coverage == 1
        return taken
    }

    /// A few more where some may be folded, since another look costs more than their rows.
    private func firstLimit(_ wanted: Int) -> Int {
        folding == nil || wanted == 0 ? wanted : wanted + wanted / 4 + 2
    }

    private mutating func note(_ result: SearchResult) {
        if isFirst { count = result.count }
        isFirst = false
        request.countLimit = 0
        damaged.merge(result.damaged) { first, _ in first }
        coverage = min(coverage, result.coverage)
    }
}
