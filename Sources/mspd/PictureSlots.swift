// How many pictures and clips of queries are read at a time: each takes a process and memory.

import Gateway
import Synchronization

enum PictureSlots {
    private static let count = 8
    private static let taken = Mutex(0)

    /// Takes a slot, for the pictures that an encoder is to be shown; refused when all are taken.
    static func take(for encoder: Encoder) throws(GatewayError) {
        let isFree = taken.withLock { taken in
            guard taken < count else { return false }
            taken += 1
            return true
        }
        guard !isFree else { return }
        throw GatewayError(
            "BUSY.encoder", retry: true,
            "encoder '\(encoder.name)': \(count) pictures are being read already")
    }

    static func leave() { taken.withLock { $0 -= 1 } }
}
