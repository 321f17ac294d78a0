// A block of a segment's rows before compression: for each row what no column of the segment has.
// Parts of one kind lie together, which packs better, and a key is told by the one before it, since
// keys mostly count.
//
//     block   = varint bytes of lengths | varint bytes of keys | varint bytes of extras
//               | lengths | keys | extras | texts
//     lengths   for each row the bytes of its text + 1 as a varint, 0 for none
//     keys      for each row a varint: bit 0, whether it has extras; bit 1, whether the key is the
//               one before with its number moved; above them by how much (zigzag), or how many
//               bytes it shares with the one before, and then the rest after its varint length
//     extras    for each row that has some, after its varint length: the row's bytes from the
//               vector on, with those attributes only that no column has

import Storage

/// The largest key number that counts: so many digits at the end of a key, the last ones.
private let mostDigits = 18

/// How many digits a key ends in.
private func digitCount(_ key: UnsafeBufferPointer<UInt8>) -> Int {
    var count = 0
    while count < min(key.count, mostDigits), unsafe isDigit(key[key.count - 1 - count]) {
        count += 1
    }
    return count
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

private func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int64 {
    unsafe digits.reduce(0) { $0 * 10 + Int64($1 &- UInt8(ascii: "0")) }
}

/// Gathers a block of rows.
struct RowBlockWriter {
    private var lengths = ByteWriter()
    private var keys = ByteWriter()
    private var extras = ByteWriter()
    private var texts = ByteWriter()
    private var previous: [UInt8] = []

    /// Bytes gathered so far.
    var count: Int { lengths.count + keys.count + extras.count + texts.count }

    /// Adds a row; `more` are its extras, empty for none, `text` is nil for none.
    mutating func add(
        key: UnsafeBufferPointer<UInt8>, text: UnsafeBufferPointer<UInt8>?, extras more: [UInt8]
    ) {
        lengths.varint(unsafe text.map { UInt64($0.count) + 1 } ?? 0)
        if let text = unsafe text { unsafe texts.bytes(UnsafeRawBufferPointer(text)) }
        unsafe add(key, flag: more.isEmpty ? 0 : 1)
        if !more.isEmpty { extras.lengthPrefixed(more) }
    }

    private mutating func add(_ key: UnsafeBufferPointer<UInt8>, flag: UInt64) {
        defer {
            previous.removeAll(keepingCapacity: true)
            unsafe previous.append(contentsOf: key)
        }
        if let move = unsafe move(to: key) {
            keys.varint(ZigZag.encode(move) << 2 | 2 | flag)
            return
        }
        let limit = min(previous.count, key.count)
        let shared = (0..<limit).first { unsafe previous[$0] != key[$0] } ?? limit
        keys.varint(UInt64(shared) << 2 | flag)
        keys.varint(UInt64(key.count - shared))
        unsafe keys.bytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(key)[shared...]))
    }

    /// By how much the number at the end of the key before moves to give this one.
    private func move(to key: UnsafeBufferPointer<UInt8>) -> Int64? {
        unsafe previous.withUnsafeBufferPointer { previous in
            let digits = unsafe digitCount(previous)
            let stem = previous.count - digits
            let count = key.count - stem
            guard digits > 0, count >= digits, count <= mostDigits,
                unsafe previous[..<stem].elementsEqual(key[..<stem]),
                unsafe key[stem...].allSatisfy({ isDigit($0) }),
                unsafe count == digits || key[stem] != UInt8(ascii: "0")
            else { return nil }
            return unsafe number(key[stem...]) - number(previous[stem...])
        }
    }

    /// The block's bytes; the next block begins.
    mutating func finish() -> [UInt8] {
        var block = ByteWriter(capacity: count + 12)
        for part in [lengths, keys, extras] { block.varint(UInt64(part.count)) }
        for part in [lengths, keys, extras, texts] { block.bytes(part.bytes) }
        lengths.bytes.removeAll(keepingCapacity: true)
        keys.bytes.removeAll(keepingCapacity: true)
        extras.bytes.removeAll(keepingCapacity: true)
        texts.bytes.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        return block.bytes
    }
}

