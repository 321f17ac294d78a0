// Where a server listens and a client connects: one value for both, with one spelling.

/// An address of a server.
package enum Listen: Sendable, Equatable, CustomStringConvertible {
    /// A host name or numeric address (IPv6 without brackets) and a port; 0 means any free one.
    case tcp(host: String, port: Int)
    /// The path of a Unix socket.
    case unix(path: String)

    /// Reads `127.0.0.1:6773`, `[::1]:6773`, `localhost:6773`, or a path, which contains a `/`.
    ///
    /// Nil when the text is none of these or the port is not in 0...65535.
    package init?(_ text: String) {
        if text.utf8.contains(UInt8(ascii: "/")) {
            // sun_path holds 108 bytes with its closing NUL.
            guard text.utf8.count < 108, !text.utf8.contains(0) else { return nil }
            self = .unix(path: text)
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            return nil
        }
        self = .tcp(host: String(host), port: port)
    }

    /// The spelling that `init(_:)` reads.
    package var description: String {
        switch self {
        case .tcp(let host, let port):
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
