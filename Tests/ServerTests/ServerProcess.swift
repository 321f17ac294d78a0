// A server of one's own for a test: the real program on a scratch folder, at a Unix socket and a
// free TCP port, which is killed with the object if the test has not stopped it.

import Glibc
import Net
import Storage
import TestSupport

/// A running `mspd serve`.
final class ServerProcess {
    /// What kept a server from starting, or a test from going on.
    struct Trouble: Error {
        let text: String
    }

    let socket: String
    /// HOST:PORT of the TCP side, once it listens.
    private(set) var tcp = ""
    private let errors: String
    /// Kept, so that the folder stays as long as its server.
    private let scratch: ScratchDirectory
    private var process: pid_t?

    /// Starts a server on `folder`; its socket and messages lie in `scratch`.
    ///
    /// Without `isAwaited` it may not listen yet.
    init(
        _ scratch: ScratchDirectory, data: String = "data", options: [String] = [],
        isAwaited: Bool = true
    ) throws {
        self.scratch = scratch
        socket = scratch("mspd.sock")
        errors = scratch("server.err")
        process = try Command.start(
            Command.mspd,
            [
                "serve", "--data", scratch(data), "--listen", "127.0.0.1:0", "--socket", socket,
            ] + options, output: scratch("server.out"), error: errors)
        if isAwaited { try awaitListening() }
    }

    deinit { _ = kill() }

    /// What the server wrote to standard error.
    var messages: String { (try? Command.text(of: errors)) ?? "" }

    /// A connection to it.
    func connect() throws -> Client {
        guard let address = Listen(socket) else { throw Trouble(text: "no address: \(socket)") }
        return try Client(connecting: address, timeoutSeconds: 30)
    }

    /// What it answers to lines of requests, as `nc` shows it.
    func ask(_ requests: String) throws -> String {
        let scratch = try scratchDirectory("request")
        try Command.write(Array((requests + "\nQUIT\n").utf8), to: scratch("request"))
        return try Command.run("/bin/sh", ["-c", "nc -N -U \(socket) < \(scratch("request"))"])
            .output
    }

    /// By how many bytes its memory grows at most while `body` runs; nil where the system does not
    /// tell.
    func memoryGrowth(_ body: () throws -> Void) throws -> Int? {
        guard let process else { return nil }
        let forget = unsafe open("/proc/\(process)/clear_refs", O_WRONLY)
        guard forget >= 0 else { return nil }
        // From here on the peak is that of now.
        let isReset = unsafe write(forget, "5", 1) == 1
        close(forget)
        let before = peakMemory(process)
        try body()
        guard isReset, let before, let after = peakMemory(process) else { return nil }
        return after - before
    }

    /// How many seconds of processor time it has taken so far, to the hundredth; nil where the
    /// system does not tell.
    func processorTime() -> Double? {
        guard let process, let text = told(of: process, in: "stat") else { return nil }
        // Its name, in parentheses, may hold anything; of what follows the 12th and 13th.
        let ticks = text[(text.lastIndex(of: ")") ?? text.startIndex)...]
            .split(separator: " ").dropFirst(12).prefix(2).compactMap { Double($0) }
        guard ticks.count == 2 else { return nil }
        return (ticks[0] + ticks[1]) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private func peakMemory(_ process: pid_t) -> Int? {
        told(of: process, in: "status", after: "VmHWM:")
            .flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
    }

    /// The first line that the system tells of a process in one of its files and that begins so.
    private func told(of process: pid_t, in name: String, after start: String = "") -> String? {
        guard let file = unsafe fopen("/proc/\(process)/\(name)", "r") else { return nil }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 1_024)
        while unsafe fgets(&line, 1_024, file) != nil {
            let text = String(
                decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix(start) { return text }
        }
        return nil
    }

    /// Ends it at once, as a crash would; returns its status.
    func kill() -> Int32? { end(SIGKILL) }

    /// Asks it to stop and waits; returns its status.
    func stop() -> Int32? { end(SIGTERM) }

    private func end(_ signal: Int32) -> Int32? {
        guard let process else { return nil }
        self.process = nil
        _ = Glibc.kill(process, signal)
        return Command.wait(for: process)
    }

    private func awaitListening() throws {
        let prefix = "mspd: listening on "
        for _ in 0..<15_000 {
            let addresses = messages.split(separator: "\n").filter { $0.hasPrefix(prefix) }
            if addresses.count == 2 {
                tcp = String(addresses[0].dropFirst(prefix.count))
                return
            }
            if let process {
                var status: Int32 = 0
                if unsafe waitpid(process, &status, WNOHANG) == process {
                    self.process = nil
                    throw Trouble(text: "the server ended with \(status >> 8): \(messages)")
                }
            }
            usleep(2_000)
        }
        throw Trouble(text: "the server does not listen: \(messages)")
    }
}
