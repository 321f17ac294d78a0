// Makes a frame that ffmpeg made small a JPEG. Many frames may become a shot's picture and few do,
// so they come as they are and are made JPEGs here once they are chosen: ffmpeg would have to make
// one of each, or be started again.

import CTurboJPEG

/// Writes JPEGs of frames that are planes of brightness, blue and red.
///
/// The colours are half as wide and high; values are in the steps of video: 16 to 235, and 16 to
/// 240.
package enum ThumbnailWriter {
    /// Rows of every picture.
    package static let rows = 180
    /// Bytes of one column of all planes.
    private static let columnBytes = rows + rows / 2
    /// As good as ffmpeg at quality 4.
    private static let quality: Int32 = 88

    /// For each step of video the one of pictures, 0 to 255.
    private static let brightness = (0...255).map { whole(255 * Double($0 - 16) / 219) }
    private static let colour = (0...255).map { whole(255 * Double($0 - 128) / 224 + 128) }

    private static func whole(_ value: Double) -> UInt8 {
        UInt8(min(max(value.rounded(), 0), 255))
    }

    /// The JPEG of a frame's planes one behind the other; nil where they are none.
    package static func jpeg(_ planes: [UInt8]) -> [UInt8]? {
        let width = planes.count / columnBytes
        guard width > 0, width % 2 == 0, width * columnBytes == planes.count,
            let compressor = unsafe tjInitCompress()
        else { return nil }
        defer { unsafe tjDestroy(compressor) }
        let count = width * rows
        let full =
            planes[..<count].map { brightness[Int($0)] } + planes[count...].map { colour[Int($0)] }
        var jpeg: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        defer { unsafe tjFree(jpeg) }
        let status = unsafe full.withUnsafeBufferPointer { full in
            var starts = unsafe [0, count, count + count / 4].map { place in
                unsafe full.baseAddress.map { unsafe $0 + place }
            }
            return unsafe tjCompressFromYUVPlanes(
                compressor, &starts, Int32(width), nil, Int32(rows), Int32(TJSAMP_420.rawValue),
                &jpeg, &size, quality, TJFLAG_PROGRESSIVE)
        }
        guard status == 0, let bytes = unsafe jpeg else { return nil }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }
}
