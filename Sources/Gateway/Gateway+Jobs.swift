// MERGE, JOBS and CANCEL: what the operator sees and says of the work in the background.

import Segments

extension Gateway {
    func merge(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 1)
        let track = try current().catalog.track(try arguments.word(0, "the track"))
        let store = self.store
        return .later { finish in
            // What is in memory becomes a segment first.
            store.flush { flushed in
                if case .failure(let error) = flushed {
                    return finish(.failure(GatewayError(error)))
                }
                store.merge(track.id) { result in
                    finish(
                        result.mapError { GatewayError($0) }.map { _ in
                            .ok(Self.merged(track, store.view.tracks[track.id]))
                        })
                }
            }
        }
    }

    private static func merged(_ track: Track, _ view: TrackView?) -> [AnswerField] {
        [
            AnswerField("track", track.name),
            AnswerField("segments", view?.segments.count ?? 0),
            AnswerField("bytes", Int(view?.segmentBytes ?? 0)),
        ]
    }

    func jobs(_ arguments: Arguments) throws(GatewayError) -> Answer {
        try arguments.expectWords(atMost: 0)
        let catalog = try current().catalog
        let rows = store.jobs.map { job in
            var row = [
                AnswerField("job", Int(job.id)), AnswerField("kind", job.kind.rawValue),
                AnswerField("track", job.track.map { catalog.name(ofTrack: $0) } ?? "*"),
            ]
            let (done, total) = (job.progress.done, job.progress.total)
            if total > 0 { row.append(AnswerField("percent", min(done * 100 / total, 100))) }
            // Its steps are counted when its turn comes.
            if job.kind == .enrich, total == 0 { row.append(AnswerField("waiting", 1)) }
            return row
        }
        let operations = store.operations.map { operation in
            [
                AnswerField("op", Int(operation.id)), AnswerField("kind", "operation"),
                AnswerField("track", catalog.name(ofTrack: operation.track)),
                AnswerField("title", .bytes(operation.scope.title)),
                AnswerField("rows", operation.rows),
            ]
        }
        return .rows(
            rows + operations, summary: [AnswerField("shown", rows.count + operations.count)])
    }

    func cancel(_ arguments: Arguments) throws(GatewayError) -> Answer {
        try arguments.expectWords(atMost: 1)
        let word = try arguments.word(0, "the number of the job")
        guard let number = UInt64(word), store.cancel(number) else {
            throw GatewayError(
                "NOTFOUND.job",
                "no job that can be cancelled has the number '\(word.prefix(32))'; JOBS lists them")
        }
        return .ok([AnswerField("job", Int(number))])
    }
}
