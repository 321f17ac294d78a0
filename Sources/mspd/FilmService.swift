// What stands behind the gateway's door to films: files of this machine, read through ffmpeg.

import Gateway
import Media

/// Shows the films of a server to encoders.
struct FilmService: FilmSource {
    func picture(of film: String, at time: Int64) throws(GatewayError) -> [UInt8] {
        do { return try FilmExtract.picture(of: film, at: time) } catch {
            throw GatewayError("FILM.unreadable", "\(film): \(error)")
        }
    }

    func clip(
        of film: String, from start: Int64, to end: Int64
    ) throws(GatewayError) -> [UInt8] {
        do { return try FilmExtract.clip(of: film, from: start, to: end) } catch {
            throw GatewayError("FILM.unreadable", "\(film): \(error)")
        }
    }

    func sound(of film: String) throws(GatewayError) -> FilmSound {
        let reader: SoundReader
        do { reader = try SoundReader(of: film) } catch {
            throw GatewayError("FILM.unreadable", "\(film): \(error)")
        }
        return FilmSound(seconds: reader.seconds) { count throws(GatewayError) in
            do { return try reader.next(count) } catch {
                throw GatewayError("FILM.unreadable", "\(film): \(error)")
            }
        }
    }
}
