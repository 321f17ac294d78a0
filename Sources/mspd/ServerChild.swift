// A server of this program as a process of its own, for measuring it.

import Glibc
import Net

/// A server that runs until it is stopped or lost.
final class ServerChild {
    /// Its Unix socket.
    let address: Listen
    private var process: pid_t = 0

    /// Starts a server on a data folder and waits until it answers.
    init(data: String, socket: String) throws(Failure) {
        address = .unix(path: socket)
        let words = [
            "mspd", "serve", "--data", data, "--socket", socket, "--listen", "none",
        ]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        let failure = unsafe posix_spawn(
            &process, "/proc/self/exe", nil, nil, &arguments, environ)
        guard failure == 0 else {
            throw Failure(.refused, "mspd: no server could be started (errno \(failure))")
        }
        for _ in 0..<1_000 {
            if (try? Client(connecting: address, timeoutSeconds: 1)) != nil { return }
            var status: CInt = 0
            if unsafe waitpid(process, &status, WNOHANG) == process {
                process = 0
                break
            }
            usleep(10_000)
        }
        throw Failure(.refused, "mspd: the server on \(data) does not answer")
    }

    deinit { stop() }

    /// Stops the server and waits for its end.
    func stop() {
        guard process > 0 else { return }
        kill(process, SIGTERM)
        var status: CInt = 0
        unsafe waitpid(process, &status, 0)
        process = 0
    }
}
