// Times of many calls, and what is told of them.

/// Times in microseconds.
struct Latencies {
    private var times: [Double] = []

    /// Makes a call and takes its time.
    mutating func add(_ call: () throws -> Void) rethrows {
        let started = Terminal.seconds
        try call()
        times.append((Terminal.seconds - started) * 1e6)
    }

    /// The time that half of the calls took at most.
    var p50: Double { quantile(0.5) }
    /// The time that 99 of 100 calls took at most.
    var p99: Double { quantile(0.99) }

    /// The figures as a JSON object; an empty one without calls.
    var json: String {
        guard !times.isEmpty else { return "{}" }
        let mean = times.reduce(0, +) / Double(times.count)
        return "{\"p50\": \(p50), \"p99\": \(p99), \"mean\": \(Self.rounded(mean))}"
    }

    private func quantile(_ part: Double) -> Double {
        guard !times.isEmpty else { return 0 }
        return Self.rounded(times.sorted()[min(times.count - 1, Int(Double(times.count) * part))])
    }

    private static func rounded(_ time: Double) -> Double { (time * 10).rounded() / 10 }
}
