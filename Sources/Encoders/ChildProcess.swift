// A process with three pipes, in a group of its own. Whatever happens, its end is the end of the
// whole group. Used by one thread, which must live as long as the process: the system ends the
// process with the thread that started it.

private import CProcess
import Glibc

/// A running program.
final class ChildProcess {
    /// Our ends of the pipes to its standard input and from its output and error; none blocks.
    let input: Int32
    let output: Int32
    let errors: Int32
    private let process: pid_t

    /// Starts a program; `words` begins with its path.
    init(_ words: [String], environment: [String]) throws(EncoderError) {
        let pipes = try Self.pipes()
        let theirs = [pipes[0].read, pipes[1].write, pipes[2].write]
        let ours = [pipes[0].write, pipes[1].read, pipes[2].read]
        defer { for end in theirs { close(end) } }
        do throws(EncoderError) { process = try Self.spawn(words, environment, theirs) } catch {
            for end in ours { close(end) }
            throw error
        }
        for end in ours { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        (input, output, errors) = (ours[0], ours[1], ours[2])
    }

    /// Writes what the pipe takes now; nil when nobody reads any more.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        while true {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(input, $0.baseAddress, $0.count)
            }
            if count >= 0 { return count }
            if errno == EAGAIN { return 0 }
            if errno != EINTR { return nil }
        }
    }

    /// Reads what is there now; nil at the end.
    func read(_ descriptor: Int32) -> [UInt8]? {
        var end = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
            while true {
                let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                end = count == 0 || (count < 0 && errno != EAGAIN)
                filled = max(0, count)
                return
            }
        }
        return end ? nil : bytes
    }

    /// Ends the group and waits for the process; says how it ended.
    ///
    /// One that closed its pipes has a moment to end by itself, so that its own status is seen.
    func end(isOver: Bool) -> String {
        var hasEnded = true
        if isOver {
            for _ in 0..<50 where !mspd_has_ended(process) { usleep(4_000) }
            hasEnded = mspd_has_ended(process)
        }
        // The process is not reaped yet, so its number, which is the group's, is still its own.
        kill(-process, SIGKILL)
        kill(process, SIGKILL)
        for descriptor in [input, output, errors] { close(descriptor) }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard hasEnded else {
            return "it closed its standard input or output, so it was ended"
        }
        let signal = status & 0x7F
        return signal == 0 ? "status \(status >> 8 & 0xFF)" : "signal \(signal)"
    }

    private static func pipes() throws(EncoderError) -> [(read: Int32, write: Int32)] {
        var pipes: [(read: Int32, write: Int32)] = []
        for _ in 0..<3 {
            var ends: [Int32] = [0, 0]
            let failure = unsafe mspd_pipe(&ends, true)
            guard failure == 0 else {
                for pipe in pipes {
                    close(pipe.read)
                    close(pipe.write)
                }
                throw .start("no pipe (errno \(failure))")
            }
            pipes.append((ends[0], ends[1]))
        }
        return pipes
    }

    private static func spawn(
        _ words: [String], _ environment: [String], _ ends: [Int32]
    ) throws(EncoderError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (place, end) in ends.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, end, Int32(place))
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // Signals that the server blocks or ignores are none of the program's business.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        var words = unsafe words.map { unsafe strdup($0) } + [nil]
        var values = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe values.indices { unsafe free(values[index]) }
        }
        guard let path = unsafe words[0] else { throw .start("no memory") }
        var process: pid_t = 0
        let failure = unsafe posix_spawn(&process, path, &actions, &attributes, &words, &values)
        guard failure == 0 else { throw .start("errno \(failure)") }
        return process
    }
}
