// Imports whose server does not wait for them: it closes what idles, it is started anew while a
// film is read, or it goes and does not come back.

import Glibc
import Net
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct ImportConnectionTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try scratchDirectory("connections")
        let files = RealFileSystem()
        for folder in ["films", "slow"] { try files.createDirectory(scratch(folder)) }
        try FilmMaker.film(["testsrc2=d=1"], to: scratch("films/one.mkv"))
        try Command.write(
            Array("1\n00:00:00,100 --> 00:00:00,900\nStill here.\n".utf8),
            to: scratch("films/two.en.srt"))
        // An ffmpeg that says that it was asked, and begins when it may.
        try Command.write(
            Array(
                """
                #!/bin/sh
                : > "\(scratch("asked"))"
                until [ -e "\(scratch("go"))" ]; do sleep 0.02; done
                PATH=${PATH#*:} exec ffmpeg "$@"

                """.utf8), to: scratch("slow/ffmpeg"))
        _ = try Command.run("/bin/chmod", ["755", scratch("slow/ffmpeg")])
    }

    /// Imports the folder; `meanwhile` runs while the film is read.
    private func imported(_ socket: String, meanwhile: () throws -> Void) throws -> Command {
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
        let process = try Command.start(
            "/usr/bin/env",
            [
                "PATH=\(scratch("slow")):\(path)", Command.mspd, "import", scratch("films"),
                "--server", socket,
            ], output: scratch("out"), error: scratch("err"))
        for _ in 0..<1_000 where unsafe access(scratch("asked"), F_OK) != 0 { usleep(10_000) }
        try meanwhile()
        try Command.write([], to: scratch("go"))
        return Command(
            status: Command.wait(for: process), output: try Command.text(of: scratch("out")),
            error: try Command.text(of: scratch("err")))
    }

    @Test func `a server that closes what idles waits for no film`() throws {
        let server = try ServerProcess(scratch, options: ["--idle", "1"])
        let done = try imported(server.socket) { usleep(1_500_000) }
        #expect(done.status == 0, "\(done.error)")
        #expect(done.output.contains("1 line and 1 shot from 2 of 2 files"), "\(done.output)")
    }

    @Test func `a server may be started anew while a film is read`() throws {
        let server = try ServerProcess(scratch)
        var again: ServerProcess?
        let done = try imported(server.socket) {
            #expect(server.stop() == 0)
            again = try ServerProcess(scratch)
        }
        #expect(done.status == 0, "\(done.error)")
        #expect(done.output.contains("1 line and 1 shot from 2 of 2 files"), "\(done.output)")
        #expect(again?.stop() == 0)
    }

    @Test func `where the server goes the file is named, and all are counted`() throws {
        let server = try ServerProcess(scratch)
        let done = try imported(server.socket) { #expect(server.stop() == 0) }
        #expect(done.status == 4, "\(done.error)")
        let film = scratch("films/one.mkv")
        #expect(done.error.contains("\(film): no server answers at"), "\(done.error)")
        #expect(done.error.contains("; import it again"), "\(done.error)")
        #expect(done.error.contains("2 of 2 files were not imported"), "\(done.error)")
        #expect(done.output.contains("from 0 of 2 files imported"), "\(done.output)")
    }
}
