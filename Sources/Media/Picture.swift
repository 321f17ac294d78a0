// A frame as the detector of shots and the encoder `look` see it: small, always of one size, in
// three planes of bytes. Its proportions are given up: what is compared was squeezed alike.

/// A small picture: planes of green, blue and red, each 72 rows of 96 bytes.
package struct Picture: Sendable, Equatable {
    /// Columns of every picture.
    package static let width = 96
    /// Rows of every picture.
    package static let height = 72
    /// Bytes of one plane.
    static let plane = width * height
    /// Bytes of all planes.
    package static let bytes = 3 * plane
    /// ffmpeg's filter that makes such pictures.
    static let filter = "scale=\(width):\(height):flags=area,format=gbrp"

    /// The same for the frames of a film with so many rows.
    static func filter(ofRows rows: Int) -> String { fewer(rows, leaving: height).filters + filter }

    /// Filters that leave out every second of a film's rows as long as so many are left, and how
    /// many rows become one: this costs nothing, and scaling costs as much as there are rows.
    static func fewer(_ rows: Int, leaving least: Int) -> (filters: String, part: Int) {
        var (filters, part) = ("", 1)
        while rows / (2 * part) >= least {
            part *= 2
            filters += "field,"
        }
        return (filters, part)
    }

    /// The planes behind one another.
    package let planes: [UInt8]

    /// A picture of its planes; nil unless there are as many bytes as it takes.
    package init?(planes: [UInt8]) {
        guard planes.count == Picture.bytes else { return nil }
        self.planes = planes
    }
}
