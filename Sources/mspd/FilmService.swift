// What stands behind the gateway's door to films: files of this machine, read through ffmpeg.

import Gateway
import Media

/// Shows the films of a server to encoders.
struct FilmService: FilmSource {
    func pictures(of film: String) throws(GatewayError) -> FilmPictures {
        let extract = try Self.named(film) { () throws(FilmError) in try FilmExtract(of: film) }
        return FilmPictures(
            picture: { time throws(GatewayError) in
                try Self.named(film) { () throws(FilmError) in try extract.picture(at: time) }
            },
            clip: { start, end throws(GatewayError) in
                try Self.named(film) { () throws(FilmError) in
                    try extract.clip(from: start, to: end)
                }
            })
    }

    func sound(of film: String) throws(GatewayError) -> FilmSound {
        let reader = try Self.named(film) { () throws(FilmError) in try SoundReader(of: film) }
        return FilmSound(seconds: reader.seconds) { count throws(GatewayError) in
            try Self.named(film) { () throws(FilmError) in try reader.next(count) }
        }
    }

    /// What `body` gives; what goes wrong with a film is said with its name.
    private static func named<Value>(
        _ film: String, _ body: () throws(FilmError) -> Value
    ) throws(GatewayError) -> Value {
        do { return try body() } catch {
            throw GatewayError("FILM.unreadable", "\(film): \(error)")
        }
    }
}
