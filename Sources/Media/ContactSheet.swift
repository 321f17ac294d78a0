// A contact sheet: pictures side by side with a line or two below each, as one PNG, for people who
// would rather look than read. Pictures are decoded, labelled and the sheet is encoded by ffmpeg;
// here they are only laid out. One process decodes all, since its start takes longer than a
// picture; where one of them is broken each has a process of its own, so that it leaves a grey
// place and the rest is there.

import Glibc

/// Lays out pictures.
package enum ContactSheet {
    /// A picture with what stands below it.
    package struct Tile: Sendable {
        let jpeg: [UInt8]
        let lines: [String]

        /// A picture in any format that ffmpeg reads; `lines` are cut where they do not fit.
        package init(jpeg: [UInt8], lines: [String]) {
            self.jpeg = jpeg
            self.lines = lines
        }
    }

    private static let width = 320
    private static let pictureHeight = 180
    private static let lineHeight = 20
    private static let lines = 2
    private static let gap = 8
    private static var height: Int { pictureHeight + lines * lineHeight }
    /// The most pictures of one sheet.
    package static let tilesMax = 200
    private static let fonts = ["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"]

    /// The sheet as a PNG, and whether the lines are on it: without a font they are not.
    package static func png(
        _ tiles: [Tile], columns: Int = 5
    ) throws(FilmError) -> (bytes: [UInt8], hasLines: Bool) {
        let tiles = tiles.prefix(tilesMax)
        let columns = max(1, min(columns, tiles.count))
        let rows = max(1, (tiles.count + columns - 1) / columns)
        let (wide, high) = (columns * (width + gap) + gap, rows * (height + gap) + gap)
        var pixels = [UInt8](repeating: 24, count: 3 * wide * high)
        let plain = try decoded(tiles)
        let labelled = labelled(plain, tiles)
        let drawn = labelled ?? plain
        for place in tiles.indices {
            let (row, column) = place.quotientAndRemainder(dividingBy: columns)
            for line in 0..<height {
                let y = gap + row * (height + gap) + line
                let start = 3 * (y * wide + gap + column * (width + gap))
                let from = place * bytes + 3 * width * line
                pixels.replaceSubrange(
                    start..<start + 3 * width, with: drawn[from..<from + 3 * width])
            }
        }
        let png = try FFmpeg.output(
            [
                "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(wide)x\(high)", "-i", "pipe:0",
                "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "pipe:1",
            ], input: pixels)
        return (png, labelled != nil)
    }

    // MARK: Tiles, each three bytes a pixel, row by row, one behind the other

    private static var bytes: Int { 3 * width * height }
    private static let filter =
        "scale=\(width):\(pictureHeight):force_original_aspect_ratio=decrease,"
        + "pad=\(width):\(pictureHeight):-1:-1,pad=\(width):\(height):0:0:0x181818"

    /// The pictures, with room for lines below.
    private static func decoded(_ tiles: ArraySlice<Tile>) throws(FilmError) -> [UInt8] {
        if tiles.allSatisfy({ $0.jpeg.starts(with: [0xFF, 0xD8]) }),
            let all = try? raw(tiles.flatMap(\.jpeg), as: ["-f", "image2pipe", "-c:v", "mjpeg"]),
            all.count == tiles.count * bytes
        {
            return all
        }
        var all: [UInt8] = []
        for tile in tiles {
            let own = try? raw(tile.jpeg, as: [])
            let isWhole = own?.count ?? 0 >= bytes
            all += isWhole ? own?.prefix(bytes) ?? [] : [UInt8](repeating: 64, count: bytes)[...]
        }
        return all
    }

    private static func raw(_ input: [UInt8], as form: [String]) throws(FilmError) -> [UInt8] {
        try FFmpeg.output(
            form + ["-i", "pipe:0", "-vf", filter, "-vsync", "passthrough"] + rawOutput,
            input: input)
    }

    private static let rawOutput = ["-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]

    /// The same with lines below them; nil where none can be written.
    ///
    /// Some tiles at a time, since there is a limit to the length of what a program is told.
    private static func labelled(_ plain: [UInt8], _ tiles: ArraySlice<Tile>) -> [UInt8]? {
        var all: [UInt8] = []
        for first in stride(from: 0, to: tiles.count, by: atOnce) {
            let some = first..<min(first + atOnce, tiles.count)
            let filters = some.flatMap { labels(tiles[$0], at: $0 - first) }
            let input = [
                "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(width)x\(height)", "-i", "pipe:0",
                "-vf", (["null"] + filters).joined(separator: ","),
            ]
            let pixels = Array(plain[some.lowerBound * bytes..<some.upperBound * bytes])
            guard let drawn = try? FFmpeg.output(input + rawOutput, input: pixels),
                drawn.count == pixels.count
            else { return nil }
            all += drawn
        }
        return all
    }

    /// Tiles that get their lines at once.
    private static let atOnce = 50

    /// What writes the lines of the tile with a number.
    private static func labels(_ tile: Tile, at number: Int) -> [String] {
        let font = fonts.first { unsafe access($0, R_OK) == 0 }.map { "fontfile=\($0):" } ?? ""
        return tile.lines.prefix(lines).enumerated().map { place, line in
            let y = pictureHeight + place * lineHeight + 3
            // Letters that are made of many are cut, too.
            let text = escaped(String(line.prefix(42).unicodeScalars.prefix(100)))
            return "drawtext=\(font)expansion=none:fontsize=14:fontcolor=white:x=4:y=\(y):"
                + "enable=eq(n\\,\(number)):text=\(text)"
        }
    }

    /// A text as the value of an option of a filter: what ends options is escaped, then what ends
    /// filters.
    static func escaped(_ text: String) -> String {
        var text = text
        for signs in ["\\':", "\\'[],;"] {
            text = String(text.flatMap { signs.contains($0) ? ["\\", $0] : [$0] })
        }
        return text.isEmpty ? "\\ " : text
    }
}
