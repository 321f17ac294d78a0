// A program that runs beside us and writes to us through pipes. Nothing goes through a shell; the
// child gets the descriptors that are meant for it and no other; what it says on standard error is
// kept short. All pipes are read as they fill, so that no order of its writes can block it.
//
// What must always hold: a child does not outlive us. Whoever lets go of one ends it; and when we
// die ourselves, its next write to a pipe without a reader ends it (SIGPIPE, which is set back to
// its default for the child).

import Glibc

/// A running program whose outputs are read together.
final class ChildProcess {
    /// What came on one of the outputs.
    struct Chunk {
        /// The descriptor that the child wrote to.
        let output: Int32
        let bytes: [UInt8]
    }

    /// The end of a child.
    enum End: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    private typealias ClosesFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    /// Closes all descriptors from one on in a program that starts; the module of the C library
    /// does not have it, the library does (glibc 2.34).
    private static let closesFrom: ClosesFrom? = unsafe dlsym(
        nil, "posix_spawn_file_actions_addclosefrom_np"
    ).map { unsafe unsafeBitCast($0, to: ClosesFrom.self) }

    private static let chunkBytes = 1 << 18
    private static let complaintBytes = 4 << 10
    /// Our ends are held above the descriptors that a child may be given.
    private static let firstOwn: Int32 = 64

