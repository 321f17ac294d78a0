// What encoders of pictures are shown of what a query brings: a picture of a rare format as a PNG,
// and, unless they take clips themselves, a clip as some of its pictures. Reading these takes
// processes and time, so it happens on a thread of its own, and only where it is needed.

import Encoders
import Gateway
import Media

enum ShownPictures {
    /// Pictures that are taken of a clip at most.
    private static let picturesMax = 16

    /// How files of formats begin that every program reads.
    private static let common: [[UInt8]] = [
        [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47], Array("GIF8".utf8), Array("BM".utf8),
    ]

    /// Has inputs made into what an encoder takes: one group of inputs for each.
    static func prepare(
        _ inputs: [EncoderInput], for encoder: Encoder,
        then: @escaping @Sendable (Result<[[EncoderInput]], GatewayError>) -> Void
    ) {
        guard inputs.contains(where: { needsReading($0, encoder) }) else {
            return then(.success(inputs.map { [$0] }))
        }
        do throws(GatewayError) { try PictureSlots.take(for: encoder) } catch {
            return then(.failure(error))
        }
        onThread {
            let groups = Result { () throws(GatewayError) in
                do throws(FilmError) {
                    var groups: [[EncoderInput]] = []
                    for input in inputs { groups.append(try group(input, encoder)) }
                    return groups
                } catch { throw GatewayError("ENCODER.refused", "\(error)") }
            }
            PictureSlots.leave()
            then(groups)
        }
    }

    /// The vector of each group: the mean of several, of length 1.
    static func pooled(_ vectors: [[Float]], _ counts: [Int]) -> [[Float]] {
        var rest = vectors[...]
        return counts.map { count in
            let group = rest.prefix(count)
            rest = rest.dropFirst(count)
            guard count > 1, var sum = group.first else { return group.first ?? [] }
            for vector in group.dropFirst() {
                for index in sum.indices { sum[index] += vector[index] }
            }
            let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return length > 0 ? sum.map { $0 / length } : sum
        }
    }

    private static func isClip(_ input: EncoderInput, _ encoder: Encoder) -> Bool {
        input.kind == .video && !encoder.accepts.contains(.video)
    }

    private static func needsReading(_ input: EncoderInput, _ encoder: Encoder) -> Bool {
        let isRare = input.kind == .image && !common.contains { input.bytes.starts(with: $0) }
        return isRare || isClip(input, encoder)
    }

    private static func group(
        _ input: EncoderInput, _ encoder: Encoder
    ) throws(FilmError) -> [EncoderInput] {
        guard needsReading(input, encoder) else { return [input] }
        guard isClip(input, encoder) else {
            return [EncoderInput(.image, try FilmExtract.png(input.bytes))]
        }
        return try FilmExtract.pictures(ofClip: input.bytes, atMost: picturesMax).map {
            EncoderInput(.image, $0)
        }
    }
}

/// Runs `body` on a thread of its own, for which nobody waits; here where there is none to be had.
func onThread(_ body: @escaping @Sendable () -> Void) {
    if !startThread(body) { body() }
}
