// What the rows of a lane show: pictures and clips out of the title's film. A row has the frames
// that begin within it, so that a row of one frame shows that frame and not the one behind it.

import Media
import Segments

/// The film of a title, as the rows of one of its lanes are seen in it.
struct RowFilm {
    /// The attribute by which imported shots say of which file they are: its name, size and time of
    /// change, and by how much the times were moved, with colons between them.
    private static let origin = Array("film".utf8)

    private let path: String
    private let pictures: FilmPictures
    private let rate: FrameRate?
    /// What the rows say that are of this very file; empty where none says so.
    private let own: Set<[UInt8]>
    /// The keys of rows without a vector; of imported shots those that are all black or all white.
    var blank: Set<[UInt8]> = []

    /// The film at a path, for rows of a title.
    init(
        _ path: String, _ rate: FrameRate?, _ rows: [Annotation], _ films: any FilmSource
    ) throws(GatewayError) {
        self.path = path
        pictures = try films.pictures(of: path)
        self.rate = rate
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
        own = Set(
            rows.compactMap { $0.value(of: Self.origin) }.filter { origin in
                guard origin.starts(with: name + [UInt8(ascii: ":")]) else { return false }
                let parts = origin.dropFirst(name.count + 1).split(separator: UInt8(ascii: ":"))
                return parts.count >= 3 && parts[2].elementsEqual([UInt8(ascii: "0")])
            })
    }

    /// The picture in the middle of a row.
    func picture(_ row: Annotation) throws(GatewayError) -> EncoderInput {
        try check(row)
        let middle = row.start + (row.end - row.start) / 2
        return EncoderInput(.image, try pictures.picture(shown(middle)))
    }

    /// What a row shows from its beginning to its end.
    func clip(_ row: Annotation) throws(GatewayError) -> EncoderInput {
        try check(row)
        return EncoderInput(.video, try pictures.clip(shown(row.start), shown(row.end)))
    }

    /// Refuses a row of another reel than the title's film, and a shot in which nothing is seen.
    private func check(_ row: Annotation) throws(GatewayError) {
        guard let origin = row.value(of: Self.origin) else { return }
        guard !blank.contains(row.key) else {
            throw GatewayError("FILM.blank", "it is all black or all white")
        }
        guard !own.isEmpty, !own.contains(origin) else { return }
        throw GatewayError(
            "FILM.other",
            "it is of '\(String(decoding: origin.prefix(200), as: UTF8.self))', which is not the "
                + "title's film, \(path)")
    }

    /// A time just before the frame that is shown at `time`: a quarter of a frame, since containers
    /// round, and ffmpeg counts whole frames from there.
    private func shown(_ time: Int64) -> Int64 {
        guard let rate else { return time }
        let frame = Timecode.frame(at: time, rate: rate)
        let quarter = 250_000_000 * rate.denominator / rate.numerator
        return max(0, Timecode.nanoseconds(ofFrame: frame, rate: rate) - quarter)
    }
}
