// Interruptions and short transfers: the loops alone, the simulated files above them, and a real
// call that a signal interrupts.

import Glibc
import Storage
import TestSupport
import Testing

struct SystemCallTests {
    @Test func `an interrupted call is made again and any other failure is told`() {
        var calls = 0
        let failure = SystemCall.uninterrupted {
            calls += 1
            return calls < 4 ? EINTR : (calls < 5 ? EIO : nil)
        }
        #expect(failure == EIO && calls == 4)
        #expect(SystemCall.uninterrupted { nil } == nil)
    }

    @Test func `a transfer goes on until everything is moved`() {
        var outcomes: [SystemCall.Outcome] = [
            .moved(3), .failed(EINTR), .moved(1), .failed(EINTR), .moved(6),
        ]
        var offsets: [Int] = []
        let (moved, failure) = SystemCall.transfer(10) { done in
            offsets.append(done)
            return outcomes.removeFirst()
        }
        #expect(moved == 10 && failure == nil)
        #expect(offsets == [0, 3, 3, 4, 4])
    }

    @Test func `a transfer ends where the file does and where a call fails`() {
        var ends: [SystemCall.Outcome] = [.moved(2), .moved(0)]
        let end = SystemCall.transfer(10) { _ in ends.removeFirst() }
        #expect(end.moved == 2 && end.failure == nil)
        var fails: [SystemCall.Outcome] = [.moved(2), .failed(ENOSPC)]
        let failed = SystemCall.transfer(10) { _ in fails.removeFirst() }
        #expect(failed.moved == 2 && failed.failure == ENOSPC)
        let none = SystemCall.transfer(0) { _ in .failed(EIO) }
        #expect(none.moved == 0 && none.failure == nil)
    }

    @Test(arguments: [false, true])
    func `short transfers and interruptions are not seen`(persistently: Bool) throws {
        let bytes = [UInt8]((0..<1_000).map { UInt8(truncatingIfNeeded: $0) })
        for fault in [FaultyFileSystem.Fault.shortTransfer, .error(EINTR)] {
            let fs = FaultyFileSystem()
            fs.failCall(1, fault, persistently: persistently)
            let file = try fs.open("/a", .create)
            fs.failCall(1, fault, persistently: persistently)
            try file.write(bytes, at: 5)
            fs.failCall(1, fault, persistently: persistently)
            #expect(try file.read(2_000, at: 5) == bytes)
            try file.sync()
            #expect(fs.contents("/a")?.count == 1_005)
            let writes = fs.events.count { if case .write = $0 { true } else { false } }
            #expect(fault == .shortTransfer ? writes >= 2 : writes == 1)
        }
    }

    @Test func `opening is repeated when a signal interrupts it`() throws {
        let scratch = try scratchDirectory("signal")
        let path = scratch("fifo")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        // A handler that does nothing, without SA_RESTART: blocking calls end with EINTR.
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in }
        unsafe sigaction(SIGUSR1, &action, nil)
        // Opening a pipe to read blocks until another opens it to write.
        let opener = Opener(path)
        usleep(20_000)
        for _ in 0..<5 {
            opener.interrupt()
            usleep(2_000)
        }
        let writer = unsafe Glibc.open(path, O_WRONLY | O_NONBLOCK)
        opener.join()
        #expect(writer >= 0 && opener.isOpen)
        close(writer)
    }
}

/// A thread that opens a file, so that signals can be sent to it.
@safe private final class Opener: @unchecked Sendable {
    // Unchecked: `isOpen` is read after the thread has ended.
    private let path: String
    private var thread = pthread_t()
    private(set) var isOpen = false

    init(_ path: String) {
        self.path = path
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                // Threads of a pool, and those that they make, are spared signals.
                var signals = sigset_t()
                unsafe sigaddset(&signals, SIGUSR1)
                unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
                let this = unsafe Unmanaged<Opener>.fromOpaque(argument).takeUnretainedValue()
                this.isOpen = (try? RealFileSystem().open(this.path, .read)) != nil
                return nil
            }, this)
    }

    func interrupt() { pthread_kill(thread, SIGUSR1) }
    func join() { pthread_join(thread, nil) }
}
