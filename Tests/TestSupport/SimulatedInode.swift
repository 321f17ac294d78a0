// One file of the simulated disk: its bytes as seen, its bytes as synced, and the changes from the
// one to the other.

/// One file's bytes, now and after a power cut.
struct SimulatedInode: Sendable {
    enum Change: Sendable {
        case write(Int, [UInt8])
        case truncate(Int)
    }

    private(set) var content: [UInt8] = []
    private(set) var synced: [UInt8] = []
    private(set) var unsynced: [Change] = []

    init() {}

    /// A file that is durable already.
    init(synced bytes: [UInt8]) {
        content = bytes
        synced = bytes
    }

    mutating func apply(_ change: Change) {
        Self.apply(change, to: &content)
        unsynced.append(change)
    }

    mutating func sync() {
        for change in unsynced { Self.apply(change, to: &synced) }
        unsynced = []
    }

    mutating func forgetUnsynced() { unsynced = [] }

    /// The bytes found after a power cut.
    func afterPowerCut(_ mode: FaultyFileSystem.PowerCut, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = synced
        switch mode {
        case .dropAll: break
        case .keepAll: for change in unsynced { Self.apply(change, to: &bytes) }
        case .random:
            for change in unsynced { Self.applyPerhaps(change, to: &bytes, &random) }
        }
        return bytes
    }

    private static func applyPerhaps(
        _ change: Change, to bytes: inout [UInt8], _ random: inout SeededRandom
    ) {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return
        case 1: apply(change, to: &bytes)
        default:
            guard case .write(let offset, let source) = change else { return }
            // The length may be there before the bytes are.
            if random.oneIn(2) { extend(&bytes, to: offset + source.count) }
            var start = offset
            while start < offset + source.count {
                let end = min((start / 512 + 1) * 512, offset + source.count)
                if random.oneIn(2) {
                    apply(.write(start, Array(source[start - offset..<end - offset])), to: &bytes)
                }
                start = end
            }
        }
    }

    static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .write(let offset, let source):
            extend(&bytes, to: offset + source.count)
            bytes.replaceSubrange(offset..<offset + source.count, with: source)
        case .truncate(let size):
            extend(&bytes, to: size)
            bytes.removeLast(bytes.count - size)
        }
    }

    static func extend(_ bytes: inout [UInt8], to size: Int) {
        if bytes.count < size {
            bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
        }
    }
}
