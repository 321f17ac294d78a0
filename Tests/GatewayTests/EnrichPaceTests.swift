// How ENRICH shares the machine and its thread: it rests as long as its work took, and who waits
// for another to end is seen and can leave.

import Gateway
import Glibc
import Segments
import Synchronization
import Testing

@Suite("ENRICH, beside other work,")
struct EnrichPaceTests {
    /// A gateway with a film and an encoder of pictures; both take so many seconds each time.
    private func prepared(film: Double, encoder: Double) throws -> EncoderTalk {
        let talk = try EncoderTalk()
        let clock = talk.clock
        talk.films.work.withLock { $0 = { clock.advance(film) } }
        talk.encoders.work.withLock { $0 = { clock.advance(encoder) } }
        try talk.ask("TITLE SET a file=/films/a.mkv")
        try talk.ask("TRACK CREATE shots note:text")
        try talk.ask("TRACK CREATE looks vector=8 encoder=eyes")
        try talk.ask("TRACK CREATE heard text=en")
        try talk.ask("ENCODER SET eyes command=eyes accepts=image dim=8")
        try talk.ask("ENCODER SET ears command=ears accepts=audio")
        for start in 0..<8 { try talk.ask("PUT shots a in=\(start)s out=\(start + 1)s") }
        return talk
    }

    private func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 0.001 }

    @Test("rests as long as the pictures took and the encoder with them")
    func pictures() throws {
        let talk = try prepared(film: 0.3, encoder: 1.5)
        try talk.ask("ENRICH looks from=shots")
        let requests = talk.encoders.asked.withLock { $0.count }
        #expect(isNear(talk.rests.sum, 8 * 0.3 + Double(requests) * 1.5), "\(talk.rests.sum)")
    }

    @Test("rests as long as each piece of sound took")
    func sound() throws {
        let talk = try prepared(film: 0, encoder: 15)
        try talk.ask("ENRICH heard encoder=ears")
        #expect(isNear(talk.rests.sum, 3 * 15), "\(talk.rests.sum)")
    }

    @Test("shows who waits for another, and lets them leave at once")
    func waiting() throws {
        let talk = try prepared(film: 0, encoder: 0)
        talk.encoders.silentFrom.store(1, ordering: .relaxed)
        let first = try #require(try talk.begin("ENRICH looks from=shots"))
        for _ in 0..<5_000 where talk.encoders.asked.withLock({ $0.isEmpty }) { usleep(1_000) }
        let second = try #require(try talk.begin("ENRICH heard encoder=ears"))
        let third = try #require(try talk.begin("ENRICH looks from=shots title=a"))
        let jobs = try talk.ask("JOBS").rows
        #expect(jobs.map { $0["track"] } == ["looks", "heard", "looks"])
        #expect(jobs.map { $0["waiting"] } == [nil, "1", "1"])
        guard jobs.count == 3 else { return }
        func end(_ job: [String: String], _ answer: Monitor<Result<Answer, GatewayError>?>) throws {
            try talk.ask("CANCEL \(try #require(job["job"]))")
            guard case .failure(let error) = answer.wait(milliseconds: 60_000, { $0 }) else {
                Issue.record("it goes on")
                return
            }
            #expect(error.code == "CONFLICT.cancelled")
        }
        try end(jobs[1], second)
        #expect(try talk.ask("JOBS").rows.map { $0["job"] } == [jobs[0]["job"], jobs[2]["job"]])
        talk.encoders.silentFrom.store(.max, ordering: .relaxed)
        try end(jobs[0], first)
        #expect(third.wait(milliseconds: 60_000, { $0 }) != nil)
        for _ in 0..<5_000 where try !talk.ask("JOBS").rows.isEmpty { usleep(1_000) }
        #expect(try talk.ask("JOBS").rows.isEmpty)
    }

    @Test("rests half a minute at most, and no longer when it is told to end")
    func bounds() throws {
        let talk = try prepared(film: 0, encoder: 1_000)
        try talk.ask("ENRICH heard encoder=ears")
        #expect(isNear(talk.rests.sum, 3 * 30), "\(talk.rests.sum)")
        let answer = try #require(try talk.begin("ENRICH heard encoder=ears redo=1"))
        for _ in 0..<20_000 where talk.rests.sum < 91 { usleep(100) }
        try talk.ask("CANCEL \(try #require(try talk.ask("JOBS").rows.first?["job"]))")
        guard case .failure(let error) = answer.wait({ $0 }) else {
            Issue.record("it came to its end")
            return
        }
        #expect(error.code == "CONFLICT.cancelled")
        #expect(talk.rests.sum < 119, "\(talk.rests.sum)")
    }
}
