// The power is cut at every moment of a script and every state is tried that the disk may be in
// then: all that was acknowledged must be there, perhaps some of the requests under way, in their
// order, and nothing else.
// MSPD_POWERCUT_SECONDS sets how long states are tried (twice 60 seconds, 1,000 with MSPD_SOAK).
//
// The negative controls leave syncs out of what was recorded. Each must be found, or the search
// would prove nothing.

import Glibc
import Segments
import Storage
import TestSupport
import Testing

@Suite struct PowerCutTests {
    @Test(arguments: 1...2) func `whatever a power cut leaves is recovered`(run: UInt64) throws {
        var seed = SeededRandom.fresh() &+ run
        let (first, deadline) = (seed, ContinuousClock.now + .seconds(Self.seconds))
        var sum = (states: 0, nested: 0, moments: 0, scripts: 0)
        while ContinuousClock.now < deadline {
            let script = CrashScript(seed: seed, requests: 26)
            let journal = try record(script)
            let (states, nested, problem) = search(journal, script, seed, until: deadline)
            #expect(problem == nil, "seed \(seed): \(problem ?? "")")
            sum.states += states
            sum.nested += nested
            sum.moments += journal.count
            sum.scripts += 1
            seed &+= 2
            if problem != nil { break }
        }
        print(
            "power cuts: \(sum.states) states of \(sum.moments) moments in \(sum.scripts) scripts, "
                + "\(sum.nested) cut again while recovering, seed \(first)")
        #expect(sum.states > 1_000)
    }

    /// Tries all states of a journal, and random ones as long as most of them are new.
    private func search(
        _ journal: DiskJournal, _ script: CrashScript, _ seed: UInt64,
        until deadline: ContinuousClock.Instant
    ) -> (states: Int, nested: Int, problem: String?) {
        var cuts = PowerCuts(journal, seed: seed)
        var (tried, nested) = (0, 0)
        var problem: String?
        var isExhaustive = true
        var isWorthwhile = true
        while isWorthwhile {
            let (before, old) = (cuts.count, cuts.repeated)
            let isComplete = cuts.pass(exhaustive: isExhaustive) { disk, point in
                tried += 1
                problem = self.problem(disk, point, script)
                if problem == nil, tried % 16 == 0 {
                    nested += 1
                    problem = self.nestedProblem(disk, point, script, seed: UInt64(nested))
                }
                problem = problem.map { "\(point): \($0)" }
                return problem == nil && ContinuousClock.now < deadline
            }
            isWorthwhile = isComplete && cuts.count - before > cuts.repeated - old
            isExhaustive = false
        }
        return (cuts.count, nested, problem)
    }

    @Test(arguments: [
        ".log", "/data/wal", "/data/catalog", "/data/tracks", "/data/tracks/1",
        "/data/tracks/1/segments", "MANIFEST", "CATALOG", ".seg", ".del", "/data", "/",
    ])
    func `a sync that is left out is found`(path: String) throws {
        let script = CrashScript(seed: 5, requests: 26)
        let whole = try record(script)
        let journal = whole.without { synced in
            path.hasPrefix("/") ? synced == path : synced.contains(path)
        }
        #expect(journal.count < whole.count, "nothing synced \(path)")
        var cuts = PowerCuts(journal, seed: 1)
        var problem: String?
        for isExhaustive in [true, false, false, false] where problem == nil {
            _ = cuts.pass(exhaustive: isExhaustive) { disk, point in
                problem = self.problem(disk, point, script)
                return problem == nil
            }
        }
        #expect(problem != nil, "without syncs of \(path) \(cuts.count) states are as good")
    }

    private static var seconds: Int {
        if let text = unsafe getenv("MSPD_POWERCUT_SECONDS"),
            let seconds = Int(unsafe String(cString: text))
        {
            return seconds
        }
        return unsafe getenv("MSPD_SOAK") == nil ? 60 : 1_000
    }

    /// Runs a script on a disk that works and records what it does.
    private func record(_ script: CrashScript) throws -> DiskJournal {
        let fs = FaultyFileSystem()
        fs.beginRecording()
        var run = CrashRun(fs)
        run.run(script.steps)
        #expect(run.acknowledged == script.requests && run.failures.isEmpty)
        return try #require(fs.journal)
    }

    /// What is wrong with what is recovered from a disk.
    private func problem(
        _ disk: FaultyFileSystem, _ point: PowerCuts.Point, _ script: CrashScript
    ) -> String? {
        do {
            let state = try recoveredState(disk)
            if script.states(acknowledged: point.notes).contains(state) { return nil }
            let step = script.states.firstIndex(of: state).map { "that of request \($0)" }
            return "the state is \(step ?? "none that ever was")"
        } catch { return "\(error)" }
    }

    /// The same when the power is cut a second time while the disk is recovered.
    private func nestedProblem(
        _ disk: FaultyFileSystem, _ point: PowerCuts.Point, _ script: CrashScript, seed: UInt64
    ) -> String? {
        disk.beginRecording()
        _ = problem(disk, point, script)
        guard let journal = disk.journal else { return nil }
        var cuts = PowerCuts(journal, seed: seed)
        for _ in 0..<4 {
            let (again, inner) = cuts.any()
            if let problem = problem(again, point, script) {
                return "cut again at \(inner): \(problem)"
            }
        }
        return nil
    }
}
