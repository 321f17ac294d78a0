// One line of dialogue on the timeline, as every subtitle reader hands it on: plain text, times in
// nanoseconds, and where in the file it came from.

/// A subtitle cue: what is said from `start` to `end`.
package struct Cue: Sendable, Equatable {
    /// When the cue appears, in nanoseconds from the first frame.
    package var start: Int64
    /// When it goes, in nanoseconds; never before `start`.
    package var end: Int64
    /// The words without markup, lines joined by "\n", none of them blank.
    package var text: String
    /// Who speaks, where the file marks it (`<v Name>`).
    package var speaker: String?
    /// The line of the file where the times stand, counted from 1.
    package var line: Int
    /// The index or name above the times, as written.
    package var identifier: String?

    /// Makes a cue from its parts.
    package init(
        start: Int64, end: Int64, text: String, speaker: String? = nil, line: Int = 0,
        identifier: String? = nil
    ) {
        self.start = start
        self.end = end
        self.text = text
        self.speaker = speaker
        self.line = line
        self.identifier = identifier
    }
}
