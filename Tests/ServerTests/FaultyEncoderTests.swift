// Encoders as the server runs them: a fault is an error of the request that met with it, while the
// server and its other encoders go on; and clips reach a program that takes them.

import Glibc
import Net
import Storage
import TestSupport
import Testing

@Suite struct FaultyEncoderTests {
    /// A program that does what the text says; anything else it counts letters of.
    private static let faulty = """
        #!/usr/bin/python3
        import json, os, struct, sys, time
        out = sys.stdout.buffer
        def vector(ask, values):
            header = json.dumps({"id": ask["id"], "dim": len(values)})
            out.write(header.encode() + b"\\n" + struct.pack(f"<{len(values)}f", *values))
            out.flush()
        for line in iter(sys.stdin.buffer.readline, b""):
            ask = json.loads(line)
            body = sys.stdin.buffer.read(ask["bytes"])
            if body == b"hang": time.sleep(1000)
            if body == b"flood":
                while True: out.write(b"x" * 65536)
            if body == b"eat": body = b"x" * (1 << 34)
            if body == b"fork": os.fork()
            if body == b"exit": sys.exit("the model is gone")
            if body == b"short": vector(ask, [1.0])
            elif body == b"nan": vector(ask, [float("nan")] * 8)
            elif body.startswith(b"\\x1aE\\xdf\\xa3"): vector(ask, [1.0] * 8)
            else: vector(ask, [1.0] + [float(body.count(c)) for c in b"abcdefg"])

        """

    private let scratch: ScratchDirectory

    init() throws { scratch = try scratchDirectory("faulty") }

    /// A server with the program under two names; nil, with a note, without Python.
    private func server(_ accepts: String) throws -> (ServerProcess, Client)? {
        guard unsafe access("/usr/bin/python3", X_OK) == 0 else {
            print("skipped: no /usr/bin/python3")
            return nil
        }
        unsafe mkdir(scratch("encoders"), 0o700)
        for name in ["faulty", "sound"] {
            try Command.write(Array(Self.faulty.utf8), to: scratch("encoders/\(name)"))
            unsafe chmod(scratch("encoders/\(name)"), 0o755)
        }
        let server = try ServerProcess(scratch, options: ["--encoders", scratch("encoders")])
        let client = try server.connect()
        for name in ["faulty", "sound"] {
            for line in [
                "ENCODER SET \(name) command=\(name) accepts=\(accepts) dim=8 seconds=5"
                    + " memory=2048",
                "TRACK CREATE by_\(name) vector=8 encoder=\(name)",
            ] { #expect(try ask(client, line).kind == .done, "\(line)") }
        }
        return (server, client)
    }

    private func ask(_ client: Client, _ line: String, _ literal: [UInt8]? = nil) throws
        -> ClientReply
    {
        client.send(Array((line + (literal.map { "{\($0.count)}" } ?? "")).utf8) + [10])
        if let literal { client.send(literal + [10]) }
        try client.flush()
        return try client.readReply()
    }

    @Test(arguments: [
        ("short", "ENCODER.answer"), ("nan", "ENCODER.answer"), ("flood", "ENCODER.answer"),
        ("hang", "ENCODER.timeout"), ("eat", "ENCODER.exited"), ("fork", "ENCODER.exited"),
        ("exit", "ENCODER.exited"),
    ]) func `a fault is the error of its request`(fault: String, code: String) throws {
        guard let (server, client) = try server("text") else { return }
        #expect(try ask(client, "TITLE SET t").kind == .done)
        for track in ["by_faulty", "by_sound"] {
            let put = "PUT \(track) t in=1s key=k vec=[1,1,0,0,0,0,0,0]"
            #expect(try ask(client, put).kind == .done)
        }
        #expect(try ask(client, "SIMILAR by_faulty text=a").rows.count == 1)
        let failed = try ask(client, "SIMILAR by_faulty text=\(fault)")
        #expect(failed.code == code, "\(failed)")
        #expect(try ask(client, "PING").kind == .done)
        #expect(try ask(client, "SIMILAR by_sound text=a").rows.count == 1)
        // One failure is no reason to rest for long.
        var again = try ask(client, "SIMILAR by_faulty text=a")
        for _ in 0..<20 where again.code == "ENCODER.resting" {
            usleep(200_000)
            again = try ask(client, "SIMILAR by_faulty text=a")
        }
        #expect(again.rows.count == 1, "\(again)")
        #expect(server.stop() == 0)
    }

    @Test(.enabled(if: FilmMaker.isAvailable))
    func `a program that takes clips is shown those of a query and of a film`() throws {
        guard let (server, client) = try server("video") else { return }
        let film = scratch("film.mkv")
        try FilmMaker.film(["testsrc2=d=2", "smptebars=d=2"], to: film)
        for line in [
            "TITLE SET t file=\(film)", "TRACK CREATE parts note:text",
            "PUT parts t in=0s out=2s key=a", "PUT parts t in=2s out=4s key=b",
        ] { #expect(try ask(client, line).kind == .done, "\(line)") }
        let done = try ask(client, "ENRICH by_faulty encoder=faulty from=parts")
        #expect(done.fields["rows"] == "2" && done.fields["failed"] == "0", "\(done)")
        let file = try RealFileSystem().open(film, .read)
        let clip = try file.read(Int(try file.size()), at: 0)
        file.close()
        let found = try ask(client, "SIMILAR by_faulty video=", clip)
        let scores = found.rows.compactMap { $0["score"].flatMap { Double($0) } }
        #expect(scores.count == 2 && scores.allSatisfy { $0 > 0.999 }, "\(found)")
        #expect(server.stop() == 0)
    }
}
