// Runs programs: the mspd that was built beside these tests, and what a reader of the documents
// would type. Output goes to files, so that no pipe can fill up and lock both ends.

import Glibc
import Storage
import TestSupport

/// A program that ran to its end.
struct Command {
    /// The exit status; minus the signal when one ended it.
    let status: Int32
    let output: String
    let error: String

    /// The program under test: the one in MSPD_BINARY, or the one beside the test program.
    static let mspd: String = {
        if let path = unsafe getenv("MSPD_BINARY") { return unsafe String(cString: path) }
        let own = unsafe realpath("/proc/self/exe", nil)
        defer { unsafe free(own) }
        let path = unsafe own.map { unsafe String(cString: $0) } ?? CommandLine.arguments[0]
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.joined(separator: "/") + "/mspd"
    }()

    /// Runs mspd to its end.
    static func run(_ arguments: String..., server: String? = nil) throws -> Command {
        try run(mspd, arguments, server: server)
    }

    /// Runs a program to its end; `server` becomes its MSPD_SERVER.
    static func run(
        _ program: String, _ arguments: [String], server: String? = nil
    ) throws -> Command {
        let scratch = try scratchDirectory("command")
        let process = try start(
            program, arguments, variables: server.map { ["MSPD_SERVER=\($0)"] } ?? [],
            output: scratch("out"), error: scratch("err"))
        return Command(
            status: wait(for: process), output: try Self.text(of: scratch("out")),
            error: try Self.text(of: scratch("err")))
    }

    /// Starts a program with no input, its output in files.
    static func start(
        _ program: String, _ arguments: [String], variables: [String] = [], output: String,
        error: String
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let fresh = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, fresh, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, error, fresh, 0o600)
        let search = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
        let environment = ["PATH=\(search)", "NO_COLOR=1"] + variables
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        var values = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe values.indices { unsafe free(values[index]) }
        }
        var process: pid_t = 0
        let failure = unsafe posix_spawn(&process, program, &actions, nil, &words, &values)
        guard failure == 0 else {
            throw StorageError.system(operation: "start", path: program, errno: failure)
        }
        return process
    }

    /// Waits for the end of a process that `start` began.
    static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : -signal
    }

    /// What a file holds, as text.
    static func text(of path: String) throws -> String {
        String(decoding: try bytes(of: path), as: UTF8.self)
    }

    /// What a file holds.
    static func bytes(of path: String) throws -> [UInt8] {
        let file = try RealFileSystem().open(path, .read)
        defer { file.close() }
        return try file.read(Int(try file.size()), at: 0)
    }

    /// Makes a file.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try RealFileSystem().open(path, .create)
        defer { file.close() }
        try file.write(bytes, at: 0)
    }
}
