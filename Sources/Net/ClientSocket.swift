// The system calls of the blocking client: connect, poll and recv with a timeout.

import Glibc

/// Calls on a client's socket.
enum ClientSocket {
    /// A connected socket; names are resolved and their addresses tried in turn.
    static func connect(to address: Listen, timeout: CInt) throws(NetError) -> CInt {
        switch address {
        case .unix(let path):
            let descriptor = try make(AF_UNIX, address)
            let result = unsafe SocketFile.withAddress(path) {
                unsafe Glibc.connect(descriptor, $0, $1)
            }
            return try finish(descriptor, result, address, timeout)
        case .tcp(let host, let port):
            return try resolve(host, port, address, timeout)
        }
    }

    /// Waits for events on a socket and returns those that came.
    static func wait(_ descriptor: CInt, for events: CInt, timeout: CInt) throws(NetError) -> CInt {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = unsafe poll(&entry, 1, timeout)
            if count > 0 { return CInt(entry.revents) }
            if count == 0 { throw .timeout }
            guard errno == EINTR else {
                throw .socket(operation: "poll", address: "server", errno: errno)
            }
        }
    }

    /// Appends what can be read now; 0 at the end of the stream.
    static func receive(_ descriptor: CInt, into inbox: inout [UInt8]) throws(NetError) -> Int {
        var failure: Int32 = 0
        let room = 65_536
        let count = unsafe withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { space in
            var count = 0
            repeat {
                count = unsafe recv(descriptor, space.baseAddress, room, 0)
            } while count < 0 && errno == EINTR
            if count < 0 { failure = errno }
            unsafe inbox.append(contentsOf: space.prefix(max(count, 0)))
            return count
        }
        if count >= 0 { return count }
        if failure == ECONNRESET { throw .closed }
        throw .socket(operation: "recv", address: "server", errno: failure)
    }

    private static func resolve(
        _ host: String, _ port: Int, _ address: Listen, _ timeout: CInt
    ) throws(NetError) -> CInt {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0 else {
            throw .connect(address: address.description, errno: EHOSTUNREACH)
        }
        defer { unsafe freeaddrinfo(list) }
        var last = NetError.connect(address: address.description, errno: EHOSTUNREACH)
        var next = unsafe list
        while let info = unsafe next {
            do throws(NetError) {
                let descriptor = try unsafe make(info.pointee.ai_family, address)
                var one: CInt = 1
                unsafe setsockopt(
                    descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one,
                    socklen_t(MemoryLayout<CInt>.size))
                let result = unsafe Glibc.connect(
                    descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen)
                return try finish(descriptor, result, address, timeout)
            } catch {
                last = error
            }
            unsafe next = info.pointee.ai_next
        }
        throw last
    }

    private static func make(_ family: CInt, _ address: Listen) throws(NetError) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else {
            throw .socket(operation: "socket", address: address.description, errno: errno)
        }
        return descriptor
    }

    /// Waits for a connect under way, and makes the socket a blocking one.
    private static func finish(
        _ descriptor: CInt, _ result: CInt, _ address: Listen, _ timeout: CInt
    ) throws(NetError) -> CInt {
        var code: Int32 = result == 0 ? 0 : errno
        do throws(NetError) {
            if code == EINPROGRESS {
                _ = try wait(descriptor, for: CInt(POLLOUT), timeout: timeout)
                var size = socklen_t(MemoryLayout<Int32>.size)
                unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
            }
            if code != 0 { throw .connect(address: address.description, errno: code) }
        } catch {
            close(descriptor)
            throw error
        }
        _ = fcntl(descriptor, F_SETFL, 0)
        return descriptor
    }
}