/// Walks through an unpacked block, row after row.
///
/// The bytes are not trusted: what does not parse throws.
struct RowBlockCursor {
    /// The current row's key.
    private(set) var key: [UInt8] = []
    /// Where its text lies in the block; nil for none.
    private(set) var text: Range<Int>?
    /// Where its extras lie in the block; empty for none.
    private(set) var extras = 0..<0
    /// The block.
    let bytes: [UInt8]

    // What is left of each part.
    private var lengthsLeft = 0..<0
    private var keysLeft = 0..<0
    private var extrasLeft = 0..<0
    private var textsLeft = 0..<0

    /// Of a block without rows.
    init() { bytes = [] }

    /// Before the first row.
    init(_ block: [UInt8]) throws(DecodeError) {
        bytes = block
        var reader = ByteReader(block.rawSpan)
        let counts = (try reader.count(), try reader.count(), try reader.count())
        lengthsLeft = reader.position..<reader.position + counts.0
        keysLeft = lengthsLeft.upperBound..<lengthsLeft.upperBound + counts.1
        extrasLeft = keysLeft.upperBound..<keysLeft.upperBound + counts.2
        guard extrasLeft.upperBound <= block.count else {
            throw DecodeError(offset: reader.position, expected: "parts that fit the block")
        }
        textsLeft = extrasLeft.upperBound..<block.count
    }

    /// Whether every part has been read to its end.
    var isAtEnd: Bool {
        lengthsLeft.isEmpty && keysLeft.isEmpty && extrasLeft.isEmpty && textsLeft.isEmpty
    }

    /// Goes to the next row.
    mutating func advance() throws(DecodeError) {
        let bytes = self.bytes
        let length = try Self.varint(bytes, &lengthsLeft)
        text = length == 0 ? nil : try Self.take(length - 1, of: &textsLeft)
        let code = try Self.varint(bytes, &keysLeft)
        if code & 2 == 0 {
            try changeKey(keeping: code >> 2)
        } else {
            try moveKey(by: ZigZag.decode(code >> 2))
        }
        extras =
            code & 1 == 0
            ? 0..<0 : try Self.take(try Self.varint(bytes, &extrasLeft), of: &extrasLeft)
    }

    // Static, since a method of a value that lends out a part of itself is given a copy of it.

    private static func varint(
        _ bytes: [UInt8], _ part: inout Range<Int>
    ) throws(DecodeError) -> UInt64 {
        var reader = ByteReader(bytes.rawSpan.extracting(part))
        let value = try reader.varint()
        part = part.lowerBound + reader.position..<part.upperBound
        return value
    }

    private static func take(
        _ count: UInt64, of part: inout Range<Int>
    ) throws(DecodeError) -> Range<Int> {
        guard count <= UInt64(part.count) else {
            throw DecodeError(offset: part.lowerBound, expected: "\(count) bytes")
        }
        let taken = part.lowerBound..<part.lowerBound + Int(count)
        part = taken.upperBound..<part.upperBound
        return taken
    }

    private mutating func changeKey(keeping shared: UInt64) throws(DecodeError) {
        let rest = try Self.take(try Self.varint(bytes, &keysLeft), of: &keysLeft)
        guard shared <= UInt64(key.count) else {
            throw DecodeError(offset: rest.lowerBound, expected: "a longer key before")
        }
        key.removeSubrange(Int(shared)...)
        key.append(contentsOf: bytes[rest])
    }

    private mutating func moveKey(by move: Int64) throws(DecodeError) {
        let digits = unsafe key.withUnsafeBufferPointer { unsafe digitCount($0) }
        let stem = key.count - digits
        let old = unsafe key.withUnsafeBufferPointer { unsafe number($0[stem...]) }
        let (new, overflow) = old.addingReportingOverflow(move)
        guard digits > 0, !overflow, new >= 0, new < 1_000_000_000_000_000_000 else {
            throw DecodeError(offset: keysLeft.lowerBound, expected: "a key that counts")
        }
        var rest = new
        for index in stride(from: key.count - 1, through: stem, by: -1) {
            key[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        while rest > 0 {
            key.insert(UInt8(ascii: "0") + UInt8(rest % 10), at: stem)
            rest /= 10
        }
    }
}
