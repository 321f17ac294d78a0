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
        /// What the film calls them, such as `SDH` or `Commentary`.
        package var name: String?
        /// What they are for, by the film's marks.
        package var marks: Set<Mark>

        /// Makes subtitles of a stream.
        package init(
            stream: Int, codec: String, language: String?, name: String? = nil,
            marks: Set<Mark> = []
        ) {
            self.stream = stream
            self.codec = codec
            self.language = language
            self.name = name
            self.marks = marks
        }

        /// A mark of subtitles.
        package enum Mark: String, Sendable, CaseIterable {
            /// Those that a player shows unless told.
            case shown = "default"
            /// Only what is not in the language of the sound, such as signs.
            case forced
            /// With sounds described, for the hard of hearing.
            case described = "hearing_impaired"
            /// What somebody says about the film.
            case comment
        }

        /// How little they are a film's dialogue: of several in one language the lowest is wanted.
        package var rank: Int {
            let name = name?.lowercased() ?? ""
            func has(_ mark: Mark, _ words: String...) -> Bool {
                marks.contains(mark) || words.contains { name.contains($0) }
            }
            let kind =
                has(.forced, "forced", "signs")
                ? 3
                : has(.comment, "comment") ? 2 : has(.described, "sdh", "hearing") ? 1 : 0
            return 2 * kind + (marks.contains(.shown) ? 0 : 1)
        }

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
