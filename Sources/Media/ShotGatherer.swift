// Makes shots of frames: the detector says, a few seconds late, where shots change; until then the
// frames that may stand for a shot wait here, each with its vector and its picture.
//
// What must always hold: every frame is in exactly one part of one shot; a part keeps one picture,
// so memory does not grow with the length of a shot.

/// Gathers shots frame by frame.
struct ShotGatherer {
    /// A frame that stands for its shot by what it looks like, by its picture, or by both.
    private struct Candidate {
        let frame: Int
        let vector: [Float]?
        /// A large picture as it was read.
        let large: [UInt8]?
        /// How good a picture of its shot it is, by contrast and stillness.
        let worth: Float
    }

    /// A part of the shot that is being gathered.
    private struct Part {
        var sum: [[Float]] = []
        var spare: [[Float]] = []
        var best: (worth: Float, large: [UInt8])?
        /// The best as a JPEG, once no better one comes.
        private(set) var jpeg: [UInt8]?

        mutating func join(_ other: Part) {
            sum += other.sum
            spare += other.spare
            if other.best?.worth ?? -1 > best?.worth ?? -1 {
                (best, jpeg) = (other.best, other.jpeg)
            }
        }

        /// Makes its picture, which takes a tenth of the room.
        mutating func close() {
            guard let large = best?.large, jpeg == nil else { return }
            jpeg = ThumbnailWriter.jpeg(large)
            best?.large = []
        }
    }

    /// Frames a second that a shot's vector is made of, at least.
    private static let vectors = 2.0
    /// What a frame between two shots is worth, against one inside.
    private static let transition: Float = 0.1
    /// Pictures kept for shots that are so short that none of their frames became a candidate.
    private static let recent = 192

    /// Frames a second that the detector is shown at least: it compares some before a change with
    /// some behind it, which where there are two a second are those of other shots.
    private static let shown = 6.0

    private let partLength: Int64?
    /// How often the detector is shown each frame.
    private let copies: Int
    /// Between frames that vectors are made of, in nanoseconds; a hair less, so that none in its
    /// place is passed over.
    private let distance: Int64
    private var nextVector = Int64.min
    private var detector = ShotDetector()
    private var times: [Int64] = []
    private var pictures: [Picture] = []
    private var waiting: [Candidate] = []
    private var changes: [ShotDetector.Change] = []
    private var parts: [Part] = [Part()]
    private var shotStart = 0
    private var number = 1
    private(set) var shots: [Shot] = []

    /// With `framesPerSecond` a shot is divided into parts that last one of these each; `rate` is
    /// the film's.
    init(framesPerSecond: Double?, rate: FrameRate?) {
        let rate = rate.map { Double($0.numerator) / Double($0.denominator) } ?? Self.shown
        copies = Int((Self.shown / max(rate, 0.1)).rounded(.up))
        partLength = framesPerSecond.map { Int64(1e9 / $0) }
        distance = Int64(1e9 / max(Self.vectors, framesPerSecond ?? 0)) - 1_000_000
    }

    /// Takes the next frame.
    mutating func add(_ frame: FrameReader.Frame) {
        var found = detector.add(frame.picture)
        let (change, contrast, isBlank) = detector.newest
        for _ in 1..<copies { found += detector.add(frame.picture) }
        let index = times.count
        times.append(frame.time)
        pictures.append(frame.picture)
        if pictures.count > 2 * Self.recent { pictures.removeFirst(Self.recent) }
        let isDue = frame.time >= nextVector
        if isDue { nextVector = frame.time + distance }
        if isDue || frame.large != nil, !isBlank {
            // The first frame has none before it, so nobody knows how still it is.
            let unrest = index == 0 ? 6 : change
            let worth = min(contrast, 64) / 64 / (1 + unrest / 6)
            waiting.append(
                Candidate(
                    frame: index, vector: isDue ? Look.vector(of: frame.picture) : nil,
                    large: frame.large, worth: worth))
        }
        take(found)
        settle(before: (detector.count - ShotDetector.delay) / copies)
    }

