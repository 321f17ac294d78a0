// Why a film gave nothing. The sentences reach whoever imports it, so they say what to do where
// something can be done, and quote what ffmpeg said where only it knows.

import Glibc

/// Why a film, or a picture, could not be read.
package enum FilmError: Error, Equatable, CustomStringConvertible {
    /// There is no such program.
    case missing(String)
    /// The program refused the file; what it said, on one line.
    case unreadable(said: String)
    /// The file is a list of films that lie elsewhere.
    case playlist
    /// The file has sound, or something else, and no picture.
    case noPicture
    /// The file has a picture, or something else, and no sound.
    case noSound
    /// A picture has more pixels than are read.
    case tooLarge
    /// There is a picture stream, and not one frame could be read from it.
    case noFrames
    /// The film shows nothing at a time in nanoseconds.
    case nothing(at: Int64)
    /// The film ends before its header says so; both in nanoseconds.
    case truncated(at: Int64, of: Int64)
    /// The picture has another size where the time stamps begin anew, so many nanoseconds behind
    /// the first frame.
    case joined(at: Int64)
    /// The program wrote something that is not what it was asked for.
    case strange(String)
    /// The program did nothing for a long time.
    case stuck
    /// The system refused something, with this errno.
    case system(String, Int32)

    /// One sentence for a person.
    package var description: String {
        switch self {
        case .missing(let program):
            return "\(program) is not there; films are read by ffmpeg and ffprobe: "
                + "apt install ffmpeg"
        case .unreadable(let said):
            return "ffmpeg cannot read this" + (said.isEmpty ? "" : ": \(said)")
        case .playlist:
            return "this is a list of films that lie elsewhere; import those themselves"
        case .noPicture: return "this has no picture, so it has no shots"
        case .noSound: return "this has no sound"
        case .tooLarge:
            return
                "it has more than \(PictureLimit.most / 1_000_000) million pixels, the most that "
                + "are read; make it smaller"
        case .noFrames: return "not one frame of the picture could be read"
        case .nothing(let time): return "the film shows nothing at \(Self.seconds(time)) s"
        case .truncated(let end, let promised):
            return "the film is cut off: the picture ends at \(Self.seconds(end)) s of "
                + "\(Self.seconds(promised)) s"
        case .joined(let time):
            return
                "at \(Self.seconds(time)) s another film is joined to it, with another size and "
                + "time stamps of its own; take the two apart"
        case .strange(let what): return "ffmpeg wrote something unexpected: \(what)"
        case .stuck: return "ffmpeg did nothing for too long, and was ended"
        case .system(let what, let errno):
            return unsafe "the system refused to \(what): \(String(cString: strerror(errno)))"
        }
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        let tenths = nanoseconds / 100_000_000
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
