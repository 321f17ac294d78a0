// A progress bar with what was read and the time left, on a terminal; silent elsewhere, but for the
// last line.

/// How far an import is.
struct Progress {
    /// What was read so far.
    struct Amounts {
        var lines = 0
        var shots = 0
        /// How long the films last, in nanoseconds.
        var film: Int64 = 0
    }

    private let total: Int
    private let isShown: Bool
    private let started = Terminal.seconds
    private var done = 0
    private var lastShown = 0.0

    init(total: Int, isShown: Bool) {
        self.total = max(total, 1)
        self.isShown = isShown && Terminal.wantsColour(2)
    }

    /// Adds bytes to what is done.
    mutating func advance(_ bytes: Int, _ read: Amounts) {
        done += bytes
        guard isShown, Terminal.seconds - lastShown > 0.1 else { return }
        lastShown = Terminal.seconds
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * 30)
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: 30 - filled)
        Terminal.write(
            "\r[\(bar)] \(Int(share * 100)) %  \(told(read)), \(left(share)) left ", to: 2)
    }

    /// The lines, unless there are only shots, and the shots.
    private func told(_ read: Amounts) -> String {
        let lines = "\(Terminal.counted(read.lines, "line")), \(rate(read.lines))/s"
        guard read.shots > 0 else { return lines }
        let shots = Terminal.counted(read.shots, "shot")
        return read.lines > 0 ? "\(lines), \(shots)" : shots
    }

    /// The time that the rest takes when it goes on as it went.
    private func left(_ share: Double) -> String {
        guard share > 0.001 else { return "?" }
        let seconds = Int((Terminal.seconds - started) * (1 - share) / share)
        let (minutes, rest) = seconds.quotientAndRemainder(dividingBy: 60)
        return "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Makes room for a message.
    func clear() {
        if isShown { Terminal.write("\r\u{1B}[K", to: 2) }
    }

    /// Replaces the bar by the rate of the whole.
    func finish(_ read: Amounts) {
        clear()
        let seconds = Terminal.seconds - started
        let speed = Double(read.film) / 1e9 / max(seconds, 0.001)
        let amounts = [
            "\(Self.tenths(seconds)) s",
            read.lines > 0 || read.film == 0 ? "\(rate(read.lines)) lines/s" : nil,
            read.film > 0 ? "\(Self.tenths(speed)) minutes of film a minute" : nil,
        ]
        Terminal.error(amounts.compactMap { $0 }.joined(separator: ", "))
    }

    private func rate(_ lines: Int) -> String {
        let seconds = max(Terminal.seconds - started, 0.001)
        return Terminal.grouped(Int(Double(lines) / seconds))
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int(number * 10)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
