// A value that threads share, and wait on: a mutex and a condition around it, as in Hoare's
// monitors. For the writing and flushing threads; the read path has no lock but the view's.

import Glibc

/// Shared state with one lock; every change wakes those who wait.
@safe package final class Monitor<State>: @unchecked Sendable {
    // Unchecked: `state` is touched only with `mutex` held.
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// Guards a value.
    package init(_ state: State) {
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Changes the state and wakes those who wait.
    package func update<Result>(_ change: (inout State) -> Result) -> Result {
        locked { change(&state) }
    }

    /// Waits until `take` returns something.
    package func wait<Result>(_ take: (inout State) -> Result?) -> Result {
        locked {
            while true {
                if let result = take(&state) { return result }
                unsafe pthread_cond_wait(condition, mutex)
            }
        }
    }

    /// Waits until `take` returns something, for so long at most; nil when it never did.
    package func wait<Result>(
        milliseconds: Int, _ take: (inout State) -> Result?
    ) -> Result? {
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
        let nanoseconds = deadline.tv_nsec + milliseconds % 1_000 * 1_000_000
        deadline.tv_sec += milliseconds / 1_000 + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        return locked {
            while true {
                if let result = take(&state) { return result }
                let status = unsafe pthread_cond_timedwait(condition, mutex, &deadline)
                if status == ETIMEDOUT { return take(&state) }
            }
        }
    }

    /// Runs `body` with the lock, and wakes those who wait.
    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body()
    }
}

/// A thread of the operating system that can be waited for.
@safe package final class BackgroundThread: @unchecked Sendable {
    // Unchecked: `thread` is set once, before anyone else can see it.
    private let thread: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread; one that is not urgent runs when the processor has nothing better to do.
    package init(isUrgent: Bool = true, _ run: @escaping @Sendable () -> Void) {
        let body = unsafe Unmanaged.passRetained(
            Body {
                // Of this thread only, on Linux; a refusal costs nothing but latency.
                if !isUrgent { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19) }
                run()
            }
        ).toOpaque()
        var thread = pthread_t()
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body)
        precondition(failure == 0, "the system refuses a thread: raise its limits (ulimit -u)")
        self.thread = thread
    }

    /// Waits for the thread to end; once.
    package func join() { pthread_join(thread, nil) }
}
