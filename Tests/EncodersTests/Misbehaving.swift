// Encoders for the tests: programs of a few lines that behave or do not, in a folder of their own,
// and a pool that runs them. Where there is no Python the tests that need it are skipped.

import Encoders
import Glibc
import Synchronization

/// The programs of one test.
final class TestEncoders {
    /// Python, where it is not a wrapper that starts further programs; nil, with a note, without.
    static let python: String? = {
        for path in ["/usr/bin/python3", "/usr/local/bin/python3"]
        where unsafe access(path, X_OK) == 0 {
            return path
        }
        print("skipped: no python3 in /usr/bin")
        return nil
    }()

    /// The beginning of an encoder in Python that answers as `answer(ask, body)` tells it to.
    static let prelude = """
        import json, os, struct, sys, time
        out = sys.stdout.buffer
        def say(header, body=b""):
            out.write(json.dumps(header).encode() + b"\\n" + body)
            out.flush()
        def vector(ask, values):
            say({"id": ask["id"], "dim": len(values)}, struct.pack(f"<{len(values)}f", *values))
        def good(ask, body):
            vector(ask, [float(len(body))] + [1.0] * (ask["dim"] - 1))

        """
    /// The end of an encoder in Python: a loop over requests.
    static let loop = """

        for line in iter(sys.stdin.buffer.readline, b""):
            ask = json.loads(line)
            answer(ask, sys.stdin.buffer.read(ask["bytes"]))
        """

    let folder: String
    let pool: EncoderPool
    private let lines = Lines()

    /// What was logged.
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    /// An empty folder of encoders and a pool; `change` may change its settings.
    init(_ change: (inout EncoderSettings) -> Void = { _ in }) throws {
        signal(SIGPIPE, SIG_IGN)
        var template = Array("/tmp/mspd-test-encoders-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        folder = made ?? "/tmp"
        let lines = self.lines
        var settings = EncoderSettings(folder: folder, clock: { Self.seconds }) { line in
            lines.all.withLock { $0.append(line) }
        }
        settings.launcher = [Self.mspd, "encoder-child"]
        settings.startSeconds = 5
        settings.scratch = folder
        change(&settings)
        pool = EncoderPool(settings)
    }

    deinit {
        pool.stop()
        // The threads remove the scratch folders once their programs have ended.
        for _ in 0..<500 where unsafe rmdir(folder) != 0 {
            for name in files { unsafe unlink("\(folder)/\(name)") }
            usleep(2_000)
        }
    }

    /// Lines of the log so far.
    var log: [String] { lines.all.withLock { $0 } }

    /// Names in the folder.
    var files: [String] {
        guard let opened = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(opened) }
        var names: [String] = []
        while let entry = unsafe readdir(opened) {
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe String(
                        cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    /// Makes an encoder in Python whose `answer` has this body; describes it.
    func python(
        _ name: String, _ answer: String, dimension: Int? = 4, seconds: Double = 5,
        memory: UInt64 = 2 << 30, forks: Bool = false
    ) -> EncoderDescription {
        let body = answer.split(separator: "\n", omittingEmptySubsequences: false)
        let text =
            Self.prelude + "def answer(ask, body):\n" + body.map { "    \($0)\n" }.joined()
            + Self.loop
        write("#!\(Self.python ?? "/usr/bin/python3")\n\(text)\n", to: name)
        return EncoderDescription(
            name: name, command: name, dimension: dimension, seconds: seconds, memory: memory,
            forks: forks)
    }

    /// Makes an executable file.
    func write(_ text: String, to name: String) {
        let file = unsafe open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o755)
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(file, bytes, bytes.count)
        close(file)
    }

    /// Asks for the vector of each text, and waits.
    func vectors(
        _ description: EncoderDescription, _ texts: [String], seconds: Double = 20
    ) -> Result<[EncoderAnswer], EncoderError> {
        wait { done in
            pool.ask(
                description, texts.map { EncoderRequest("text", Array($0.utf8)) },
                seconds: seconds, then: done)
        }
    }

    /// Waits for what a call gives to its last argument.
    func wait<Value: Sendable>(_ body: (@escaping @Sendable (Value) -> Void) -> Void) -> Value {
        let box = Box<Value>()
        body { value in box.value.withLock { $0 = value } }
        while true {
            if let value = box.value.withLock({ $0 }) { return value }
            usleep(500)
        }
    }

    final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    /// Seconds on a clock that only goes forward.
    static var seconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The program under test: the one in MSPD_BINARY, or the one beside the test program.
    private static let mspd: String = {
        if let path = unsafe getenv("MSPD_BINARY") { return unsafe String(cString: path) }
        let own = unsafe realpath("/proc/self/exe", nil)
        defer { unsafe free(own) }
        let path = unsafe own.map { unsafe String(cString: $0) } ?? CommandLine.arguments[0]
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.joined(separator: "/") + "/mspd"
    }()
}
