// The door through which the gateway looks into films, without knowing files or decoders. The
// program puts something behind it when it starts.

/// Shows pictures of films and plays their sound; blocks as long as that takes.
package protocol FilmSource: Sendable {
    /// The picture at a time in nanoseconds, as a file of some common format.
    func picture(of film: String, at time: Int64) throws(GatewayError) -> [UInt8]

    /// What is to be seen between two times in nanoseconds, as a small film without sound.
    func clip(of film: String, from start: Int64, to end: Int64) throws(GatewayError) -> [UInt8]

    /// The sound from a time on, in seconds, for so many seconds at most: 16-bit samples of one
    /// channel, 16,000 a second, little-endian; empty behind the end.
    func sound(of film: String, from start: Double, seconds: Double) throws(GatewayError) -> [UInt8]
}

/// Shows nothing: what a gateway has that was told of no films.
package struct NoFilms: FilmSource {
    /// Shows nothing.
    package init() {}

    private var refusal: GatewayError {
        GatewayError("FILM.none", "this server looks into no films")
    }

    /// Refuses.
    package func picture(of film: String, at time: Int64) throws(GatewayError) -> [UInt8] {
        throw refusal
    }

    /// Refuses.
    package func clip(
        of film: String, from start: Int64, to end: Int64
    ) throws(GatewayError) -> [UInt8] { throw refusal }

    /// Refuses.
    package func sound(
        of film: String, from start: Double, seconds: Double
    ) throws(GatewayError) -> [UInt8] { throw refusal }
}
