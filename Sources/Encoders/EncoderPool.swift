// All encoders of a server, each with a thread of its own once it is used; none waits for another.

import Glibc
import Synchronization

/// Runs encoders by name.
package final class EncoderPool: Sendable {
    private struct State {
        var supervisors: [String: EncoderSupervisor] = [:]
        var isStopped = false
        var isToldWhatIsMissing = false
    }

    private let settings: EncoderSettings
    private let state = Mutex(State())

    /// No encoder runs before it is asked; what a pool that was killed left behind is removed.
    package init(_ settings: EncoderSettings) {
        self.settings = settings
        ScratchFolder.removeAbandoned(in: settings.scratch)
    }

    /// Has an encoder look at things; one answer for each, in order.
    ///
    /// Returns at once. `then` is called once, from any thread (that of the encoder mostly, which
    /// waits meanwhile), after `seconds` at the latest.
    package func ask(
        _ description: EncoderDescription, _ requests: [EncoderRequest], seconds: Double,
        then: @escaping @Sendable (Result<[EncoderAnswer], EncoderError>) -> Void
    ) {
        guard !requests.isEmpty else { return then(.success([])) }
        let supervisor: EncoderSupervisor
        do throws(EncoderError) { supervisor = try self.supervisor(description) } catch {
            return then(.failure(error))
        }
        supervisor.submit(
            EncoderJob(
                requests: requests, deadline: settings.clock() + seconds, seconds: seconds,
                finish: then))
    }

    /// A word for how an encoder is (idle, starting, running, resting), and what went wrong last.
    package func standing(_ name: String) -> (state: String, failure: String) {
        state.withLock { $0.supervisors[name] }?.standing ?? ("idle", "")
    }

    /// Ends the program of a name; the next request starts what it describes.
    package func forget(_ name: String) {
        state.withLock { $0.supervisors.removeValue(forKey: name) }?.stop()
    }

    /// Ends all programs and waits a moment for that; nothing is started any more.
    package func stop() {
        let all = state.withLock { state in
            state.isStopped = true
            defer { state.supervisors = [:] }
            return Array(state.supervisors.values)
        }
        for supervisor in all { supervisor.stop() }
        // Their scratch folders should not outlive the server.
        for _ in 0..<400 where !all.allSatisfy(\.isOver) { usleep(5_000) }
    }

    private func supervisor(
        _ description: EncoderDescription
    ) throws(EncoderError) -> EncoderSupervisor {
        var old: EncoderSupervisor?
        var missing: [String] = []
        defer {
            old?.stop()
            for what in missing { settings.log("encoders: this system does not give \(what)") }
        }
        let result = state.withLock { state -> Result<EncoderSupervisor, EncoderError> in
            if state.isStopped { return .failure(.stopped) }
            if let known = state.supervisors[description.name] {
                if known.description == description { return .success(known) }
                old = known
            }
            if !state.isToldWhatIsMissing { missing = Sandbox.missing }
            state.isToldWhatIsMissing = true
            return Result { () throws(EncoderError) in
                let made = try EncoderSupervisor(description, settings)
                state.supervisors[description.name] = made
                return made
            }
        }
        return try result.get()
    }
}
