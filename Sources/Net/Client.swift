// A blocking client on a plain socket, for the command line, tests and benchmarks. Requests are
// gathered until `flush`. While a flush waits for the server it keeps reading replies, so that a
// long pipeline cannot lock both ends.

import Glibc

/// One connection to a server; for one thread at a time.
package final class Client {
    /// The server's first line.
    package private(set) var banner = ""

    private var descriptor: CInt
    private let timeout: CInt
    private var outbox: [UInt8] = []
    private var inbox: [UInt8] = []
    /// Where the unread input begins, and how far it is known to hold no LF.
    private var unread = 0
    private var scanned = 0

    /// Connects and reads the banner.
    /// - Parameter timeoutSeconds: how long anything may take without a byte moving; 0: for ever.
    package init(connecting address: Listen, timeoutSeconds: Double) throws(NetError) {
        timeout = timeoutSeconds > 0 ? CInt(min(timeoutSeconds * 1_000, 2e9).rounded(.up)) : -1
        descriptor = try ClientSocket.connect(to: address, timeout: timeout)
        guard let line = try readLine() else { throw .closed }
        banner = String(decoding: line, as: UTF8.self)
        guard line.first == UInt8(ascii: "+") else { throw .protocolViolation(banner) }
    }

    deinit {
        close()
    }

    /// A value as a literal: `{n}`, LF and the bytes.
    ///
    /// `"key=".utf8 + Client.literal(value)` and the rest of the request's line follow each other.
    package static func literal(_ value: [UInt8]) -> [UInt8] {
        Array("{\(value.count)}\n".utf8) + value
    }

    /// Adds bytes to what the next `flush` sends.
    package func send(_ bytes: [UInt8]) {
        outbox += bytes
    }

    /// Adds a line and its end.
    package func send(line: String) {
        outbox += line.utf8
        outbox.append(0x0A)
    }

    /// Sends all that was added.
    package func flush() throws(NetError) {
        var sent = 0
        while sent < outbox.count {
            let count = unsafe outbox.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent,
                    CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                let events = try wait(for: CInt(POLLIN) | CInt(POLLOUT))
                if events & CInt(POLLOUT) == 0, try receive() == 0 { throw .closed }
            } else if errno != EINTR {
                throw Client.failure("send", errno)
            }
        }
        outbox.removeAll(keepingCapacity: outbox.count < 1 << 20)
    }

    /// The next line without its end, or nil when the server has closed.
    ///
    /// Sends first what waits.
    package func readLine() throws(NetError) -> [UInt8]? {
        if !outbox.isEmpty { try flush() }
        while true {
            if let end = lineFeed() {
                let line = Array(inbox[unread..<end])
                unread = end + 1
                scanned = unread
                return line
            }
            _ = try wait(for: CInt(POLLIN))
            if try receive() == 0 {
                guard unread == inbox.count else { throw .closed }
                return nil
            }
        }
    }

    /// The next whole reply.
    package func readReply() throws(NetError) -> ClientReply {
        var lines: [[UInt8]] = []
        while let line = try readLine() {
            lines.append(line)
            if ClientReply.kind(of: line) == nil, line.first == UInt8(ascii: "=") { continue }
            guard let reply = ClientReply(lines: lines) else {
                throw .protocolViolation(String(decoding: line.prefix(200), as: UTF8.self))
            }
            return reply
        }
        throw .closed
    }

    /// Sends a line, with or without literals in it, and reads its reply.
    package func request(_ line: String) throws(NetError) -> ClientReply {
        send(line: line)
        return try readReply()
    }

    /// Whether the server closed the connection, or said something unasked, as it does before it
    /// closes; to be asked where no reply is awaited.
    package var isOver: Bool {
        guard unread == inbox.count else { return true }
        do throws(NetError) {
            _ = try ClientSocket.wait(descriptor, for: CInt(POLLIN), timeout: 0)
            return true
        } catch { return error != .timeout }
    }

    /// Says that no more requests come; replies can still be read.
    ///
    /// Sends first what waits.
    package func halfClose() throws(NetError) {
        try flush()
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// Closes the connection; what was not flushed is lost.
    package func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    private func wait(for events: CInt) throws(NetError) -> CInt {
        try ClientSocket.wait(descriptor, for: events, timeout: timeout)
    }

    /// Reads what is there; 0 at the end of the stream.
    private func receive() throws(NetError) -> Int {
        if unread > 0, unread == inbox.count || unread > 1 << 20 {
            inbox.removeFirst(unread)
            scanned -= unread
            unread = 0
        }
        return try ClientSocket.receive(descriptor, into: &inbox)
    }

    private func lineFeed() -> Int? {
        let found: Int? = unsafe inbox.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let place = unsafe memchr(base + scanned, 0x0A, bytes.count - scanned)
            else { return nil }
            return unsafe base.distance(to: UnsafeRawPointer(place))
        }
        if found == nil { scanned = inbox.count }
        return found
    }

    private static func failure(_ operation: String, _ code: Int32) -> NetError {
        if code == EPIPE || code == ECONNRESET { return .closed }
        return .socket(operation: operation, address: "server", errno: code)
    }
}
