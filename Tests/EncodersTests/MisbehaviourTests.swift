// An encoder for each fault: what the request that needed it is told, and that the next request and
// other encoders are none the worse.

import Encoders
import Glibc
import Synchronization
import Testing

@Suite("An encoder that")
struct MisbehaviourTests {
    private func text(_ result: Result<[EncoderAnswer], EncoderError>) -> String {
        switch result {
        case .success(let answers): "\(answers)"
        case .failure(let error): "\(error)"
        }
    }

    /// Runs `body` as an encoder, which must fail for the text "bad" with an error that `isRight`
    /// knows, and answer "good" before and after; another encoder answers meanwhile.
    private func check(
        _ body: String, memory: UInt64 = 2 << 30, seconds: Double = 5, forks: Bool = false,
        _ isRight: (EncoderError) -> Bool
    ) throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders { $0.startSeconds = 0 }
        let other = encoders.python("other", "good(ask, body)")
        let indented = body.split(separator: "\n").joined(separator: "\n    ")
        let bad = encoders.python(
            "bad", "if body == b'bad':\n    \(indented)\nelse:\n    good(ask, body)",
            seconds: seconds, memory: memory, forks: forks)
        for _ in 0..<2 {
            let before = encoders.vectors(bad, ["good"])
            #expect(before == .success([.vector([4, 1, 1, 1])]), "\(text(before))")
            let result = encoders.vectors(bad, ["bad"])
            let error: EncoderError? = if case .failure(let error) = result { error } else { nil }
            #expect(error.map(isRight) == true, "\(text(result))")
            #expect(encoders.vectors(other, ["fine"]) == .success([.vector([4, 1, 1, 1])]))
        }
        let after = encoders.vectors(bad, ["good again"])
        #expect(after == .success([.vector([10, 1, 1, 1])]), "\(text(after))")
    }

    @Test("gives a vector of another dimension")
    func dimension() throws {
        try check("vector(ask, [1.0, 2.0, 3.0])") {
            $0 == .answer("a vector of 3 numbers instead of 4")
        }
    }

    @Test("gives what is no number")
    func notANumber() throws {
        try check("vector(ask, [1.0, float('nan'), 3.0, 4.0])") {
            $0 == .answer("number 2 of the vector is not finite")
        }
    }

    @Test("says that it cannot")
    func refuses() throws {
        try check("say({'id': ask['id'], 'error': 'no \"picture\" \u{e9}'})") {
            $0 == .refused("no \"picture\" \u{e9}")
        }
    }

    @Test("hangs")
    func hangs() throws {
        try check("time.sleep(1000)", seconds: 4) { $0 == .timeout(4) }
    }

    @Test("floods its standard output")
    func floods() throws {
        try check("while True: out.write(b'x' * 65536)") {
            if case .answer(let reason) = $0 { reason.contains("'xxxxxx") } else { false }
        }
    }

    @Test("prints where answers belong")
    func prints() throws {
        try check("print('loading', flush=True); good(ask, body)") {
            if case .answer(let reason) = $0 { reason.contains("'loading'") } else { false }
        }
    }

    @Test("answers what it was not asked")
    func stranger() throws {
        try check("vector({'id': ask['id'] + 7}, [1.0] * 4)") {
            if case .answer(let reason) = $0 { reason.contains("does not wait") } else { false }
        }
    }

    @Test("promises a vector without end")
    func endless() throws {
        try check("say({'id': ask['id'], 'dim': 1 << 40})") {
            $0 == .answer("a vector of 1099511627776 numbers")
        }
    }

    @Test("ends before it answers")
    func exits() throws {
        try check("sys.exit('the model is gone')") {
            $0 == .exited("status 1 (the model is gone)")
        }
    }

    @Test("is killed")
    func killed() throws {
        try check("os.abort()") { $0 == .exited("signal 6") }
    }

    @Test("closes its standard output and goes on")
    func closed() throws {
        try check("os.close(1); time.sleep(1000)", seconds: 4) {
            $0 == .exited("it closed its standard input or output, so it was ended")
        }
    }

    @Test("stops in the middle of an answer")
    func half() throws {
        try check("say({'id': ask['id'], 'dim': 4}, b'1234567'); os._exit(0)") {
            $0 == .exited("status 0")
        }
    }

    @Test("eats memory")
    func memory() throws {
        try check("x = b'x' * (1 << 33)", memory: 1 << 30) {
            $0 == .exited("status 1 (MemoryError)")
        }
    }

    @Test("forks without end")
    func forks() throws {
        try check("while True: os.fork()") {
            if case .exited(let how) = $0 { how.hasPrefix("status 1 (") } else { false }
        }
    }

    @Test("floods its standard error")
    func errors() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let noisy = encoders.python(
            "noisy",
            "for n in range(20000): sys.stderr.write('line %d\\n' % n)\n"
                + "sys.stderr.flush(); good(ask, body)")
        #expect(encoders.vectors(noisy, ["x"]) == .success([.vector([1, 1, 1, 1])]))
        let lines = encoders.log.filter { $0.contains("line ") }
        #expect(lines.count >= 40 && lines.count < 200, "\(lines.count)")
    }

    @Test("closes its standard error, and costs nothing while it is idle")
    func silenced() throws {
        guard TestEncoders.python != nil else { return }
        let turns = Atomic(0)
        let encoders = try TestEncoders { settings in
            settings.clock = {
                turns.wrappingAdd(1, ordering: .relaxed)
                return TestEncoders.seconds
            }
        }
        let mute = encoders.python("mute", "good(ask, body)\nif body == b'bye': os.close(2)")
        #expect(encoders.vectors(mute, ["bye"]) == .success([.vector([3, 1, 1, 1])]))
        usleep(50_000)
        let before = turns.load(ordering: .relaxed)
        usleep(200_000)
        #expect(turns.load(ordering: .relaxed) - before < 20)
        #expect(encoders.vectors(mute, ["hello"]) == .success([.vector([5, 1, 1, 1])]))
        #expect(encoders.log.filter { $0.contains("started") }.count == 1)
    }

    @Test("is a script for a program that is not there")
    func interpreter() throws {
        let encoders = try TestEncoders()
        encoders.write("#! /no/such/python -u\n", to: "script")
        let script = EncoderDescription(name: "script", command: "script", dimension: 4)
        guard case .failure(.start(let reason)) = encoders.vectors(script, ["x"]) else {
            Issue.record("started")
            return
        }
        #expect(
            reason.hasSuffix("/script: what runs it is not there: /no/such/python"), "\(reason)")
    }

    @Test("is a script with the line ends of Windows")
    func windows() throws {
        let encoders = try TestEncoders()
        encoders.write("#!/bin/sh\r\nexit 1\r\n", to: "script")
        let script = EncoderDescription(name: "script", command: "script", dimension: 4)
        guard case .failure(.start(let reason)) = encoders.vectors(script, ["x"]) else {
            Issue.record("started")
            return
        }
        #expect(
            reason.contains("what runs it is not there: /bin/sh with a carriage return, "),
            "\(reason)")
    }

    @Test("does not say what runs it")
    func noInterpreter() throws {
        let encoders = try TestEncoders()
        encoders.write("print('hello')\n", to: "plain")
        let plain = EncoderDescription(name: "plain", command: "plain", dimension: 4)
        guard case .failure(.start(let reason)) = encoders.vectors(plain, ["x"]) else {
            Issue.record("started")
            return
        }
        #expect(reason.contains("/plain: the system cannot run it; "), "\(reason)")
        #expect(reason.hasSuffix("such as #!/usr/bin/python3"), "\(reason)")
    }

    @Test("cannot be started")
    func start() throws {
        let encoders = try TestEncoders()
        let nothing = EncoderDescription(name: "nothing", command: "nothing", dimension: 4)
        guard case .failure(.start(let reason)) = encoders.vectors(nothing, ["x"]) else {
            Issue.record("started")
            return
        }
        #expect(reason.contains("No such file or directory"), "\(reason)")
    }
}
