// Captions that roll up, as live television and automatic captions do: a cue shows again what the
// one before ended with, so that each line stands in two or three of them. Taken as they are, a
// line would be found several times, and a quote over three lines not at all.
//
// What must always hold: each line is left in the cue in which it first stands, and cues that do
// not roll up are left alone.

/// Takes lines that are shown again out of captions that roll up.
enum RollUp {
    /// Cues that begin with the end of the one before are this share of all, and so many go on
    /// behind it.
    private static let share = 0.5
    private static let leastCount = 3
    /// Between the end of a cue and the beginning of the next that goes on with it, in nanoseconds.
    private static let pause: Int64 = 1_000_000_000

    /// The cues with each line where it first stands; nil unless they roll up.
    static func unrolled(_ cues: [Cue]) -> [Cue]? {
        let lines = cues.map { $0.text.split(separator: "\n") }
        var shared = [Int](repeating: 0, count: cues.count)
        for index in cues.indices.dropFirst() {
            let (before, this) = (cues[index - 1], cues[index])
            guard this.start >= before.start, this.start - before.end <= pause else { continue }
            shared[index] = overlap(lines[index - 1], lines[index])
        }
        let again = shared.count { $0 > 0 }
        let rolling = cues.indices.count { shared[$0] > 0 && shared[$0] < lines[$0].count }
        guard rolling >= leastCount, Double(again) >= share * Double(cues.count - 1) else {
            return nil
        }
        var left: [Cue] = []
        for (index, cue) in cues.enumerated() where shared[index] < lines[index].count {
            var cue = cue
            cue.text = lines[index].dropFirst(shared[index]).joined(separator: "\n")
            left.append(cue)
        }
        return left
    }

    /// How many lines one cue ends with that the next begins with.
    private static func overlap(_ before: [Substring], _ this: [Substring]) -> Int {
        (1...max(1, min(before.count, this.count))).last {
            $0 <= this.count && before.suffix($0) == this.prefix($0)
        } ?? 0
    }
}
