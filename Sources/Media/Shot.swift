// A shot of a film, or a part of one: its place, what it looks like, and a picture of it.

/// A stretch of a film without a cut.
package struct Shot: Sendable {
    /// The number of the shot in its film, from 1.
    package let number: Int
    /// Which part of the shot this is, from 1; a shot that was not divided is one part.
    package let part: Int
    /// From the film's first frame, in nanoseconds.
    package let start: Int64
    /// When the next shot begins, counted the same way.
    package let end: Int64
    /// What it looks like (`Look`); nil when it is all black or all white.
    package let vector: [Float]?
    /// A JPEG of its stillest, richest frame; nil when it is all black or all white.
    package let thumbnail: [UInt8]?
}

/// What was found in a film.
package struct FilmShots: Sendable {
    /// The shots in the order of the film.
    package let shots: [Shot]
    /// The film's rate, when its frames stand where it says; nil when they vary.
    package let rate: FrameRate?
    /// The time stamp of the first frame in the file, in nanoseconds: subtitles in the file are
    /// early by so much.
    package let origin: Int64
    /// How long the picture lasts, in nanoseconds.
    package let duration: Int64
    /// What ffmpeg complained of while it went on, on one line; nil for nothing.
    package let complaint: String?
    /// Where time stamps begin anew in the file, from the first frame on, in nanoseconds; what is
    /// behind that counts on.
    package let jumps: [Int64]
}
