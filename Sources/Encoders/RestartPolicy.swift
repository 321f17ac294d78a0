// When a program that failed may be started again: at once after the first failure, then after
// twice as long each time, until an answer shows that it works.

/// Counts failures in a row.
struct RestartPolicy: Equatable {
    /// Seconds before the second restart in a row.
    static let shortest = 0.5
    /// Seconds that are never exceeded.
    static let longest = 60.0

    private(set) var failures = 0
    /// The time before which nothing is started.
    private(set) var notBefore = -Double.infinity

    /// It failed at a time in seconds.
    mutating func failed(now: Double) {
        failures += 1
        guard failures > 1 else { return notBefore = now }
        let doublings = Double(1 << min(failures - 2, 16))
        notBefore = now + min(Self.shortest * doublings, Self.longest)
    }

    /// It answered.
    mutating func answered() { self = RestartPolicy() }
}
