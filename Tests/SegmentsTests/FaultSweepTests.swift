// Every file call of a script meets with every fault, once and from then on: nothing that was
// acknowledged is lost, nothing comes of a request that was refused, and the process is stopped
// only after a write or sync whose outcome is not known. MSPD_SOAK makes all runs; otherwise those
// that fit the time, drawn by a seed that is printed.

import Glibc
import Segments
import Storage
import TestSupport
import Testing

@Suite struct FaultSweepTests {
    private struct Fault {
        var call: Int
        var fault: FaultyFileSystem.Fault
        var isPersistent: Bool
    }

    @Test func `every file call meets with every fault`() throws {
        let isSoak = unsafe getenv("MSPD_SOAK") != nil
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let script = CrashScript(seed: 3, requests: 44)
        let operations = try operations(of: script)
        let faults = faults(of: operations).shuffled(using: &random)
        let deadline = ContinuousClock.now + .seconds(isSoak ? 1 << 20 : 90)
        var runs = 0
        for fault in faults {
            guard ContinuousClock.now < deadline else { break }
            let problem = problem(with: fault, script)
            #expect(problem == nil, "seed \(seed), \(fault): \(problem ?? "")")
            runs += 1
        }
        #expect(operations.count > 300 && runs > 300)
        print(
            "fault sweep: \(runs) of \(faults.count) runs over \(operations.count) file calls, "
                + "seed \(seed)")
    }

    /// The calls of a run in which nothing fails.
    private func operations(of script: CrashScript) throws -> [String] {
        let fs = FaultyFileSystem()
        var run = CrashRun(fs)
        run.run(script.steps)
        #expect(run.acknowledged == script.requests && run.failures.isEmpty)
        #expect(try recoveredState(fs.powerCut()) == script.states.last)
        return fs.operations
    }

    /// A fault of each kind for each call that it can strike.
    private func faults(of operations: [String]) -> [Fault] {
        operations.enumerated().flatMap { index, operation in
            var kinds = [EIO, ENOSPC, EMFILE, EINTR].map { FaultyFileSystem.Fault.error($0) }
            if operation == "write" || operation == "read" { kinds.append(.shortTransfer) }
            return kinds.flatMap { kind in
                [false, true].map { Fault(call: index + 1, fault: kind, isPersistent: $0) }
            }
        }
    }

    /// Whether what is on the disk cannot be known after an error.
    private static func mayStop(_ error: StorageError) -> Bool {
        guard case .system(let operation, _, let code) = error else { return false }
        return operation.hasPrefix("sync") || operation == "write" || code == EIO
    }

    /// What is wrong when a call meets with a fault.
    private func problem(with fault: Fault, _ script: CrashScript) -> String? {
        let fs = FaultyFileSystem()
        fs.failCall(fault.call, fault.fault, persistently: fault.isPersistent)
        var run = CrashRun(fs)
        run.run(script.steps)
        fs.heal()
        switch fault.fault {
        case .error(EINTR), .shortTransfer:
            guard run.failures.isEmpty, run.acknowledged == script.requests else {
                return "\(run.acknowledged) acknowledged, failed: \(run.failures)"
            }
        case .error:
            if let stop = run.stops.errors.first, !Self.mayStop(stop) {
                return "stopped for no reason: \(stop)"
            }
        }
        for (name, disk) in [("as it is", fs.powerCut(.keepAll)), ("cut", fs.powerCut())] {
            do {
                let state = try recoveredState(disk)
                if !run.allows(state) {
                    return "another state on the disk \(name); \(run.acknowledged) requests "
                        + "acknowledged, \(run.failures)"
                }
            } catch { return "\(error) on the disk \(name)" }
        }
        return nil
    }
}
