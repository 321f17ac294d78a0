// ENRICH: has an encoder fill a track, now or by itself whenever titles come.

import Segments
import Synchronization

extension Gateway {
    func enrich(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 1)
        let (_, catalog) = try current()
        let target = try catalog.track(try arguments.word(0, "the track"))
        let isAutomatic = try arguments.choice("auto", ["0", "1"], default: "-")
        let known = catalog.enrichments[target.name]
        if isAutomatic == "0" {
            return .write([.unset(name: Enrichment.entry(target.name))]) { _ in
                .ok([AnswerField("track", target.name), AnswerField("auto", 0)])
            }
        }
        guard let encoder = try arguments.string("encoder") ?? known?.encoder ?? target.encoder
        else { throw GatewayError("SYNTAX.missing", "encoder= is missing") }
        let from = try arguments.string("from") ?? known?.from
        let enrichment = Enrichment(track: target.name, encoder: encoder, from: from)
        var source: Track?
        if let from { source = try catalog.track(from) }
        _ = try EnrichmentMatter(try knownEncoder(encoder), target, from: source)
        if isAutomatic == "1" { return remember(enrichment) }
        return try request(enrichment, target.id, arguments)
    }

    /// What is done by itself, by track.
    var enrichments: [String: Enrichment] { (try? current().catalog.enrichments) ?? [:] }

    private func remember(_ enrichment: Enrichment) -> CallOutcome {
        let enricher = self.enricher.withLock { $0 }
        let name = Enrichment.entry(enrichment.track)
        return .write([.set(name: name, value: enrichment.encoded)]) { _ in
            enricher?.wake()
            return .ok([AnswerField("track", enrichment.track), AnswerField("auto", 1)])
        }
    }

    private func request(
        _ enrichment: Enrichment, _ track: UInt32, _ arguments: Arguments
    ) throws(GatewayError) -> CallOutcome {
        guard let enricher = enricher.withLock({ $0 }) else { throw .noEncoders }
        let titles = try arguments.string("title").map {
            $0.split(separator: ",").map(String.init)
        }
        let catalog = try current().catalog
        for title in titles ?? [] { _ = try catalog.title(title) }
        let redo = try arguments.integer("redo", 0...1, default: 0) == 1
        return .later { finish in
            enricher.submit(
                Enricher.Request(
                    enrichment: enrichment, track: track, titles: titles, redo: redo, finish: finish
                ))
        }
    }
}
