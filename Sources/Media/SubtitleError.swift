// Why a whole file gave nothing. The sentences reach whoever imports the file, so they name what
// the file seems to be.

/// Why no subtitles could be read from a file at all.
package enum SubtitleError: Error, Equatable, CustomStringConvertible {
    /// The file is something else, recognised by its first bytes: "a JPEG image", "binary data".
    case notText(what: String)
    /// The file has no characters but blanks.
    case empty
    /// The file is text, but no cue in it could be read.
    case noCues(problems: [SubtitleProblem])
    /// The text is neither SubRip nor WebVTT.
    case unknownFormat
    /// The file is longer than `SubtitleReader.maximumBytes`.
    case tooLarge(bytes: Int)

    /// One sentence for a person.
    package var description: String {
        switch self {
        case .notText(let what):
            return "this is \(what), not a subtitle file"
        case .empty:
            return "the file is empty"
        case .noCues(let problems):
            guard let first = problems.first else { return "the file has no cues" }
            return "no cue could be read; line \(first.line): \(first.message)"
        case .unknownFormat:
            return "this is neither SubRip nor WebVTT: no line has times such as "
                + "00:01:02,500 --> 00:01:04,000"
        case .tooLarge(let bytes):
            return "the file has \(bytes) bytes; at most \(SubtitleReader.maximumBytes) are read"
        }
    }
}
