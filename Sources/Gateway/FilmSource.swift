// The door through which the gateway looks into films, without knowing files or decoders. The
// program puts something behind it when it starts.

/// Shows pictures of films and plays their sound; blocks as long as that takes.
package protocol FilmSource: Sendable {
    /// The pictures of a film.
    func pictures(of film: String) throws(GatewayError) -> FilmPictures

    /// The sound from the film's first frame on, to be read by one thread.
    func sound(of film: String) throws(GatewayError) -> FilmSound
}

/// What a film shows, at times in nanoseconds from its first frame on.
package struct FilmPictures {
    /// The picture at a time, as a file of some common format.
    let picture: (_ time: Int64) throws(GatewayError) -> [UInt8]
    /// What is to be seen between two times, as a small film without sound.
    let clip: (_ start: Int64, _ end: Int64) throws(GatewayError) -> [UInt8]

    /// Pictures that these two take.
    package init(
        picture: @escaping (_ time: Int64) throws(GatewayError) -> [UInt8],
        clip: @escaping (_ start: Int64, _ end: Int64) throws(GatewayError) -> [UInt8]
    ) {
        self.picture = picture
        self.clip = clip
    }
}

/// A film's sound on its way.
package struct FilmSound {
    /// How long the film is in seconds; nil when nobody knows.
    let seconds: Double?
    /// The next bytes of 16-bit samples of one channel, 16,000 a second, little-endian: as many as
    /// asked for, fewer only at the end.
    let next: (_ bytes: Int) throws(GatewayError) -> [UInt8]

    /// A sound that `next` reads.
    package init(
        seconds: Double?, next: @escaping (_ bytes: Int) throws(GatewayError) -> [UInt8]
    ) {
        self.seconds = seconds
        self.next = next
    }
}

/// Shows nothing: what a gateway has that was told of no films.
package struct NoFilms: FilmSource {
    /// Shows nothing.
    package init() {}

    private var refusal: GatewayError {
        GatewayError("FILM.none", "this server looks into no films")
    }

    /// Refuses.
    package func pictures(of film: String) throws(GatewayError) -> FilmPictures { throw refusal }

    /// Refuses.
    package func sound(of film: String) throws(GatewayError) -> FilmSound { throw refusal }
}
