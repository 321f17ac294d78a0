// SEARCH: from a request, or a cursor, to a page of rows.

import Segments
import TextIndex

extension Gateway {
    func search(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> Answer {
        let shape = try SearchShape(arguments, settings)
        let identity = arguments.searchIdentity
        var plan = try self.plan(arguments, shape, identity)
        plan.request.deadline = shape.deadline.map { Deadline(clock() + $0, on: clock) }
        let page = try plan.page(skipping: shape.offset, shape.limit)
        let rows = try self.rows(page, plan, shape, settings)
        var summary = [
            AnswerField("hits", "\(page.count.count)" + (page.count.isExact ? "" : "+"))
        ]
        if let groups = page.groups { summary.append(AnswerField("groups", groups)) }
        summary.append(AnswerField("shown", page.hits.count))
        if page.coverage == 1 {
            summary += try correction(arguments, plan, page.count)
        }
        summary += Self.partial(page.damaged, plan.tracks, coverage: page.coverage)
        if page.hasMore, shape.limit > 0 {
            let cursor = cursors.keep(plan, identity, from: shape.cursor, newest: store.view)
            summary.append(AnswerField("cursor", cursor))
        }
        return .rows(rows, summary: summary)
    }

    private func plan(
        _ arguments: Arguments, _ shape: SearchShape, _ identity: [UInt8]
    ) throws(GatewayError) -> SearchPlan {
        if let cursor = shape.cursor { return try cursors.plan(cursor, identity) }
        let (view, catalog) = try current()
        let tracks = try catalog.tracks(named: try arguments.word(0, "the track"))
        var request = try self.request(arguments, tracks, catalog)
        if shape.sortsByTime { request.order = .timeline }
        if tracks.allSatisfy({ view.quarantined[$0.id] != nil }) { try checkSound(tracks, view) }
        return SearchPlan(view, catalog, tracks, request, shape)
    }

    /// The rows of a page, each hit between the lines around it.
    private func rows(
        _ page: SearchPage, _ plan: SearchPlan, _ shape: SearchShape,
        _ settings: ConversationSettings
    ) throws(GatewayError) -> [[AnswerField]] {
        let tracks = Dictionary(uniqueKeysWithValues: plan.tracks.map { ($0.id, $0) })
        var highlights: [UInt32: Highlight] = [:]
        for track in plan.tracks where shape.highlights {
            highlights[track.id] = plan.highlight(track.id)
        }
        let lanes = LaneReader(plan.view)
        var rows: [[AnswerField]] = []
        for folded in page.hits {
            let hit = folded.hit
            guard let track = tracks[hit.track] else { continue }
            var lines = Neighbours()
            if shape.context > 0 {
                lines = try neighbours(of: hit, lanes, shape.context)
            }
            for (place, line) in lines.before.enumerated() {
                rows.append(
                    [AnswerField("context", place - lines.before.count)]
                        + row(try annotation(line, lanes), track.name, plan.catalog, settings, nil))
            }
            var row =
                [AnswerField("score", .number(Double(hit.score), decimals: 3))]
                + row(hit, track, plan.catalog, settings, highlights[hit.track])
            if folded.alike > 1 { row.append(AnswerField("alike", folded.alike)) }
            rows.append(row)
            for (place, line) in lines.after.enumerated() {
                rows.append(
                    [AnswerField("context", place + 1)]
                        + self.row(
                            try annotation(line, lanes), track.name, plan.catalog, settings, nil))
            }
        }
        return rows
    }

    private func neighbours(
        of hit: Hit, _ lanes: LaneReader, _ count: Int
    ) throws(GatewayError) -> Neighbours {
        // What the hit itself spans is not around it.
        let spanned = hit.following.count
        do {
            var lines = try lanes.neighbours(of: hit.place, before: count, after: count + spanned)
            lines.after.removeFirst(min(spanned, lines.after.count))
            return lines
        } catch { throw GatewayError(error) }
    }

    private func annotation(
        _ entry: LaneEntry, _ lanes: LaneReader
    ) throws(GatewayError) -> Annotation {
        do { return try lanes.annotation(entry.place) } catch { throw GatewayError(error) }
    }
}
