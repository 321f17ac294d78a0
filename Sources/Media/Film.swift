// What a film file says about itself, as far as an archive needs it: where its picture is, how fast
// it runs, which label its first frame has, and which subtitles it carries.

/// A film file's header.
package struct Film: Sendable, Equatable {
    /// Subtitles inside the file.
    package struct Subtitles: Sendable, Equatable {
        /// The number of the stream.
        package let stream: Int
        /// What ffmpeg calls their form: `subrip`, `mov_text`, `hdmv_pgs_subtitle`, ...
        package let codec: String
        /// Their language as the file says, such as `eng`.
        package let language: String?

        /// Whether they are pictures of text, which nobody can search.
        package var isPictures: Bool {
            ["hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub", "dvb_teletext"]
                .contains(codec)
        }
    }

    /// The number of the stream that holds the picture.
    package var stream: Int
    /// Columns of the picture, in pixels.
    package var width: Int
    /// Rows of the picture, in pixels.
    package var height: Int
    /// Frames per second; nil when they vary, or are in no range that labels can have.
    package var rate: FrameRate?
    /// How long the film lasts by its header, in nanoseconds; nil where it does not say.
    package var duration: Int64?
    /// How long the picture alone lasts, where the header says that.
    package var pictureDuration: Int64?
    /// When its earliest stream begins, on the file's own clock, in nanoseconds.
    package var earliest: Int64
    /// When the picture begins on the same clock, by the header.
    package var pictureStart: Int64
    /// The label of the first frame, such as `01:00:00:00`, or `01:00:00;00` in drop-frame.
    package var start: String?
    /// The subtitles that it carries.
    package var subtitles: [Subtitles]
}
