// A film in, its shots out: reads the header, decodes the picture once, and finds shots on the way.

/// Reads the shots of films.
package enum ShotReader {
    /// Frames a second that may become a shot's picture.
    private static let thumbnails = 2.0
    /// What may be missing at the end of a picture: so much, or a tenth of it.
    ///
    /// Where more is missing, the film is cut off unless something else in it goes on: headers may
    /// give the length of the longest stream.
    private static let slack: Int64 = 5_000_000_000

    /// The shots of a film.
    ///
    /// With `framesPerSecond` shots are divided into parts of that rate, each with a vector and a
    /// picture of its own. `progress` is told where in the film the reading is, in nanoseconds.
    package static func shots(
        _ path: String, _ film: Film, framesPerSecond: Double? = nil,
        progress: (Int64) -> Void = { _ in }
    ) throws(FilmError) -> FilmShots {
        let reader = try FrameReader(path, film, largeSeconds: largeSeconds(film, framesPerSecond))
        var gatherer = ShotGatherer(framesPerSecond: framesPerSecond, rate: film.rate)
        var (last, distance) = (Int64(0), Int64(0))
        while let frame = try reader.next() {
            gatherer.add(frame)
            distance = frame.time - last
            last = frame.time
            progress(last)
        }
        let duration =
            reader.steadyRate.map { rate in
                let frame = Timecode.frame(at: last, rate: rate)
                return Timecode.nanoseconds(ofFrame: frame + 1, rate: rate)
            } ?? (last + distance)
        if let promised = film.pictureDuration ?? film.duration,
            case let missed = max(slack, promised / 10), promised - duration > missed,
            try !FilmProbe.goesOn(path, at: reader.origin + promised - missed)
        {
            throw .truncated(at: duration, of: promised)
        }
        gatherer.finish(end: duration)
        let start = FilmStart(path, film, first: reader.origin)
        // Behind a jump a time does not lead to its frame.
        let end = reader.jumps.first ?? .max
        let shots = try gatherer.shots.map { (shot) throws(FilmError) in
            shot.end <= end ? try withThumbnail(shot, path, film, start) : shot
        }
        return FilmShots(
            shots: shots, rate: reader.steadyRate, origin: reader.origin, duration: duration,
            complaint: reader.complaint, jumps: reader.jumps)
    }

    /// How many seconds lie between frames that may become pictures, at least.
    ///
    /// Parts begin at frames, so one may be a frame shorter than asked for; each has one of these.
    package static func largeSeconds(_ film: Film, _ framesPerSecond: Double?) -> Double {
        guard let framesPerSecond else { return 1 / thumbnails }
        let part = 1 / framesPerSecond
        let frame = film.rate.map { Double($0.denominator) / Double($0.numerator) } ?? part / 2
        return min(1 / thumbnails, max(0, part - frame))
    }

    /// A shot that was too short for a picture gets one by seeking.
    private static func withThumbnail(
        _ shot: Shot, _ path: String, _ film: Film, _ start: FilmStart
    ) throws(FilmError) -> Shot {
        guard shot.thumbnail == nil, shot.vector != nil else { return shot }
        let middle = shot.start + (shot.end - shot.start) / 2
        let jpeg = try StillReader.jpeg(of: path, film, at: middle, start)
        return Shot(
            number: shot.number, part: shot.part, start: shot.start, end: shot.end,
            vector: shot.vector, thumbnail: jpeg)
    }
}
