// The loop of an encoder's thread. Each turn looks at deadlines, sends what waits once the batch
// before is answered, sleeps until something happens, and takes what came.

import Glibc
import Synchronization

extension Result {
    /// What went wrong; nil for nothing.
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

/// What the thread of an encoder knows; never leaves it.
final class EncoderRun {
    private let supervisor: EncoderSupervisor
    private let description: EncoderDescription
    private let settings: EncoderSettings
    private var program: RunningProgram?
    private var batch = Batch()
    private var nextID: UInt64 = 1
    private var policy = RestartPolicy()
    /// The time after which a silent program has failed, or an idle one is ended.
    private var patience = Double.infinity
    private var allowed = 0.0
    /// Whether the program has not answered yet.
    private var isFresh = false
    /// When the program's folder is looked at again.
    private var nextLook = 0.0

    init(_ supervisor: EncoderSupervisor) {
        self.supervisor = supervisor
        description = supervisor.description
        settings = supervisor.settings
    }

    /// Returns when the supervisor was stopped.
    func loop() {
        while true {
            if supervisor.shared.withLock({ $0.isStopping }) { return close() }
            expire()
            send()
            wait()
        }
    }

    // MARK: What time brings

    private func expire() {
        let now = settings.clock()
        let waiting = supervisor.shared.withLock { $0.queue.takeExpired(now: now) }
        for job in waiting + batch.takeExpired(now: now) {
            let isStarting = program != nil && isFresh && patience > now
            job.finish(
                .failure(
                    isStarting
                        ? .starting(seconds: job.seconds, left: patience - now)
                        : .timeout(job.seconds)))
        }
        if program != nil, now >= nextLook { lookAtFolder(now) }
        guard program != nil, now >= patience else { return }
        if batch.openCount > 0 { fail(.timeout(allowed)) } else { endQuietly() }
    }

    /// Ends a program that fills the disk.
    ///
    /// Looking takes a twentieth of the time at most.
    private func lookAtFolder(_ now: Double) {
        let limit = settings.scratchBytes
        let isFull = program?.holdsMore(than: limit) == true
        let pause = batch.openCount > 0 ? 1.0 : 10.0
        nextLook = now + max(pause, 20 * (settings.clock() - now))
        guard isFull else { return }
        fail(.exited("its folder held more than \(limit >> 20) MiB, so it was ended"))
    }

    /// Sends what waits, if the batch before is answered and the program may run.
    private func send() {
        guard batch.openCount == 0 else { return }
        let now = settings.clock()
        guard !supervisor.shared.withLock({ $0.queue.isEmpty }) else { return }
        let rest = policy.notBefore - now
        if program == nil, rest > 0 { return refuse(rest) }
        let jobs = supervisor.shared.withLock { $0.queue.takeBatch(settings.batch) }
        batch = Batch(jobs, firstID: nextID, dimension: description.dimension)
        nextID += UInt64(batch.openCount)
        if program == nil {
            do throws(EncoderError) { try start() } catch { return fail(error) }
        }
        expectAnswer(now, isFresh ? settings.startSeconds : 0)
        write()
    }

    private func start() throws(EncoderError) {
        program = try RunningProgram(description, settings)
        nextLook = settings.clock() + 1
        isFresh = true
        supervisor.shared.withLock { ($0.isRunning, $0.hasAnswered) = (true, false) }
        supervisor.log("started \(description.command)")
    }

    /// The program rests: who cannot wait for its end is told so.
    private func refuse(_ rest: Double) {
        guard rest > 1 else { return }
        let (jobs, failure) = supervisor.shared.withLock { ($0.queue.takeAll(), $0.failure) }
        let reason = failure.map { "\($0)" } ?? ""
        for job in jobs { job.finish(.failure(.resting(seconds: rest, failure: reason))) }
    }

    private func expectAnswer(_ now: Double, _ extra: Double = 0) {
        allowed = description.seconds + extra
        patience = now + (batch.openCount > 0 ? allowed : settings.idleSeconds)
    }

