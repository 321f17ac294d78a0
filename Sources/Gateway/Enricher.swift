// The thread that has encoders fill tracks: one title after the other, with a rest after each
// request, so that searches go before. What was asked for comes first; then, when nobody asks, what
// is to be done by itself as titles come.

import Media
import Segments
import Synchronization

/// Fills tracks in the background.
package final class Enricher: Sendable {
    /// A request to fill a track now.
    struct Request: Sendable {
        let enrichment: Enrichment
        /// The number of the track that is filled.
        let track: UInt32
        /// Names of titles; nil for all.
        let titles: [String]?
        /// Whether lanes that are there are made again.
        let redo: Bool
        let finish: CallOutcome.Finish
    }

    /// A request, shown as a job from the beginning on.
    private struct Errand {
        let request: Request
        let job: Job
    }

    private struct State {
        var waiting: [Errand] = []
        var isStopping = false
    }

    /// What the thread knows of what is done by itself.
    private struct Watch {
        var lanes = EnrichmentWatch()
        /// When it looked last, and at what.
        var time = -Double.infinity
        var sequence: UInt64 = 0
    }

    /// Seconds between two looks for new titles.
    private static let interval = 5.0
    /// Seconds after which a title that failed is tried again.
    private static let patience = 600.0
    /// Seconds of a rest at most: what takes longer than this mostly waits itself, for a model to
    /// load or for a program that hangs.
    private static let longestRest = 30.0
    /// Seconds after which who rests looks whether the end was asked for.
    private static let step = 0.1
    /// Steps of progress for each title.
    private static let steps = 1_000
    /// Failures that one answer names.
    private static let failuresShown = 100

    private let gateway: Gateway
    private let pause: @Sendable (Double) -> Void
    private let log: @Sendable (String) -> Void
    private let state = Monitor(State())
    private let thread: Monitor<BackgroundThread?>

    /// Starts the thread; `pause` sleeps for so many seconds.
    package init(
        _ gateway: Gateway, pause: @escaping @Sendable (Double) -> Void,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.gateway = gateway
        self.pause = pause
        self.log = log
        thread = Monitor(nil)
        gateway.enricher.withLock { $0 = self }
        // Urgent, though it is not: a program that it is the first to need would inherit from it
        // that it runs only when nobody else does.
        let running = BackgroundThread { [self] in run() }
        thread.update { $0 = running }
    }

    /// Ends the thread after the request that it waits for; what is not done is told so.
    package func stop() {
        gateway.enricher.withLock { $0 = nil }
        state.update { $0.isStopping = true }
        thread.update { thread in
            defer { thread = nil }
            return thread
        }?.join()
    }

    func submit(_ request: Request) {
        let job = gateway.store.beginJob(
            .enrich, track: request.track, cancelled: { [weak self] in self?.giveUpCancelled() })
        let errand = Errand(request: request, job: job)
        let isTaken = state.update { state in
            if !state.isStopping { state.waiting.append(errand) }
            return !state.isStopping
        }
        if !isTaken { finish(errand, .failure(GatewayError(.stopped))) }
        // Whoever cancelled it before it waited found nothing to give up.
        if job.progress.isCancelled { giveUpCancelled() }
    }

    /// Answers what was cancelled while it waited for what is under way.
    private func giveUpCancelled() {
        let cancelled = state.update { state in
            let cancelled = state.waiting.filter { $0.job.progress.isCancelled }
            state.waiting.removeAll { $0.job.progress.isCancelled }
            return cancelled
        }
        for errand in cancelled { finish(errand, .failure(TitleEnricher.cancelled)) }
    }

    private func finish(_ errand: Errand, _ result: Result<Answer, GatewayError>) {
        gateway.store.endJob(errand.job)
        errand.request.finish(result)
    }

    /// Something changed of what is to be done by itself.
    func wake() { state.update { _ in } }

    private var isStopping: Bool { state.update { $0.isStopping } }

    private func run() {
        var watch = Watch()
        while true {
            let next = state.wait { state -> Errand?? in
                if state.isStopping { return .some(nil) }
                if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
                return hasWatched ? .some(nil) : nil
            }
            if isStopping { break }
            if let next { carryOut(next) } else { look(&watch) }
        }
        for errand in state.update({ $0.waiting }) {
            finish(errand, .failure(GatewayError(.stopped)))
        }
    }

    // MARK: What was asked for

    private func carryOut(_ errand: Errand) {
        finish(
            errand,
            Result { () throws(GatewayError) in try fill(errand.request, errand.job.progress) })
    }

    private func fill(
        _ request: Request, _ progress: JobProgress
    ) throws(GatewayError) -> Answer {
        let (_, catalog) = try gateway.current()
        var titles: [Title] = []
        for name in request.titles ?? catalog.titles.keys.sorted() {
            titles.append(try catalog.title(name))
        }
        progress.begin(titles.count * Self.steps)
        var done = (titles: 0, rows: 0, missed: 0, failures: 0)
        var rows: [[AnswerField]] = []
        for (place, title) in titles.enumerated() {
            progress.reach(place * Self.steps)
            do throws(GatewayError) {
                let isNamed = request.titles != nil
                guard
                    let filling = try fill(
                        title, request.enrichment, redo: request.redo, isNamed: isNamed,
                        progress, after: place)
                else { continue }
                done.titles += 1
                done.rows += filling.rows.count
                done.missed += filling.missed
                if let row = Self.row(title, filling) { rows.append(row) }
            } catch {
                if error.code == "CONFLICT.cancelled" { throw error }
                done.failures += 1
                rows.append(Self.row(title, error, error.text))
            }
        }
        return .rows(
            Array(rows.prefix(Self.failuresShown)),
            summary: [
                AnswerField("titles", done.titles), AnswerField("rows", done.rows),
                AnswerField("missed", done.missed), AnswerField("failed", done.failures),
            ])
    }

    private static func row(
        _ title: Title, _ error: GatewayError, _ text: String
    ) -> [AnswerField] {
        [
            AnswerField("title", title.name), AnswerField("error", error.code),
            AnswerField("text", text),
        ]
    }

    /// What is said of a title that lacks rows.
    private static func row(_ title: Title, _ filling: Filling) -> [AnswerField]? {
        guard let (start, reason) = filling.first else { return nil }
        let text = "the first at \(Timecode.clock(nanoseconds: start)): \(reason.text)"
        return row(title, reason, text) + [AnswerField("missed", filling.missed)]
    }

    /// Fills the lane of a title; nil when there is nothing to be done.
    private func fill(
        _ title: Title, _ enrichment: Enrichment, redo: Bool, isNamed: Bool,
        _ progress: JobProgress, after titles: Int = 0
    ) throws(GatewayError) -> Filling? {
        let (view, catalog) = try gateway.current()
        let target = try catalog.track(enrichment.track)
        let encoder = try gateway.knownEncoder(enrichment.encoder)
        var from: Track?
        if let name = enrichment.from { from = try catalog.track(name) }
        try gateway.checkSound([target] + (from.map { [$0] } ?? []), view)
        let matter = try EnrichmentMatter(encoder, target, from: from)
        let lane = EnrichedLane(
            view: view, catalog: catalog, title: title, target: target, encoder: encoder.name,
            from: matter.source)
        let isStale = try lane.isStale()
        if !redo, !isStale, try !lane.isEmpty() { return nil }
        if let source = matter.source {
            if try LaneRows(view, source.id, title: title.name).isEmpty() { return nil }
        } else if !isNamed, title.film == nil {
            return nil
        }
        let isOver = { [self] in isStopping || progress.isCancelled }
        let enricher = TitleEnricher(
            gateway: gateway, encoder: encoder, target: target, matter: matter, title: title,
            view: view, catalog: catalog, isStale: isStale, isOver: isOver,
            // As long as the work took, so that searches have half of the time.
            rest: { [self] in rest(min($0, Self.longestRest), unless: isOver) },
            reach: { progress.reach(titles * Self.steps + Int($0 * Double(Self.steps))) })
        return try enricher.fill()
    }

    /// Rests for so many seconds, or until something is the case.
    private func rest(_ seconds: Double, unless isOver: () -> Bool) {
        var left = seconds
        while left > 0, !isOver() {
            pause(min(left, Self.step))
            left -= Self.step
        }
    }

    // MARK: What is done by itself

    /// Whether there is something more urgent.
    private var isWanted: Bool { isStopping || state.update { !$0.waiting.isEmpty } }

    private var hasWatched: Bool { gateway.enrichments.isEmpty == false }

    /// Fills one lane that is missing or out of date, or looks for those that are.
    private func look(_ watch: inout Watch) {
        if watch.lanes.isIdle {
            rest(Self.interval, unless: { isWanted })
            if isWanted { return }
            see(&watch)
        } else if gateway.clock() - watch.time >= Self.interval {
            see(&watch)
        }
        if let lane = watch.lanes.next() { attempt(lane, &watch.lanes) }
    }

    /// Looks for titles whose lane is missing or out of date.
    private func see(_ watch: inout Watch) {
        guard let (view, catalog) = try? gateway.current() else { return }
        watch.time = gateway.clock()
        if view.sequence == watch.sequence, watch.lanes.isSettled(now: watch.time) { return }
        var lanes: [EnrichmentWatch.Lane: UInt64] = [:]
        for enrichment in catalog.enrichments.values {
            guard let target = catalog.tracks[enrichment.track] else { continue }
            for title in catalog.titles.values {
                if isWanted { return }
                lanes[EnrichmentWatch.Lane(track: enrichment.track, title: title.name)] = missing(
                    title, target, enrichment, view, catalog)
            }
        }
        watch.sequence = view.sequence
        watch.lanes.see(lanes, now: watch.time)
    }

    /// A number that changes with what a lane is made of that is missing or out of date; nil when
    /// there is nothing to be done.
    private func missing(
        _ title: Title, _ target: Track, _ enrichment: Enrichment, _ view: View, _ catalog: Catalog
    ) -> UInt64? {
        let from = enrichment.from.flatMap { catalog.tracks[$0] }
        let lane = EnrichedLane(
            view: view, catalog: catalog, title: title, target: target,
            encoder: enrichment.encoder, from: from)
        guard let isEmpty = try? lane.isEmpty(), isEmpty || (try? lane.isStale()) == true else {
            return nil
        }
        guard enrichment.from != nil else {
            return title.film == nil ? nil : try? lane.sourceChange()
        }
        guard let from, (try? LaneRows(view, from.id, title: title.name).isEmpty()) == false else {
            return nil
        }
        return try? lane.sourceChange()
    }

    private func attempt(_ lane: EnrichmentWatch.Lane, _ watch: inout EnrichmentWatch) {
        guard let catalog = try? gateway.current().catalog, let title = catalog.titles[lane.title],
            let enrichment = catalog.enrichments[lane.track]
        else { return }
        let job = gateway.store.beginJob(.enrich, track: catalog.tracks[lane.track]?.id)
        defer { gateway.store.endJob(job) }
        job.progress.begin(Self.steps)
        do throws(GatewayError) {
            let filling = try fill(
                title, enrichment, redo: false, isNamed: false, job.progress)
            let rows = filling?.rows.count
            // What has nothing to say is asked again only when its source changes.
            if rows == 0 { watch.leave(lane, until: .infinity) }
            log("filled \(rows ?? 0) rows of \(title.name) in \(enrichment.track)")
            if let filling, let reason = filling.first?.reason {
                log("without \(filling.missed) rows of \(title.name): \(reason.text)")
            }
        } catch {
            watch.leave(lane, until: gateway.clock() + Self.patience)
            log("\(title.name) in \(enrichment.track): \(error.code): \(error.text)")
        }
    }
}
