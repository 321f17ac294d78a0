// What an encoder is kept from: the network, other folders, descriptors of the server, processes
// that outlive it. What the kernel cannot enforce is skipped, with a note.

import Encoders
import Glibc
import Testing

@Suite("The sandbox")
struct SandboxTests {
    /// What Python says of a line in an encoder: its value, or the name of the error.
    private func tried(_ line: String, forks: Bool = false) throws -> String? {
        guard TestEncoders.python != nil else { return nil }
        guard !Sandbox.missing.contains(where: { $0.hasPrefix("Land") || $0.hasPrefix("sec") })
        else {
            print("skipped: \(Sandbox.missing)")
            return nil
        }
        let encoders = try TestEncoders()
        let probe = encoders.python(
            "probe",
            """
            import ctypes, shutil, socket, subprocess, threading
            def failing(body):
                try: body()
                except OSError as error: return error.errno
            def system(name, *words):
                libc = ctypes.CDLL(None, use_errno=True)
                return f"{getattr(libc, name)(*words)} {ctypes.get_errno()}"
            try: text = str(\(line))
            except BaseException as error: text = type(error).__name__
            say({"id": ask["id"], "error": text})
            """, forks: forks)
        let result = encoders.vectors(probe, ["x"])
        if case .failure(.refused(let text)) = result { return text }
        return "\(result)"
    }

    @Test(
        "refuses",
        arguments: [
            "socket.socket()", "socket.socket(socket.AF_UNIX)", "socket.socketpair()",
            "open('/tmp/mspd-outside', 'w')", "open('/etc/passwd', 'a')", "os.setsid()",
            "os.setpgid(0, 0)", "os.fork()", "subprocess.run(['true'])",
            "os.mkdir('../outside')", "os.remove(sys.argv[0])", "os.kill(os.getppid(), 0)",
            "os.memfd_create('memory')",
        ])
    func refuses(_ line: String) throws {
        guard let text = try tried(line) else { return }
        #expect(text == "PermissionError", "\(line): \(text)")
    }

    @Test(
        "allows",
        arguments: [
            ("open('file', 'w').write('abc')", "3"), ("open('/dev/null', 'w').write('x')", "1"),
            ("len(open('/etc/passwd').read()) > 0", "True"),
            ("os.path.realpath(os.environ['HOME']) == os.getcwd()", "True"),
            ("[threading.Thread(target=print, kwargs={'file': sys.stderr}).start()]", "[None]"),
            ("sorted(os.listdir('/proc/self/fd'))[:4]", "['0', '1', '2', '3']"),
            ("sorted(os.environ)[:2]", "['HOME', 'LANG']"),
            ("[os.chmod(sys.argv[0], 0), oct(os.stat(sys.argv[0]).st_mode)][1]", "0o100755"),
            ("[os.utime(sys.argv[0], (1, 1)), os.stat(sys.argv[0]).st_mtime > 1][1]", "True"),
            (
                "[os.chown(sys.argv[0], 1, 1), os.stat(sys.argv[0]).st_uid == os.getuid()][1]",
                "True"
            ),
            ("len([shutil.copy('/etc/passwd', 'copy'), shutil.copystat('/etc', '.')])", "2"),
            ("failing(lambda: os.setxattr(sys.argv[0], 'user.x', b'1'))", "95"),
            ("system('shmget', 0, 4096, 0o1600)", "-1 1"),
            ("system('semget', 0, 1, 0o1600)", "-1 1"),
            ("system('msgget', 0, 0o1600)", "-1 1"),
            ("open('/proc/self/status').read().split('CapBnd:')[1].split()[0]", "0000000000000000"),
        ])
    func allows(_ line: String, _ expected: String) throws {
        guard let text = try tried(line) else { return }
        #expect(text == expected, "\(line)")
    }

    @Test("lets go on who may start processes")
    func forks() throws {
        guard let text = try tried("subprocess.run(['true']).returncode", forks: true) else {
            return
        }
        #expect(text == "0")
    }

    @Test("keeps what it started from staying behind")
    func group() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders { $0.startSeconds = 0 }
        let parent = encoders.python(
            "parent",
            """
            if os.fork() == 0: time.sleep(1000)
            pid = os.fork()
            if pid == 0: time.sleep(1000)
            sys.stderr.write(f"child {pid}\\n"); sys.stderr.flush(); time.sleep(1000)
            """, seconds: 0.5, forks: true)
        #expect(encoders.vectors(parent, ["x"]) == .failure(.timeout(0.5)))
        let line = try #require(encoders.log.first { $0.contains("child ") })
        let child = try #require(line.split(separator: " ").last.flatMap { pid_t($0) })
        for _ in 0..<500 where isAlive(child) { usleep(2_000) }
        #expect(!isAlive(child))
    }

    /// Whether a process runs; one that ended and that nobody has waited for yet does not.
    private func isAlive(_ process: pid_t) -> Bool {
        guard let file = unsafe fopen("/proc/\(process)/stat", "r") else { return false }
        defer { unsafe fclose(file) }
        var line = [UInt8](repeating: 0, count: 256)
        let count = unsafe fread(&line, 1, line.count, file)
        return !String(decoding: line.prefix(count), as: UTF8.self).contains(") Z")
    }

    @Test("ends a program whose scratch folder grows too large")
    func fills() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders { $0.scratchBytes = 1 << 20 }
        let filler = encoders.python(
            "filler",
            """
            if body == b'good': return good(ask, body)
            for n in range(9): open(f"f{n}", "wb").write(b"x" * (1 << 18))
            time.sleep(60)
            """, seconds: 30)
        let reason = "its folder held more than 1 MiB, so it was ended"
        #expect(encoders.vectors(filler, ["x"]) == .failure(.exited(reason)))
        #expect(encoders.vectors(filler, ["good"]) == .success([.vector([4, 1, 1, 1])]))
    }

    @Test("removes what a server that was killed left behind, and nothing that is in use")
    func abandoned() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let one = encoders.python("one", "good(ask, body)")
        _ = encoders.vectors(one, ["x"])
        let used = try #require(encoders.files.first { $0.hasPrefix("mspd-encoder-") })
        let left = "mspd-encoder-left00"
        unsafe mkdir("\(encoders.folder)/\(left)", 0o700)
        encoders.write("x", to: "\(left)/file")
        var settings = EncoderSettings(folder: encoders.folder, clock: { 0 }, log: { _ in })
        settings.scratch = encoders.folder
        _ = EncoderPool(settings)
        #expect(!encoders.files.contains(left) && encoders.files.contains(used))
    }

    @Test("leaves no scratch folder behind")
    func scratch() throws {
        guard TestEncoders.python != nil else { return }
        let encoders = try TestEncoders()
        let writer = encoders.python(
            "writer",
            """
            os.makedirs("a/b"); open("a/b/c", "w").write("x")
            os.symlink("/etc", "a/link"); os.mkdir("a/shut", 0)
            open(b"a/\\xff", "w").write("x")
            good(ask, body)
            """)
        #expect(encoders.vectors(writer, ["x"]) == .success([.vector([1, 1, 1, 1])]))
        #expect(encoders.files.contains { $0.hasPrefix("mspd-encoder-") })
        encoders.pool.forget("writer")
        for _ in 0..<1_000 where encoders.files.count > 1 { usleep(2_000) }
        #expect(encoders.files == ["writer"])
        #expect(unsafe access("/etc/passwd", F_OK) == 0)
    }
}
