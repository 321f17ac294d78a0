// An ffmpeg that was started before there is a picture to read, and waits for it. Starting one
// takes longer than reading a picture: it is linked with some two hundred libraries.
//
// What must always hold: one reads one picture. One that waits ends with us, since its input then
// does.

/// Reads one picture without the wait for ffmpeg's start.
package final class WaitingStill {
    private let child: ChildProcess

    /// Starts ffmpeg, which then waits.
    package init() throws(FilmError) {
        child = try ChildProcess(
            FFmpeg.command(StillReader.words(for: "pipe:0")), outputs: [1], awaitsInput: true)
    }

    /// The process that waits.
    package var process: Int32 { child.process }

    /// The picture in some bytes, as `StillReader.picture` reads it; may be called once.
    ///
    /// Nil when it was not read: ffmpeg may have been ended while it waited, or the bytes are no
    /// picture or one that cannot be read from a pipe, which a fresh start tells.
    package func picture(_ bytes: [UInt8], seconds: Double) throws(FilmError) -> Picture? {
        child.feed(bytes)
        let planes = try FFmpeg.read(child, seconds)
        switch try child.finish() {
        case .exited(0): return Picture(planes: planes)
        // Told to end while it waited, it leaves as it does with a bad picture.
        case .exited, .killed: return nil
        }
    }
}
