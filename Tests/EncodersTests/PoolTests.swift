// Encoders that behave: batches, answers out of order, deadlines, restarts, changes.

import Encoders
import Glibc
import Synchronization
import Testing

@Suite("A pool of encoders")
struct PoolTests {
    @Test("runs the ten lines of the documents")
    func tenLines() throws {
        guard let python = TestEncoders.python else { return }
        let encoders = try TestEncoders()
        encoders.write(
            """
            #!\(python)
            import json, struct, sys
            for line in iter(sys.stdin.buffer.readline, b""):
                ask = json.loads(line)
                body = sys.stdin.buffer.read(ask["bytes"])
                vector = [float(len(body))] * ask["dim"]
                header = json.dumps({"id": ask["id"], "dim": len(vector)})
                sys.stdout.buffer.write(header.encode() + b"\\n")
                sys.stdout.buffer.write(struct.pack(f"<{len(vector)}f", *vector))
                sys.stdout.flush()
            """, to: "ten")
        let ten = EncoderDescription(name: "ten", command: "ten", dimension: 8)
        let texts = (0..<500).map { String(repeating: "x", count: $0) }
        let expected = (0..<500).map { EncoderAnswer.vector(Array(repeating: Float($0), count: 8)) }
        #expect(encoders.vectors(ten, texts) == .success(expected))
        #expect(encoders.pool.standing("ten").state == "running")
    }

