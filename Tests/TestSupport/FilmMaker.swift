// Films made on the spot by ffmpeg, so that a test knows what is in them to the frame.
//
// Where ffmpeg is not there, tests that need it are skipped, saying so.

import Glibc
import Storage

/// Runs ffmpeg for tests.
package enum FilmMaker {
    /// Whether films can be made; says so when not.
    package static let isAvailable: Bool = {
        let works = (try? run(["-version"])) == 0
        if !works { print("skipped: no ffmpeg (apt install ffmpeg)") }
        return works
    }()

    /// Runs ffmpeg with these words behind its usual ones, and returns its exit status.
    @discardableResult
    package static func run(_ words: [String]) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        let all = ["ffmpeg", "-nostdin", "-v", "error", "-y"] + words
        var arguments = unsafe all.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let failure = unsafe posix_spawnp(
            &process, "ffmpeg", &actions, nil, &arguments, environ)
        guard failure == 0 else {
            throw StorageError.system(operation: "start", path: "ffmpeg", errno: failure)
        }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// Makes a film of lavfi sources behind one another, at a rate and 320 by 180 pixels.
    ///
    /// Each source is written with what it needs behind the name, such as `smptebars=d=2`.
    package static func film(
        _ sources: [String], rate: String = "24", options: [String] = [], to path: String
    ) throws {
        var words: [String] = []
        var filter = ""
        for (index, source) in sources.enumerated() {
            words += ["-f", "lavfi", "-i", source]
            filter += "[\(index)]fps=\(rate),scale=320:180,setsar=1,format=yuv420p[s\(index)];"
        }
        filter += sources.indices.map { "[s\($0)]" }.joined()
        filter += "concat=n=\(sources.count),fps=\(rate)[film]"
        words += ["-filter_complex", filter, "-map", "[film]", "-c:v", "mpeg4", "-q:v", "3"]
        let status = try run(words + options + [path])
        guard status == 0 else {
            throw StorageError.system(operation: "make", path: path, errno: status)
        }
    }

    /// Subtitles as they are put into a film: a file of their lines, and what is said of them.
    package struct Subtitles {
        let file: String
        let tag: String
        let name: String
        let mark: String

        /// Makes subtitles of a SubRip file; `mark` is a disposition as ffmpeg takes it.
        package init(_ file: String, tag: String, name: String = "", mark: String = "0") {
            self.file = file
            self.tag = tag
            self.name = name
            self.mark = mark
        }
    }

    /// Makes a film of two seconds with these subtitles, the first of them in stream 1.
    package static func film(_ subtitles: [Subtitles], to path: String) throws {
        var words = ["-f", "lavfi", "-i", "testsrc2=d=2:r=24:s=320x180"]
        for stream in subtitles { words += ["-f", "srt", "-i", stream.file] }
        for input in 0...subtitles.count { words += ["-map", "\(input)"] }
        words += ["-c:v", "mpeg4", "-c:s", "srt"]
        for (number, stream) in subtitles.enumerated() {
            words += ["-metadata:s:s:\(number)", "language=\(stream.tag)"]
            words += ["-metadata:s:s:\(number)", "title=\(stream.name)"]
            words += ["-disposition:s:\(number)", stream.mark]
        }
        let status = try run(words + [path])
        guard status == 0 else {
            throw StorageError.system(operation: "make", path: path, errno: status)
        }
    }
}
