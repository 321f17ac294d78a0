// The list that ffmpeg writes beside what it decodes, read line by line as it comes; and bytes that
// wait until a packet of them is whole.

/// Packets that were announced and not yet taken.
struct PacketList {
    /// One packet.
    struct Packet {
        /// A small picture; otherwise a large one.
        let isPicture: Bool
        /// In ticks.
        let time: Int64
        let bytes: Int
    }

    /// How long a tick is, in seconds; nil before the list said so.
    private(set) var tick: (top: Int64, bottom: Int64)?
    private var packets: [Packet] = []
    private var taken = 0
    private var line: [UInt8] = []
    private var isClosed = false

    /// The packet at the front.
    var first: Packet? { taken < packets.count ? packets[taken] : nil }

    /// Whether it is known what comes behind the front, be it the end.
    var isSecondKnown: Bool { isClosed || taken + 1 < packets.count }

    /// The packet behind the front.
    var second: Packet? { taken + 1 < packets.count ? packets[taken + 1] : nil }

    mutating func removeFirst(_ count: Int) {
        taken += count
        if taken > 1_024 {
            packets.removeFirst(taken)
            taken = 0
        }
    }

    /// Says that no more comes.
    mutating func close() { isClosed = true }

    /// Takes bytes of the list.
    mutating func append(_ bytes: [UInt8]) {
        for byte in bytes {
            guard byte == 10 else {
                line.append(byte)
                continue
            }
            read()
            line.removeAll(keepingCapacity: true)
        }
    }

    private mutating func read() {
        if line.first == UInt8(ascii: "#") {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count == 3, words[0] == "#tb", words[1] == "0:" else { return }
            let parts = words[2].split(separator: "/").compactMap { Int64($0) }
            if parts.count == 2, parts[0] > 0, parts[1] > 0 { tick = (parts[0], parts[1]) }
            return
        }
        let fields = line.split(separator: UInt8(ascii: ",")).map { field in
            Int64(String(decoding: field.filter { $0 != 32 }, as: UTF8.self))
        }
        guard fields.count >= 5, let stream = fields[0], let time = fields[2],
            let bytes = fields[4], bytes > 0, bytes < 1 << 30
        else { return }
        packets.append(Packet(isPicture: stream == 0, time: time, bytes: Int(bytes)))
    }
}

/// Bytes in the order in which they came.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var taken = 0

    var count: Int { bytes.count - taken }

    mutating func append(_ more: [UInt8]) {
        if taken > 0 {
            bytes.removeFirst(taken)
            taken = 0
        }
        bytes += more
    }

    /// The first bytes, which must be there.
    mutating func take(_ count: Int) -> [UInt8] {
        defer { taken += count }
        return Array(bytes[taken..<taken + count])
    }
}