    // MARK: What the program does

    /// Sleeps until there is something to do, and does what the program calls for.
    private func wait() {
        var entries = [pollfd(fd: supervisor.wakeup.descriptor, events: Int16(POLLIN), revents: 0)]
        if let program, case let child = program.child {
            entries.append(pollfd(fd: child.output, events: Int16(POLLIN), revents: 0))
            // What is at its end would be ready for ever; a negative one is passed over.
            let errors = program.isSilenced ? -1 : child.errors
            entries.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0))
            if batch.isWriting {
                entries.append(pollfd(fd: child.input, events: Int16(POLLOUT), revents: 0))
            }
        }
        let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds())
        guard count > 0 else { return }
        if entries[0].revents != 0 { supervisor.wakeup.clear() }
        guard entries.count > 1 else { return }
        if entries[2].revents != 0 { program?.readErrors(supervisor) }
        if entries.count > 3, entries[3].revents != 0 { write() }
        if entries[1].revents != 0 { readAnswers() }
    }

    /// How long a poll may sleep.
    private func milliseconds() -> Int32 {
        let (waiting, isEmpty) = supervisor.shared.withLock {
            ($0.queue.deadline, $0.queue.isEmpty)
        }
        var times = [waiting, batch.deadline].compactMap { $0 }
        if program != nil { times += [patience, nextLook] }
        if program == nil, !isEmpty { times.append(policy.notBefore) }
        guard let first = times.min(), first < .infinity else { return -1 }
        let left = (first - settings.clock()) * 1_000
        return Int32(min(max(left.rounded(.up), 0), 3_600_000))
    }

    private func write() {
        guard let child = program?.child, batch.isWriting else { return }
        guard let count = child.write(batch.outbox[batch.written...]) else {
            return fail(.exited(""))
        }
        if count > 0 { batch.wrote(count) }
    }

    private func readAnswers() {
        guard let program else { return }
        guard let bytes = program.child.read(program.child.output) else {
            return fail(.exited(""))
        }
        do throws(EncoderError) {
            for answer in try program.answers.read(bytes) {
                let finished = try batch.take(answer)
                policy.answered()
                isFresh = false
                expectAnswer(settings.clock())
                supervisor.shared.withLock {
                    $0.notBefore = policy.notBefore
                    $0.hasAnswered = true
                    // The last wrong answer is shown until the next good one.
                    if let finished { $0.failure = finished.result.failure }
                }
                if let (job, result) = finished { job.finish(result) }
            }
        } catch { fail(error) }
    }

    // MARK: The end of a program

    /// The program failed: a job that was sent alone is told why, others are sent again, alone.
    private func fail(_ reason: EncoderError) {
        var reason = reason
        let isOver = reason == .exited("")
        if let ending = program?.end(isOver: isOver, supervisor), isOver { reason = ending }
        program = nil
        policy.failed(now: settings.clock())
        let jobs = batch.takeAll()
        let isKnown = jobs.count == 1 || { if case .start = reason { true } else { false } }()
        batch = Batch()
        supervisor.shared.withLock { shared in
            shared.isRunning = false
            shared.failure = reason
            shared.notBefore = policy.notBefore
            guard !isKnown else { return }
            for var job in jobs.reversed() {
                job.isSuspect = true
                shared.queue.add(job, inFront: true)
            }
        }
        supervisor.log("\(reason)")
        if isKnown { for job in jobs { job.finish(.failure(reason)) } }
    }

    private func endQuietly() {
        _ = program?.end(isOver: false, supervisor)
        program = nil
        supervisor.shared.withLock { $0.isRunning = false }
    }

    private func close() {
        endQuietly()
        let waiting = supervisor.shared.withLock { shared in
            shared.isOver = true
            return shared.queue.takeAll()
        }
        for job in batch.takeAll() + waiting { job.finish(.failure(.stopped)) }
    }
}
