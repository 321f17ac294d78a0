// The encoder `look`, which is built in: pictures and clips that a query brings are read through
// ffmpeg, on threads of their own, so that no search waits for them. Whoever has shown a picture
// leaves an ffmpeg behind that waits for the next one, so that nobody waits for its start.

import Gateway
import Media
import Synchronization

/// Makes vectors of pictures and clips by what they look like.
enum LookEncoder {
    /// What the gateway knows of it.
    static let encoder = Encoder(
        name: Look.name, accepts: [.image, .video], dimension: Look.dimension)

    private static let waiting = Mutex<WaitingStill?>(nil)

    /// Makes the vectors; `then` is called once, from another thread or from here.
    static func vectors(
        of inputs: [EncoderInput], seconds: Double,
        then: @escaping @Sendable (Result<[[Float]], GatewayError>) -> Void
    ) {
        do throws(GatewayError) { try PictureSlots.take(for: encoder) } catch {
            return then(.failure(error))
        }
        onThread {
            let result = vectors(of: inputs, seconds)
            PictureSlots.leave()
            then(result)
        }
    }

    private static func vectors(
        of inputs: [EncoderInput], _ seconds: Double
    ) -> Result<[[Float]], GatewayError> {
        var vectors: [[Float]] = []
        do throws(FilmError) {
            for input in inputs {
                vectors.append(
                    input.kind == .video
                        ? try ClipReader.vector(input.bytes, seconds: seconds)
                        : Look.vector(of: try picture(input.bytes, seconds)))
            }
            return .success(vectors)
        } catch {
            let text = "encoder '\(Look.name)': \(error)"
            switch error {
            case .missing, .system: return .failure(GatewayError("ENCODER.start", text))
            case .stuck: return .failure(GatewayError("ENCODER.timeout", retry: true, text))
            default: return .failure(GatewayError("ENCODER.refused", text))
            }
        }
    }

    private static func picture(
        _ bytes: [UInt8], _ seconds: Double
    ) throws(FilmError) -> Picture {
        try StillReader.checkEnd(bytes)
        defer { leaveOne() }
        if let picture = try takeOne()?.picture(bytes, seconds: seconds) { return picture }
        return try StillReader.picture(bytes, seconds: seconds)
    }

    private static func takeOne() -> WaitingStill? {
        waiting.withLock { slot in
            let one = slot
            slot = nil
            return one
        }
    }

    /// Starts one for who comes next, unless one waits.
    private static func leaveOne() {
        waiting.withLock { slot in
            if slot == nil { slot = try? WaitingStill() }
        }
    }
}
