// A film's sound on its way to an encoder: in pieces, because a whole film is large and takes long,
// cut where it is quietest, because words should not be cut.

import Media

/// A piece of sound.
struct SoundPiece {
    /// Samples in a second, of 16 bits and one channel.
    private static let rate = SoundReader.rate
    /// How long a piece is at most, in seconds.
    static let seconds = 30.0
    /// How much of its end is searched for a quiet place, in seconds.
    static let searched = 8.0
    /// How long a quiet place has to be, in seconds.
    static let pause = 0.2

    /// Bytes of the longest piece.
    static let bytes = Int(seconds * Double(rate)) * 2

    /// Samples as little-endian bytes.
    let samples: [UInt8]

    /// Takes the next piece from the beginning of a sound: up to a quiet place, or all of it where
    /// it is shorter than a piece may be, which it is at its end alone.
    init(from sound: inout [UInt8]) {
        let count = sound.count < Self.bytes ? sound.count : Self.quietest(sound) * 2
        samples = Array(sound[..<count])
        sound.removeFirst(count)
    }

    /// How long it is in nanoseconds.
    var duration: Int64 { Int64(samples.count / 2) * 1_000_000_000 / Int64(Self.rate) }

    /// The samples with the header of a WAV file.
    var file: [UInt8] {
        func number(_ value: Int, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let format =
            number(1, 2) + number(1, 2) + number(Self.rate, 4) + number(Self.rate * 2, 4)
            + number(2, 2) + number(16, 2)
        return Array("RIFF".utf8) + number(36 + samples.count, 4) + Array("WAVEfmt ".utf8)
            + number(16, 4) + format + Array("data".utf8) + number(samples.count, 4) + samples
    }

    /// The middle of the quietest stretch near the end, in samples.
    private static func quietest(_ sound: [UInt8]) -> Int {
        let bytes = sound.span
        let count = bytes.count / 2
        let length = Int(pause * Double(rate))
        let first = max(0, count - Int(searched * Double(rate)))
        func loudness(_ sample: Int) -> Int {
            let bits = UInt16(bytes[sample * 2]) | UInt16(bytes[sample * 2 + 1]) << 8
            return Int(Int16(bitPattern: bits).magnitude)
        }
        guard count - first > length else { return count }
        var sum = (first..<(first + length)).reduce(0) { $0 + loudness($1) }
        var best = (sum: sum, start: first)
        for end in (first + length)..<count {
            sum += loudness(end) - loudness(end - length)
            // Of quiet places the last one, so that pieces are long.
            if sum <= best.sum { best = (sum, end - length + 1) }
        }
        return best.start + length / 2
    }
}