    /// The end of the film, which is `end` nanoseconds from its first frame.
    mutating func finish(end: Int64) {
        take(detector.finish())
        settle(before: .max)
        closeShot(before: times.count, end: end)
    }

    // MARK: Shots

    /// Takes changes as the detector says them, in frames that it was shown.
    private mutating func take(_ found: [ShotDetector.Change]) {
        let found = found.map {
            ShotDetector.Change(
                frame: $0.frame / copies, reach: ($0.reach + copies - 1) / copies)
        }
        changes += found
        for change in found where change.frame > shotStart { close(change) }
    }

    private mutating func close(_ change: ShotDetector.Change) {
        settle(before: change.frame)
        closeShot(before: change.frame, end: times[change.frame])
        shotStart = change.frame
        changes.removeAll { $0.frame < change.frame - ShotDetector.delay }
    }

    /// Moves candidates into the shot that is being gathered.
    private mutating func settle(before frame: Int) {
        let count = waiting.prefix { $0.frame < frame }.count
        guard count > 0 else { return }
        for candidate in waiting[..<count] { take(candidate) }
        waiting.removeFirst(count)
    }

    private mutating func take(_ candidate: Candidate) {
        let place = part(times[candidate.frame] - times[shotStart])
        while parts.count <= place {
            parts[parts.count - 1].close()
            parts.append(Part())
        }
        let isBetween = changes.contains { abs($0.frame - candidate.frame) < $0.reach }
        let worth = candidate.worth * (isBetween ? Self.transition : 1)
        if let vector = candidate.vector {
            if !isBetween {
                parts[place].sum.append(vector)
            } else if parts[place].spare.count < 8 {
                parts[place].spare.append(vector)
            }
        }
        if let large = candidate.large, worth > parts[place].best?.worth ?? -1 {
            parts[place].best = (worth, large)
        }
    }

    private func part(_ time: Int64) -> Int { partLength.map { Int(time / max($0, 1)) } ?? 0 }

    private mutating func closeShot(before frame: Int, end: Int64) {
        let ranges = ranges(times[shotStart], end)
        for (index, (place, range)) in ranges.enumerated() {
            // What lies in a rest too short for a part of its own goes to the last one.
            let isLast = index == ranges.count - 1
            let own = parts.indices.contains(place) ? parts[place...] : []
            var part = (isLast ? own : own.prefix(1)).reduce(into: Part()) { $0.join($1) }
            part.close()
            shots.append(
                Shot(
                    number: number, part: index + 1, start: range.lowerBound,
                    end: range.upperBound, vector: vector(of: part, range),
                    thumbnail: part.jpeg))
        }
        number += 1
        parts = [Part()]
    }

    private func vector(of part: Part, _ range: Range<Int64>) -> [Float]? {
        if let vector = Look.mean(part.sum.isEmpty ? part.spare : part.sum) { return vector }
        let first = times.count - pictures.count
        let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
        guard let frame = times.lastIndex(where: { $0 <= middle }), frame >= first else {
            return nil
        }
        let picture = pictures[frame - first]
        guard !FrameTrace(picture).isBlank else { return nil }
        return Look.vector(of: picture)
    }

    /// The times of a shot's parts, which begin at frames, and their places in `parts`; where no
    /// frame is, there is none.
    private func ranges(_ start: Int64, _ end: Int64) -> [(place: Int, range: Range<Int64>)] {
        guard let length = partLength, end - start > length else {
            return [(0, start..<max(start, end))]
        }
        let count = max(1, Int((end - start + length / 2) / length))
        var edges: [(place: Int, time: Int64)] = [(0, start)]
        var frames = times[shotStart...]
        for place in 1..<max(count, 1) {
            let wanted = start + Int64(place) * length
            frames = frames.drop { $0 < wanted }
            guard let edge = frames.first, edge < end else { break }
            if edge == edges.last?.time { edges.removeLast() }
            edges.append((place, edge))
        }
        let ends = edges.dropFirst().map(\.time) + [end]
        return zip(edges, ends).map { ($0.place, $0.time..<max($0.time, $1)) }
    }
}
