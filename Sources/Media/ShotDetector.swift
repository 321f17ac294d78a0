// Finds where shots change, frame by frame, a few seconds behind the film.
//
// - A cut is a frame that differs from the one before much more than its neighbours do from theirs,
//   even where things move; whose colours and layout stay different for half a second, which those
//   of a flash do not; and which is no mere change of light. The weights were fitted on films with
//   cuts counted by eye: docs/BENCHMARKS.md has how well that works.
// - A fade goes through black or white: the change is put in the middle of it.
// - A dissolve is a mixture of what was before and what comes after, in even steps.
//
// What must always hold: what is decided depends on the frames alone, never on how they came.

import Glibc

/// Finds the changes between shots.
package struct ShotDetector {
    /// A change of shots.
    package struct Change: Equatable, Sendable {
        /// The first frame of the new shot, from 0.
        package let frame: Int
        /// Frames before and after in which both shots are seen, or neither.
        package let reach: Int
    }

    /// How far behind the newest frame changes are decided.
    package static let delay = 128

    /// Frames to each side that a frame's change is compared with.
    private static let neighbours = 6
    /// How far from a change its two sides are compared, in frames.
    private static let distances = [0, 2, 4, 7, 10]
    /// What a cut scores at least.
    private static let bar: Float = 6
    /// The halves of the lengths of dissolves that are looked for.
    private static let dissolves = [5, 8, 12, 18, 24]
    /// Frames within which a fade comes out of the black, or goes into it.
    private static let fadeLength = 24
    private static let decisionDelay = 60
    private static let kept = 128

    private var bars = BlackBars()
    private var traces: [FrameTrace] = []
    private var scores: [Float] = []
    /// The number of the first frame kept.
    private var base = 0
    private var blankSince: Int?
    private var before: FrameTrace?
    private var dissolve: (frame: Int, reach: Int, difference: Float)?
    private var last = Change(frame: 0, reach: 0)

    /// Before the first frame.
    package init() {}

    /// Frames taken so far.
    package var count: Int { base + traces.count }

    /// How much the newest frame differs from the one before, in steps a pixel; and its contrast.
    var newest: (change: Float, contrast: Float, isBlank: Bool) {
        guard let trace = traces.last else { return (0, 0, true) }
        return (trace.change, trace.contrast, trace.isBlank)
    }

    /// Takes the next frame and says which changes it decides.
    package mutating func add(_ picture: Picture) -> [Change] {
        traces.append(FrameTrace(picture, after: traces.last, &bars))
        scores.append(-.infinity)
        let ripe = count - 1 - Self.distances[4]
        if ripe > 0 { scores[ripe - base] = score(ripe) }
        guard count > Self.decisionDelay else { return [] }
        let changes = decide(count - 1 - Self.decisionDelay)
        if traces.count > Self.kept + 32 {
            let gone = traces.count - Self.kept
            traces.removeFirst(gone)
            scores.removeFirst(gone)
            base += gone
        }
        return changes
    }

    /// Says which changes are left at the end of the film.
    package mutating func finish() -> [Change] {
        var changes: [Change] = []
        for frame in max(count - Self.distances[4], 1)..<max(count, 1) {
            scores[frame - base] = score(frame)
        }
        for frame in max(count - Self.decisionDelay, 0)..<count { changes += decide(frame) }
        if let found = takeDissolve(before: count + Self.kept) { changes.append(found) }
        return changes
    }

    // MARK: Decisions

    private func trace(_ frame: Int) -> FrameTrace? {
        traces.indices.contains(frame - base) ? traces[frame - base] : nil
    }

    /// What is decided when a frame has both its sides.
    private mutating func decide(_ frame: Int) -> [Change] {
        guard let trace = trace(frame) else { return [] }
        var found: [Change] = []
        if trace.isBlank {
            if blankSince == nil {
                blankSince = frame
                before = self.trace(frame - 3) ?? self.trace(frame - 1)
            }
        } else if let since = blankSince {
            blankSince = nil
            if let change = fade(since, frame) { found.append(change) }
        } else if isCut(frame), self.trace(frame - 1)?.isBlank == false {
            found.append(Change(frame: frame, reach: 0))
        }
        if let own = found.first {
            // A dissolve that it cuts short is none.
            if let earlier = dissolve, earlier.frame + earlier.reach < own.frame - own.reach {
                found.insert(Change(frame: earlier.frame, reach: earlier.reach), at: 0)
            }
            dissolve = nil
        } else {
            widen(frame)
            if let change = takeDissolve(before: frame) { found.append(change) }
        }
        found = found.filter { $0.frame > last.frame }
        if let newest = found.last { last = newest }
        return found
    }

    /// The change in the middle of blank frames, unless they come first or the same shot goes on.
    private func fade(_ since: Int, _ end: Int) -> Change? {
        guard since > 0, let before else { return nil }
        if end - since < 8, let after = trace(end + 3), after.likeness(to: before) > 0.8 {
            return nil
        }
        let middle = (since + end) / 2
        return Change(frame: middle, reach: end - middle + 6)
    }

    // MARK: Cuts

    private func isCut(_ frame: Int) -> Bool {
        let score = scores[frame - base]
        guard score > Self.bar else { return false }
        for near in max(frame - Self.neighbours, base)...min(frame + Self.neighbours, count - 1)
        where near != frame {
            let other = scores[near - base]
            if other > score || (other == score && near < frame) { return false }
        }
        return true
    }

    /// How much a frame looks like the first one of a shot.
    private func score(_ frame: Int) -> Float {
        guard let own = trace(frame), own.change >= 4 else { return -.infinity }
        let left = unrest((frame - Self.neighbours)..<frame)
        let right = unrest((frame + 1)..<(frame + 1 + Self.neighbours))
        let against = own.change / (max(left, right) + 3)
        guard against > 0.4 else { return -.infinity }
        let quiet = own.change / (min(left, right) + 3)
        let sides = distance(frame)
        return 2 * logf(against) + 3 * logf(quiet) + 2 * logf(sides.colours + 0.02)
            + 2 * logf(sides.grid + 1) - light(own.likeness)
    }

    /// What a change of light costs: nothing where frames are unlike, all where they are alike.
    private func light(_ likeness: Float) -> Float {
        (likeness > 0.9 ? 5 : 0) + 6 * max(0, likeness - 0.5) + 3 * max(0, likeness - 0.25)
    }

    /// The mean of the two largest changes of some frames.
    private func unrest(_ frames: Range<Int>) -> Float {
        var (first, second) = (Float(0), Float(0))
        var met = 0
        for frame in frames where frame > 0 {
            guard let change = trace(frame)?.change else { continue }
            met += 1
            if change > first {
                (first, second) = (change, first)
            } else {
                second = max(second, change)
            }
        }
        return met > 1 ? (first + second) / 2 : first
    }

    /// The least distances of any frame shortly before from any shortly after.
    private func distance(_ frame: Int) -> (colours: Float, grid: Float) {
        let before = Self.distances.compactMap { trace(frame - 1 - $0) }
        let after = Self.distances.compactMap { trace(frame + $0) }
        var least = (colours: Float(1), grid: Float(255))
        for first in before {
            for second in after {
                least.colours = min(least.colours, first.colourDistance(second))
                least.grid = min(least.grid, first.gridDistance(second))
            }
        }
        return least
    }

    // MARK: Dissolves

    /// Looks whether a frame is in the middle of a dissolve, and keeps the clearest one.
    private mutating func widen(_ frame: Int) {
        for half in Self.dissolves {
            guard frame - half > last.frame, let difference = mixture(frame, half) else { continue }
            if difference > dissolve?.difference ?? 0 { dissolve = (frame, half, difference) }
        }
    }

    /// The dissolve found, once no clearer one can come.
    private mutating func takeDissolve(before frame: Int) -> Change? {
        guard let found = dissolve, frame > found.frame + 24 else { return nil }
        dissolve = nil
        return Change(frame: found.frame, reach: found.reach)
    }

    /// How different the two ends are between which frames are mixtures in even steps; nil when
    /// they are not.
    private func mixture(_ frame: Int, _ half: Int) -> Float? {
        guard let first = trace(frame - half), let second = trace(frame + half),
            let early = trace(frame - 2 * half), let late = trace(frame + 2 * half)
        else { return nil }
        let difference = first.gridDistance(second)
        guard difference > 14, !first.isBlank, !second.isBlank else { return nil }
        let outside = max(first.gridDistance(early), second.gridDistance(late))
        guard outside < 0.4 * difference, first.likeness(to: second) < 0.85,
            first.shareOfGrid(unlike: second) > 0.5
        else { return nil }
        for quarter in 1...3 {
            let place = quarter * half / 2
            let share = Float(place) / Float(2 * half)
            guard let between = trace(frame - half + place),
                between.distance(fromMixtureOf: first, second, share) < 0.1 * difference
            else { return nil }
        }
        guard !isNearBlank(frame, half), !isFadeIn(from: first, frame - half, second) else {
            return nil
        }
        return difference
    }

    /// Whether there is black or white so near a dissolve that it is a fade: what comes out of the
    /// black is a mixture with it, and looks like another picture where a title lies over it.
    private func isNearBlank(_ frame: Int, _ half: Int) -> Bool {
        let near = frame - half - Self.fadeLength...frame + half + Self.fadeLength
        return near.contains { trace($0)?.isBlank == true }
    }

    /// Whether what a change has just left dark becomes light.
    private func isFadeIn(from first: FrameTrace, _ frame: Int, _ second: FrameTrace) -> Bool {
        let end = last.frame + last.reach
        guard last.frame > 0, frame <= end + Self.fadeLength, let dark = trace(end) else {
            return false
        }
        return max(dark.mean, first.mean) < 0.6 * second.mean
    }
}

extension FrameTrace {
    /// The share of the grid's values that are others; a title that fades in changes few.
    fileprivate func shareOfGrid(unlike other: FrameTrace) -> Float {
        var count = 0
        for cell in 0..<Self.cells where abs(Int(grid[cell]) - Int(other.grid[cell])) > 8 {
            count += 1
        }
        return Float(count) / (Float(Self.cells) * max(share, other.share))
    }

    /// The mean difference of the grid from a mixture of two, with this share of the second.
    fileprivate func distance(
        fromMixtureOf first: FrameTrace, _ second: FrameTrace, _ share: Float
    ) -> Float {
        var sum: Float = 0
        for cell in 0..<Self.cells {
            let mixed = Float(first.grid[cell]) * (1 - share) + Float(second.grid[cell]) * share
            sum += abs(Float(grid[cell]) - mixed)
        }
        return sum / (Float(Self.cells) * max(first.share, second.share))
    }
}
