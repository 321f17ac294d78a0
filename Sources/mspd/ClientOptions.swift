// How client commands find their server.

import ArgumentParser
import Glibc
import Net

/// The option that every client command has.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the server is: HOST:PORT or the path of its Unix socket (also MSPD_SERVER).",
            valueName: "address"))
    var server: String?

    /// A connection to the server.
    ///
    /// `timeoutSeconds` is how long anything may take without a byte; 0 for as long as it takes.
    func connect(timeoutSeconds: Double = 60) throws(Failure) -> Client {
        let named = unsafe getenv("MSPD_SERVER").flatMap { unsafe String(validatingCString: $0) }
        let text = server ?? named ?? "127.0.0.1:6773"
        // A socket in this folder may go without one, as it may for `mspd serve --socket`.
        guard let address = Listen(text) ?? (Self.isSocket(text) ? Listen("./" + text) : nil) else {
            throw Failure(
                .usage, "mspd: '\(text)' is neither HOST:PORT nor the path of a socket, as ./name")
        }
        do { return try Client(connecting: address, timeoutSeconds: timeoutSeconds) } catch {
            throw Failure(error)
        }
    }

    private static func isSocket(_ path: String) -> Bool {
        var state = stat()
        return unsafe lstat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFSOCK
    }
}

extension Client {
    /// Sends a line and waits for its reply; a refusal is a failure.
    func ask(_ line: [UInt8]) throws(Failure) -> ClientReply {
        do {
            send(line)
            try flush()
            return try accepted(readReply())
        } catch let error as NetError { throw Failure(error) } catch let error as Failure {
            throw error
        } catch { throw Failure(.refused, "mspd: \(error)") }
    }

    /// A reply that is no refusal.
    func accepted(_ reply: ClientReply) throws(Failure) -> ClientReply {
        guard let code = reply.code else { return reply }
        throw Failure(
            .refused, "mspd: the server says \(code): \(reply.text ?? "")", refusal: code)
    }
}

/// A request line being put together.
struct RequestLine {
    private(set) var bytes: [UInt8]

    init(_ verb: String) { bytes = Array(verb.utf8) }

    /// Adds a word as it is.
    mutating func word(_ word: String) { bytes += Array(" \(word)".utf8) }

    /// Adds a value of any content, as a literal.
    mutating func key(_ name: String, literal value: [UInt8]) {
        bytes += Array(" \(name)=".utf8) + Client.literal(value)
    }

    /// Adds a value that is one whole, commas and all.
    mutating func key(_ name: String, quoted value: String) {
        let marked: [Unicode.Scalar: String] = [
            "\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\t": "\\t",
        ]
        let inner = value.unicodeScalars.map { marked[$0] ?? String($0) }.joined()
        bytes += Array(" \(name)=\"\(inner)\"".utf8)
    }

    /// Adds a vector as raw numbers of 32 bits.
    mutating func vector(_ numbers: [Float]) {
        var raw: [UInt8] = []
        for number in numbers {
            let bits = number.bitPattern
            for shift in [0, 8, 16, 24] as [UInt32] { raw.append(UInt8(bits >> shift & 0xFF)) }
        }
        bytes += Array(" vec=f32:".utf8) + Client.literal(raw)
    }

    /// Adds bytes of any content as the last word.
    mutating func literal(_ value: [UInt8]) { bytes += [32] + Client.literal(value) }

    /// A name that can stand on a line as it is; `option` is where it came from.
    static func name(_ name: String, _ option: String) throws(Failure) -> String {
        let isPlain = name.utf8.allSatisfy { $0 > 32 && $0 != 127 && !"\"={}".utf8.contains($0) }
        guard isPlain, !name.isEmpty else {
            throw Failure(
                .usage,
                "mspd: \(option) takes names without spaces, quotes, = or braces, not '\(name)'")
        }
        return name
    }

    /// The whole request.
    var line: [UInt8] { bytes + [10] }
}