    private(set) var process: pid_t = 0
    private var waited: End?
    private var open: [(output: Int32, descriptor: Int32)] = []
    private var input: Int32 = -1
    private var unsent: ArraySlice<UInt8>
    private var complaint: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: chunkBytes)

    /// Starts a program, looked for in PATH, which writes to `outputs` (1, or descriptors above 2).
    ///
    /// With `input` it reads these bytes from standard input, otherwise nothing; one that
    /// `awaitsInput` waits there for what `feed` brings.
    init(
        _ words: [String], outputs: [Int32], input bytes: [UInt8]? = nil, awaitsInput: Bool = false
    ) throws(FilmError) {
        unsent = bytes?[...] ?? []
        var theirs: [(target: Int32, descriptor: Int32)] = []
        defer { for end in theirs { close(end.descriptor) } }
        for output in outputs + [2] {
            let pipe = try Self.pipe()
            open.append((output, pipe.read))
            theirs.append((output, pipe.write))
        }
        if bytes != nil || awaitsInput {
            let pipe = try Self.pipe()
            theirs.append((0, pipe.read))
            input = pipe.write
            _ = fcntl(input, F_SETFL, O_NONBLOCK)
        }
        let failure = Self.spawn(words, theirs, &process)
        guard failure == 0 else {
            process = 0
            throw failure == ENOENT ? .missing(words[0]) : .system("start \(words[0])", failure)
        }
        if !awaitsInput { send() }
    }

    /// Brings the input that a child waits for, all of it.
    func feed(_ bytes: [UInt8]) {
        unsent = bytes[...]
        send()
    }

    deinit {
        end()
        for end in open { close(end.descriptor) }
        if input >= 0 { close(input) }
    }

    /// The next bytes of any output; nil when all are at their end.
    ///
    /// `within` bounds the wait for a byte, in milliseconds; without it there is no bound.
    func read(within: Int32 = -1) throws(FilmError) -> Chunk? {
        while open.contains(where: { $0.output != 2 }) {
            guard let ready = try wait(within) else { throw .stuck }
            let output = open[ready].output
            let count = unsafe Glibc.read(open[ready].descriptor, &buffer, Self.chunkBytes)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else {
                close(open[ready].descriptor)
                open.remove(at: ready)
                continue
            }
            guard output == 2 else { return Chunk(output: output, bytes: Array(buffer[..<count])) }
            complain(count)
        }
        return nil
    }

    /// Waits for the child's end, which it has reached when its outputs are closed.
    func finish() throws(FilmError) -> End {
        for end in open where end.output == 2 {
            while true {
                let count = unsafe Glibc.read(end.descriptor, &buffer, Self.chunkBytes)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                complain(count)
            }
        }
        if waited == nil { waited = wait() }
        return waited ?? .exited(0)
    }

    /// What the child said on standard error: the first line and the last, of which the one says
    /// most and the other what came of it, on one line of at most 300 characters.
    ///
    /// Without the names of ffmpeg's parts, and without the path that lines begin with.
    ///
    /// Lines that are no more than a number are left out.
    func said(of path: String) -> String {
        let lines = lines.filter { Double($0) == nil }.map { line in
            var line = line[...]
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                line = line[line.index(after: end)...].drop { $0 == " " }
            }
            for prefix in ["file:\(path): ", "\(path): "] where line.hasPrefix(prefix) {
                line = line.dropFirst(prefix.count)
            }
            return line
        }
        let ends = [lines.first, lines.last].compactMap { $0 }
        let distinct = ends.count == 2 && ends[0] == ends[1] ? [ends[0]] : ends
        return String(distinct.joined(separator: "; ").prefix(300))
    }

    /// What the child said on standard error, line by line.
    var lines: [String] {
        complaint.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: The child's life

    /// Ends the child, if it runs.
    private func end() {
        guard process > 0, waited == nil else { return }
        kill(process, SIGKILL)
        waited = wait()
    }

    private func wait() -> End {
        guard process > 0 else { return .exited(0) }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return .exited(0) }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    private static func spawn(
        _ words: [String], _ ends: [(target: Int32, descriptor: Int32)], _ process: inout pid_t
    ) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        if !ends.contains(where: { $0.target == 0 }) {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for end in ends {
            unsafe posix_spawn_file_actions_adddup2(&actions, end.descriptor, end.target)
        }
        if !ends.contains(where: { $0.target == 1 }) {
            unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        // What else is open here is none of its business: sockets of clients, which would stay
        // open with it, and files of the server.
        let last = ends.map(\.target).max() ?? 2
        guard let closesFrom = unsafe Self.closesFrom else { return ENOSYS }
        _ = unsafe closesFrom(&actions, max(last, 2) + 1)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        return unsafe posix_spawnp(
            &process, words[0], &actions, &attributes, &arguments, environ)
    }

    // MARK: Pipes

    /// Two ends of a stream that no other child inherits, whenever it starts.
    private static func pipe() throws(FilmError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw .system("make a pipe", errno)
        }
        var moved: [Int32] = []
        for end in ends {
            moved.append(fcntl(end, F_DUPFD_CLOEXEC, firstOwn))
            close(end)
        }
        guard moved.allSatisfy({ $0 >= 0 }) else {
            for end in moved where end >= 0 { close(end) }
            throw .system("make a pipe", EMFILE)
        }
        return (moved[0], moved[1])
    }

    /// The place in `open` of an output that can be read; nil when the time is over.
    private func wait(_ within: Int32) throws(FilmError) -> Int? {
        while true {
            var asked = open.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
            if input >= 0 { asked.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
            let count = unsafe poll(&asked, nfds_t(asked.count), within)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("wait for a program", errno) }
            guard count > 0 else { return nil }
            if let last = asked.last, last.fd == input, last.revents != 0 { send() }
            if let ready = asked.indices.first(where: {
                $0 < open.count && asked[$0].revents != 0
            }) {
                return ready
            }
        }
    }

    /// Sends what the input takes, and closes it behind the last byte.
    private func send() {
        guard input >= 0 else { return }
        while !unsent.isEmpty {
            let count = unsafe unsent.withUnsafeBytes {
                unsafe Glibc.send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            // The child may close its input early; what it makes of that it says itself.
            guard count > 0 else { break }
            unsent = unsent.dropFirst(count)
        }
        close(input)
        input = -1
    }

    private func complain(_ count: Int) {
        complaint += buffer[..<min(count, Self.complaintBytes - complaint.count)]
    }
}
