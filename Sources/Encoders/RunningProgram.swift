// A started encoder with all that goes when it goes: its process, its scratch folder, and what is
// half read of its output.

/// A started program.
final class RunningProgram {
    let child: ChildProcess
    var answers: AnswerReader
    /// Whether it closed its standard error, which is none of its duties.
    private(set) var isSilenced = false
    private var errors: ErrorLines
    private let scratch: ScratchFolder
    private let clock: @Sendable () -> Double

    /// Starts a program through the launcher, which takes from it what it may not have.
    init(_ description: EncoderDescription, _ settings: EncoderSettings) throws(EncoderError) {
        scratch = try ScratchFolder(in: settings.scratch)
        clock = settings.clock
        answers = AnswerReader(dimension: description.dimension, rowBytes: settings.rowBytes)
        errors = ErrorLines(now: settings.clock())
        let sandbox = Sandbox(
            scratch: scratch.path, memory: description.memory, forks: description.forks)
        child = try ChildProcess(
            settings.launcher + sandbox.words + [
                "--", "\(settings.folder)/\(description.command)",
            ],
            environment: [
                "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(scratch.path)",
                "TMPDIR=\(scratch.path)", "MSPD_ENCODER=\(description.name)",
                "MSPD_DIM=\(description.dimension ?? 0)",
            ])
    }

    /// Whether its folder holds more than so many bytes.
    func holdsMore(than limit: UInt64) -> Bool { scratch.size(upTo: limit) > limit }

    /// Hands what came on standard error to the log.
    func readErrors(_ supervisor: EncoderSupervisor) {
        guard let bytes = child.read(child.errors) else {
            isSilenced = true
            return
        }
        for line in errors.read(bytes, now: clock()) { supervisor.log(line) }
    }

    /// Ends it; says how it ended, with the last it had to say.
    func end(isOver: Bool, _ supervisor: EncoderSupervisor) -> EncoderError {
        for _ in 0..<16 {
            guard let bytes = child.read(child.errors), !bytes.isEmpty else { break }
            for line in errors.read(bytes, now: clock()) { supervisor.log(line) }
        }
        for line in errors.end() { supervisor.log(line) }
        let how = child.end(isOver: isOver)
        let last = errors.last.isEmpty ? "" : " (\(errors.last.prefix(160)))"
        return how == "status \(Sandbox.notStarted)" ? .start(errors.last) : .exited(how + last)
    }
}
