// The file of a listening Unix socket: made with mode 0600 and never over something alive.

import Glibc

/// Makes and removes socket files.
enum SocketFile {
    /// A bound socket, not yet listening.
    ///
    /// A file that a dead server left is replaced.
    static func bind(_ path: String) throws(NetError) -> CInt {
        try clear(path)
        let descriptor = socket(
            AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw .socket(operation: "socket", address: path, errno: errno)
        }
        // On Linux the file gets the socket's own mode, so nobody can slip in before a chmod.
        let made = fchmod(descriptor, 0o600)
        var result = made
        if made == 0 {
            result = unsafe withAddress(path) { unsafe Glibc.bind(descriptor, $0, $1) }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            if code == EADDRINUSE { throw .portInUse(path) }
            throw .socket(operation: "bind", address: path, errno: code)
        }
        return descriptor
    }

    /// Calls `body` with the address of a path, which `Listen` has checked to fit.
    static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            unsafe field.copyBytes(from: path.utf8.prefix(field.count - 1))
        }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Removes the file of a socket on which nobody listens.
    private static func clear(_ path: String) throws(NetError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            guard errno == ENOENT else {
                throw .socket(operation: "stat", address: path, errno: errno)
            }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .socket(operation: "bind", address: path, errno: ENOTSOCK)
        }
        let probe = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else {
            throw .socket(operation: "socket", address: path, errno: errno)
        }
        defer { close(probe) }
        // A full backlog makes a non-blocking connect fail with EAGAIN: somebody is there.
        _ = fcntl(probe, F_SETFL, O_NONBLOCK)
        let answer = unsafe withAddress(path) { unsafe connect(probe, $0, $1) }
        guard answer != 0, errno == ECONNREFUSED else { throw .portInUse(path) }
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw .socket(operation: "unlink", address: path, errno: errno)
        }
    }
}