    @Test("takes answers in any order, of whole batches")
    func batches() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let late = encoders.python(
            "late",
            """
            global held
            held = globals().get("held", []) + [(ask, body)]
            if ask["more"] > 0: return
            for ask, body in reversed(held): good(ask, body)
            held = []
            """)
        let result = encoders.vectors(late, ["a", "bb", "ccc"])
        #expect(
            result
                == .success([
                    .vector([1, 1, 1, 1]), .vector([2, 1, 1, 1]), .vector([3, 1, 1, 1]),
                ]))
    }

    @Test("gives rows")
    func rows() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let rows = encoders.python(
            "rows", "say({'id': ask['id'], 'bytes': len(body) * 100000}, body * 100000)",
            dimension: nil)
        let expected = Array(String(repeating: "ab", count: 100_000).utf8)
        #expect(encoders.vectors(rows, ["ab"]) == .success([.rows(expected)]))
    }

    @Test("sends large things and takes answers meanwhile")
    func large() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let wide = encoders.python(
            "wide", "vector(ask, [float(len(body))] * 4096)", dimension: 4_096)
        let text = String(repeating: "x", count: 1 << 18)
        let result = encoders.vectors(wide, Array(repeating: text, count: 40))
        #expect((try? result.get().count) == 40)
    }

    @Test("keeps a deadline without ending a program that is merely slow")
    func deadline() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let slow = encoders.python(
            "slow", "time.sleep(0.6 if body == b'slow' else 0); good(ask, body)")
        #expect(encoders.vectors(slow, ["x"]) == .success([.vector([1, 1, 1, 1])]))
        #expect(encoders.vectors(slow, ["slow"], seconds: 0.2) == .failure(.timeout(0.2)))
        #expect(encoders.vectors(slow, ["next"]) == .success([.vector([4, 1, 1, 1])]))
        #expect(encoders.log.filter { $0.contains("started") }.count == 1)
    }

    @Test("says of a program that it is starting until it has answered")
    func starting() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let heavy = encoders.python(
            "heavy",
            """
            if "model" not in globals(): time.sleep(1)
            globals()["model"] = 1
            good(ask, body)
            """, seconds: 0.5)
        let early = encoders.vectors(heavy, ["x"], seconds: 0.3)
        guard case .failure(.starting(seconds: 0.3, let left)) = early else {
            Issue.record("\(early)")
            return
        }
        #expect(left > 4 && left < 5.5)
        if case .failure(let error) = early {
            #expect("\(error)".hasPrefix("no answer in 300 ms, nor to anything else since it was"))
        }
        #expect(encoders.pool.standing("heavy").state == "starting")
        #expect(encoders.vectors(heavy, ["xy"]) == .success([.vector([2, 1, 1, 1])]))
        #expect(encoders.pool.standing("heavy").state == "running")
    }

    @Test("shows the last wrong answer until the next good one")
    func wrong() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let moody = encoders.python(
            "moody",
            """
            if body == b"short": vector(ask, [1.0])
            elif body == b"nan": vector(ask, [float("nan")] * 4)
            elif body == b"no": say({"id": ask["id"], "error": "\\x1b[31mno\\n"})
            elif body == b"rows": say({"id": ask["id"], "bytes": 3}, b"{}\\n")
            else: good(ask, body)
            """)
        for (text, failure) in [
            ("short", "its answer is none: a vector of 1 numbers instead of 4"),
            ("nan", "its answer is none: number 1 of the vector is not finite"),
            ("no", "it refuses this input: ?[31mno?"),
            (
                "rows",
                "its answer is none: 3 bytes of rows instead of a vector of 4 numbers (an encoder "
                    + "of rows is set without dim=)"
            ),
        ] {
            let result = encoders.vectors(moody, [text])
            guard case .failure(let error) = result else {
                Issue.record("\(result)")
                continue
            }
            #expect("\(error)" == failure)
            #expect(encoders.pool.standing("moody") == ("running", failure))
            #expect(encoders.vectors(moody, ["x"]) == .success([.vector([1, 1, 1, 1])]))
            #expect(encoders.pool.standing("moody") == ("running", ""))
        }
        #expect(encoders.log.filter { $0.contains("started") }.count == 1)
    }

    @Test("does not blame a request for another one's failure")
    func innocent() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let poison = encoders.python(
            "poison",
            """
            global held
            held = globals().get("held", []) + [(ask, body)]
            if ask["more"] > 0: return
            if any(body == b"bad" for ask, body in held): os._exit(3)
            for ask, body in held: good(ask, body)
            held = []
            """)
        // The first one starts the program; the others come together while it does.
        let results = (0..<6).map { number in (number, TestEncoders.Box<Bool>()) }
        for (number, box) in results {
            let text = number == 3 ? "bad" : "good"
            encoders.pool.ask(poison, [EncoderRequest("text", Array(text.utf8))], seconds: 20) {
                result in
                let isRight =
                    number == 3
                    ? result == .failure(.exited("status 3"))
                    : result == .success([.vector([4, 1, 1, 1])])
                box.value.withLock { $0 = isRight }
            }
        }
        for (number, box) in results {
            while box.value.withLock({ $0 }) == nil { usleep(500) }
            #expect(box.value.withLock { $0 } == true, "request \(number)")
        }
    }

    @Test("lets a program rest that fails again and again")
    func rests() throws {
        let encoders = try TestEncoders()
        encoders.write("#!/bin/sh\nexit 7\n", to: "dead")
        let dead = EncoderDescription(name: "dead", command: "dead", dimension: 4)
        for _ in 0..<3 {
            #expect(encoders.vectors(dead, ["x"]) == .failure(.exited("status 7")))
        }
        // The fourth start would be two seconds away.
        guard case .success = encoders.vectors(dead, ["x"]) else {
            let standing = encoders.pool.standing("dead")
            #expect(standing.state == "resting")
            #expect(standing.failure.contains("status 7"))
            guard case .failure(.resting(let seconds, _)) = encoders.vectors(dead, ["x"]) else {
                Issue.record("no rest")
                return
            }
            #expect(seconds > 0 && seconds <= 2)
            return
        }
        Issue.record("answered")
    }

    @Test("runs what a name stands for now")
    func changes() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        var encoder = encoders.python("one", "vector(ask, [1.0] * ask['dim'])")
        #expect(encoders.vectors(encoder, ["x"]) == .success([.vector([1, 1, 1, 1])]))
        encoder.dimension = 2
        #expect(encoders.vectors(encoder, ["x"]) == .success([.vector([1, 1])]))
        encoders.pool.stop()
        #expect(encoders.files == ["one"])
        #expect(encoders.vectors(encoder, ["x"]) == .failure(.stopped))
    }

    @Test("ends a program that nobody needs")
    func idle() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders { $0.idleSeconds = 0.2 }
        let once = encoders.python("once", "good(ask, body)")
        #expect(encoders.vectors(once, ["x"]) == .success([.vector([1, 1, 1, 1])]))
        for _ in 0..<1_000 where encoders.pool.standing("once").state == "running" { usleep(2_000) }
        #expect(encoders.pool.standing("once").state == "idle")
        #expect(encoders.vectors(once, ["xy"]) == .success([.vector([2, 1, 1, 1])]))
    }
}
