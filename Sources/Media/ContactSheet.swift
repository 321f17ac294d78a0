// A contact sheet: pictures side by side with a line or two below each, as one PNG, for people who
// would rather look than read. Pictures are decoded, labelled and the sheet is encoded by ffmpeg;
// here they are only laid out. Each is decoded by a process of its own, so a broken one leaves a
// grey place and the rest is there.

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
        var hasLines = true
        for (place, tile) in tiles.enumerated() {
            let (row, column) = place.quotientAndRemainder(dividingBy: columns)
            var picture = try? self.pixels(tile, withLines: hasLines)
            if picture == nil, hasLines {
                picture = try? self.pixels(tile, withLines: false)
                if picture != nil { hasLines = false }
            }
            let drawn = picture ?? [UInt8](repeating: 64, count: 3 * width * height)
            for line in 0..<height {
                let y = gap + row * (height + gap) + line
                let start = 3 * (y * wide + gap + column * (width + gap))
                pixels.replaceSubrange(
                    start..<start + 3 * width,
                    with: drawn[3 * width * line..<3 * width * (line + 1)])
            }
        }
        let png = try FFmpeg.output(
            [
                "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(wide)x\(high)", "-i", "pipe:0",
                "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "pipe:1",
            ], input: pixels)
        return (png, hasLines)
    }

    /// One tile: three bytes a pixel, row by row.
    private static func pixels(_ tile: Tile, withLines: Bool) throws(FilmError) -> [UInt8] {
        var filter =
            "scale=\(width):\(pictureHeight):force_original_aspect_ratio=decrease,"
            + "pad=\(width):\(pictureHeight):-1:-1,pad=\(width):\(height):0:0:0x181818"
        if withLines {
            let font = fonts.first { unsafe access($0, R_OK) == 0 }.map { "fontfile=\($0):" } ?? ""
            for (number, line) in tile.lines.prefix(lines).enumerated() {
                let y = pictureHeight + number * lineHeight + 3
                filter +=
                    ",drawtext=\(font)expansion=none:fontsize=14:fontcolor=white:x=4:y=\(y):"
                    + "text=\(escaped(String(line.prefix(42))))"
            }
        }
        let bytes = try FFmpeg.output(
            [
                "-i", "pipe:0", "-frames:v", "1", "-vf", filter, "-pix_fmt", "rgb24", "-f",
                "rawvideo", "pipe:1",
            ], input: tile.jpeg)
        guard bytes.count == 3 * width * height else { throw .noFrames }
        return bytes
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
