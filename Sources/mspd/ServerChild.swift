// A server of this program as a process of its own, for measuring it.

import Glibc
import Net

/// A server that runs until it is stopped or lost.
final class ServerChild {
    /// Its Unix socket.
    let address: Listen
    /// The same over TCP.
    let tcp: Listen
    private var process: pid_t = 0

    /// Starts a server on a data folder and waits until it answers.
    init(data: String, socket: String) throws(Failure) {
        address = .unix(path: socket)
        tcp = .tcp(host: "127.0.0.1", port: try Self.freePort())
        let words = [
            "mspd", "serve", "--data", data, "--socket", socket, "--listen", tcp.description,
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

    /// A port that nobody listened at a moment ago.
    private static func freePort() throws(Failure) -> Int {
        let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, size) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        guard isBound else {
            throw Failure(.refused, "mspd: no port is free (errno \(errno))")
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Stops the server and waits for its end.
    func stop() {
        guard process > 0 else { return }
        kill(process, SIGTERM)
        var status: CInt = 0
        unsafe waitpid(process, &status, 0)
        process = 0
    }
}
