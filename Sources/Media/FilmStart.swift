// Where time 0 of a film lies. Sound may begin before the picture, and some containers count from
// any number; a title's times count from the first frame, as its shots and subtitles do.

/// The first frame of a film's picture.
package struct FilmStart {
    /// Frames by which a codec moves one at most, which no encoder comes near.
    private static let reordered: Int64 = 16

    /// The number of the stream with the picture.
    let stream: Int
    /// The first frame's own time in the file, in nanoseconds.
    package let origin: Int64
    /// The same from the time on from which ffmpeg counts where it is told to begin: that of the
    /// earliest stream.
    let lead: Int64
    /// How far apart the places of a frame may be in the order of storage and in that of showing,
    /// in nanoseconds.
    let reach: Int64

    /// Reads the first frame of a film, as what finds its shots does.
    init(of path: String) throws(FilmError) {
        try self.init(of: path, FilmProbe.film(at: path))
    }

    /// The same of a film whose header is known.
    package init(of path: String, _ film: Film) throws(FilmError) {
        let reader = try FrameReader(path, film, largeSeconds: 1)
        guard try reader.next() != nil else { throw .noFrames }
        self.init(path, film, first: reader.origin)
    }

    /// The same where a reader of the film says when its first frame is.
    init(_ path: String, _ film: Film, first: Int64) {
        stream = film.stream
        // Streams as they are sent may begin before the first frame that can be decoded; and where
        // one begins at 0, ffmpeg takes what the picture alone is late for a fault, and mends it.
        let isMended = FFmpeg.isStream(path) && film.earliest == 0
        origin = isMended ? max(first, film.pictureStart) : first
        lead = max(0, origin - film.earliest)
        let frames = film.rate.map { Timecode.nanoseconds(ofFrame: Self.reordered, rate: $0) }
        reach = max(frames ?? 0, 1_000_000_000)
    }
}
