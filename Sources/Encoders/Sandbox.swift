// How a process becomes an encoder: it gives up descriptors, memory, privileges, the network, other
// processes and all folders but one, and then becomes the program. Runs in the child, through a
// subcommand of mspd that nobody types; the words between are written and read here alone.

private import CProcess
import Glibc

/// What an encoder's process is allowed.
package struct Sandbox: Sendable, Equatable {
    /// The status of a process that did not get as far as to become the program.
    package static let notStarted: Int32 = 125
    /// Bytes of a file that an encoder may write, and files that it may have open.
    private static let limits: (file: UInt64, descriptors: UInt64) = (1 << 30, 256)
    /// Processes that the user may have beside those that are there, where the kernel counts.
    private static let processes: UInt64 = 64

    let scratch: String
    let memory: UInt64
    let forks: Bool
    let parent: Int32

    init(scratch: String, memory: UInt64, forks: Bool, parent: Int32 = getpid()) {
        self.scratch = scratch
        self.memory = memory
        self.forks = forks
        self.parent = parent
    }

    /// The words that `init(words:)` reads.
    var words: [String] { [scratch, "\(memory)", forks ? "1" : "0", "\(parent)"] }

    private init?(_ words: [String]) {
        guard words.count == 4, let memory = UInt64(words[1]), let parent = Int32(words[3]) else {
            return nil
        }
        self.init(scratch: words[0], memory: memory, forks: words[2] == "1", parent: parent)
    }

    /// What of all this the kernel cannot do; empty where it can do all.
    package static var missing: [String] {
        var missing: [String] = []
        if mspd_landlock_version() == 0 {
            missing.append("Landlock, so encoders may write files where this user may")
        }
        if !mspd_filter_is_known() {
            missing.append("seccomp, so encoders may use the network and start processes")
        }
        if geteuid() == 0 {
            missing.append("limits on the processes of root: run as another user")
        }
        return missing
    }

    /// Becomes an encoder: `arguments` are `words`, `--`, and the program's path.
    ///
    /// Returns only when that failed, with the reason.
    package static func enter(_ arguments: [String]) -> String {
        guard arguments.count == 6, arguments[4] == "--",
            let sandbox = Sandbox(Array(arguments.prefix(4)))
        else { return "only mspd itself starts encoders" }
        if let failure = sandbox.close() { return failure }
        return sandbox.run(arguments[5])
    }

    /// Gives everything up; nil, or what could not be.
    private func close() -> String? {
        func failed(_ what: String, _ failure: Int32) -> String? {
            failure == 0 ? nil : "\(what): errno \(failure)"
        }
        let now = forks ? Self.processesNow : 0
        let processes = now > 0 ? Self.processes + now : 0
        if let failure = failed("parent", mspd_die_with(parent))
            ?? failed("descriptors", mspd_close_from(3))
            ?? failed("privileges", mspd_drop_privileges())
        {
            return failure
        }
        guard unsafe chdir(scratch) == 0 else { return failed(scratch, errno) }
        if mspd_landlock_version() > 0 {
            let failure = unsafe failed("Landlock", mspd_landlock(scratch))
            if let failure { return failure }
        }
        if mspd_filter_is_known(), let failure = failed("seccomp", mspd_filter(forks)) {
            return failure
        }
        let (file, descriptors) = Self.limits
        return failed("limits", mspd_limit(memory, file, descriptors, processes))
    }

    private func run(_ path: String) -> String {
        var words = unsafe [strdup(path), nil]
        defer { unsafe free(words[0]) }
        unsafe execv(path, &words)
        let failure = errno
        if failure == ENOENT, unsafe access(path, F_OK) == 0 {
            return "\(path): what runs it is not there" + Self.interpreter(of: path)
        }
        if failure == ENOEXEC {
            return "\(path): the system cannot run it; a script begins with a line that says what "
                + "runs it, such as #!/usr/bin/python3"
        }
        return unsafe "\(path): \(String(cString: strerror(failure)))"
    }

    /// The program that the first line of a script names, behind a colon; empty where there is
    /// none.
    private static func interpreter(of path: String) -> String {
        guard let file = unsafe fopen(path, "r") else { return "" }
        defer { unsafe fclose(file) }
        var line = [UInt8](repeating: 0, count: 256)
        let count = unsafe fread(&line, 1, line.count, file)
        guard line.starts(with: Array("#!".utf8)) else { return "" }
        let first = line.prefix(count).prefix { $0 != 10 }
        let name = first.dropFirst(2).drop { $0 == 32 }.prefix { $0 > 32 }
        let ending =
            first.last == 13
            ? " with a carriage return, since the line ends as on Windows; sed -i 's/\\r$//' mends "
                + "the file" : ""
        return ": \(String(decoding: name, as: UTF8.self))\(ending)"
    }

    /// Processes and threads that there are; 0 where the system does not say.
    private static var processesNow: UInt64 {
        guard let file = unsafe fopen("/proc/loadavg", "r") else { return 0 }
        defer { unsafe fclose(file) }
        var line = [UInt8](repeating: 0, count: 128)
        let count = unsafe fread(&line, 1, line.count, file)
        let words = String(decoding: line.prefix(count), as: UTF8.self).split(separator: " ")
        guard words.count > 3, let total = words[3].split(separator: "/").last else { return 0 }
        return UInt64(total) ?? 0
    }
}
