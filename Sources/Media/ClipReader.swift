// A short clip that someone searches by, as one vector.

/// Reads clips.
package enum ClipReader {
    /// Frames a second that are looked at, and how many at most.
    private static let framesPerSecond = 2
    private static let framesMax = 120

    /// The vector of a clip: the mean of its frames', as of a shot's; black and white ones do not
    /// count where there are others.
    package static func vector(_ bytes: [UInt8], seconds: Double) throws(FilmError) -> [Float] {
        let planes = try ClipFile.with(bytes) { path throws(FilmError) in
            let some = try frames(path, "fps=\(framesPerSecond),", framesMax, seconds)
            // What is shorter than half of the time between two has its first frame.
            return some.isEmpty ? try frames(path, "", 1, seconds) : some
        }
        let pictures = stride(
            from: 0, to: planes.count - planes.count % Picture.bytes, by: Picture.bytes
        )
        .compactMap { Picture(planes: Array(planes[$0..<$0 + Picture.bytes])) }
        let lit = pictures.filter { !FrameTrace($0).isBlank }
        let vectors = (lit.isEmpty ? pictures : lit).map { Look.vector(of: $0) }
        guard let mean = Look.mean(vectors) else { throw .noFrames }
        return mean
    }

    private static func frames(
        _ path: String, _ chosen: String, _ count: Int, _ seconds: Double
    ) throws(FilmError) -> [UInt8] {
        do {
            return try PictureLimit.read { limit throws(FilmError) in
                try FFmpeg.output(
                    limit + [
                        "-i", "file:" + path, "-vf", chosen + Picture.filter, "-frames:v",
                        "\(count)", "-f", "rawvideo", "pipe:1",
                    ], of: path, seconds: seconds)
            }
        } catch {
            if case .unreadable(let said) = error { throw FFmpeg.refusal(said, .noPicture) }
            throw error
        }
    }
}
