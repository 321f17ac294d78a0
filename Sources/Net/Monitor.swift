// A lock with a condition, for threads that wait for each other: the standard library has locks
// only.

import Glibc

/// A POSIX mutex and condition variable.
// @safe: the two pointers are made and freed here, never change and never leave; what they point to
// is meant for use by several threads, hence also @unchecked Sendable.
@safe final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        let made = unsafe pthread_mutex_init(mutex, nil) | pthread_cond_init(condition, nil)
        precondition(made == 0, "no mutex could be made")
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Lets go of the lock, sleeps until signalled (or for no reason), takes the lock again.
    func wait() {
        unsafe pthread_cond_wait(condition, mutex)
    }

    /// As `wait`, and false once the wall clock passes the deadline.
    func wait(until deadline: timespec) -> Bool {
        var deadline = deadline
        return unsafe pthread_cond_timedwait(condition, mutex, &deadline) != ETIMEDOUT
    }

    /// Wakes one waiting thread.
    func signal() {
        unsafe pthread_cond_signal(condition)
    }

    /// Wakes all waiting threads.
    func broadcast() {
        unsafe pthread_cond_broadcast(condition)
    }

    /// The wall clock so many seconds from now.
    static func deadline(after seconds: Double) -> timespec {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = now.tv_nsec + Int(min(max(seconds, 0), 1e6) * 1e9)
        return timespec(
            tv_sec: now.tv_sec + nanoseconds / 1_000_000_000,
            tv_nsec: nanoseconds % 1_000_000_000)
    }
}
