// A progress bar with a rate and the time left, on a terminal; silent elsewhere, but for the last
// line.

/// How far an import is.
struct Progress {
    private let total: Int
    private let isShown: Bool
    private let started = Terminal.seconds
    private var done = 0
    private var lastShown = 0.0

    init(total: Int, isShown: Bool) {
        self.total = max(total, 1)
        self.isShown = isShown && Terminal.wantsColour(2)
    }

    /// Adds bytes; `lines` are imported so far.
    mutating func advance(_ bytes: Int, _ lines: Int) {
        done += bytes
        guard isShown, Terminal.seconds - lastShown > 0.1 else { return }
        lastShown = Terminal.seconds
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * 30)
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: 30 - filled)
        Terminal.write(
            "\r[\(bar)] \(Int(share * 100)) %  \(Terminal.grouped(lines)) lines, \(rate(lines))/s, "
                + "\(left(share)) left ",
            to: 2)
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
    func finish(_ lines: Int) {
        clear()
        let seconds = Terminal.seconds - started
        let tenths = Int(seconds * 10)
        Terminal.error("\(tenths / 10).\(tenths % 10) s, \(rate(lines)) lines/s")
    }

    private func rate(_ lines: Int) -> String {
        let seconds = max(Terminal.seconds - started, 0.001)
        return Terminal.grouped(Int(Double(lines) / seconds))
    }
}
