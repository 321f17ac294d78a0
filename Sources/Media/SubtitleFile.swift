// What a subtitle reader makes of a file: the cues that could be read, and a list of what could
// not, each with its line. One broken cue never costs the others.

/// Something in a subtitle file that was not read as written.
package struct SubtitleProblem: Sendable, Equatable {
    /// The line of the file, counted from 1.
    package var line: Int
    /// What is wrong and how to write it, in one sentence.
    package var message: String

    /// Makes a problem at a line.
    package init(line: Int, message: String) {
        self.line = line
        self.message = message
    }
}

/// A subtitle file that was read: its cues in file order, never none.
package struct SubtitleFile: Sendable, Equatable {
    /// The cues, in the order of the file.
    package var cues: [Cue]
    /// What was left out or changed; at most `SubtitleReader.maximumProblems` and one more.
    package var problems: [SubtitleProblem]
    /// Whether its captions roll up, so that lines that were shown again are left out.
    package var rollsUp: Bool
    /// How the bytes were read as characters.
    package var encoding: TextEncoding
    /// The format the file turned out to have.
    package var format: SubtitleFormat
}
