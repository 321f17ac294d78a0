// Reads a row in place, without a copy of its parts: what indexing a million lines needs.
// The row was validated when it was made and its checksum verified when it was read, so a row that
// does not parse is a fault of this program.

import Storage

/// The parts of a row that stays where it is.
@unsafe struct RowView {
    let title: UnsafeBufferPointer<UInt8>
    let start: Int64
    let end: Int64
    let key: UnsafeBufferPointer<UInt8>
    /// Empty where there is no text, or none in it.
    let text: UnsafeBufferPointer<UInt8>
    /// Whether there is a text, be it empty.
    let hasText: Bool
    /// The vector with its count before it; a count of 0 for none.
    let vector: UnsafeBufferPointer<UInt8>
    /// The numbers of the vector, little-endian.
    let floats: UnsafeRawBufferPointer
    private let rest: UnsafePointer<UInt8>
    private let limit: UnsafePointer<UInt8>

    /// Nil when the bytes are no row.
    init?(_ row: UnsafeBufferPointer<UInt8>) {
        guard var next = row.baseAddress else { return nil }
        let limit = unsafe next + row.count
        guard let title = unsafe Self.prefixed(&next, limit),
            let start = unsafe readVarint(&next, end: limit),
            let duration = unsafe readVarint(&next, end: limit),
            let key = unsafe Self.prefixed(&next, limit),
            let textCount = unsafe readVarint(&next, end: limit),
            let text = unsafe Self.take(textCount == 0 ? 0 : textCount - 1, &next, limit),
            start <= UInt64(Int64.max), duration <= UInt64(Int64.max) - start
        else { return nil }
        let vector = unsafe next
        guard let count = unsafe readVarint(&next, end: limit), count <= UInt64(row.count),
            let floats = unsafe Self.take(count * 4, &next, limit)
        else { return nil }
        unsafe self.title = title
        unsafe self.start = Int64(start)
        unsafe end = Int64(start + duration)
        unsafe self.key = key
        unsafe self.text = text
        unsafe hasText = textCount > 0
        unsafe self.vector = UnsafeBufferPointer(start: vector, count: next - vector)
        unsafe self.floats = UnsafeRawBufferPointer(floats)
        unsafe rest = next
        unsafe self.limit = limit
    }

    /// Writes the row, which this is of, as it would be without a vector.
    func copyWithoutVector(_ row: UnsafeBufferPointer<UInt8>, into copy: inout [UInt8]) {
        copy.removeAll(keepingCapacity: true)
        guard let start = row.baseAddress, let first = unsafe vector.baseAddress else { return }
        unsafe copy.append(contentsOf: UnsafeBufferPointer(start: start, count: first - start))
        copy.append(0)
        unsafe copy.append(contentsOf: UnsafeBufferPointer(start: rest, count: limit - rest))
    }

    /// Whether the attributes parse too, and nothing comes after them.
    var isSound: Bool {
        var attributes = unsafe self.attributes
        while unsafe attributes.next() != nil {}
        return unsafe attributes.isAtEnd
    }

    /// Its attributes.
    var attributes: Attributes { unsafe Attributes(rest, limit) }

    /// Walks through the attributes; stops early where one does not parse.
    @unsafe struct Attributes {
        /// One attribute, where it stands in the row.
        typealias Element = (
            name: UnsafeBufferPointer<UInt8>, type: AttributeType,
            value: UnsafeBufferPointer<UInt8>
        )

        private var place: UnsafePointer<UInt8>
        private let limit: UnsafePointer<UInt8>
        private var left: UInt64?

        fileprivate init(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) {
            unsafe place = start
            unsafe self.limit = limit
            unsafe left = readVarint(&place, end: limit)
        }

        /// Whether all have been read, and nothing comes after them.
        var isAtEnd: Bool { unsafe left == 0 && place == limit }

        /// The next attribute.
        mutating func next() -> Element? {
            guard let count = unsafe left, count > 0,
                let name = unsafe RowView.prefixed(&place, limit), unsafe place < limit,
                let type = unsafe AttributeType(rawValue: place.pointee)
            else { return nil }
            unsafe place += 1
            guard let value = unsafe RowView.prefixed(&place, limit) else { return nil }
            unsafe left = count - 1
            return unsafe (name, type, value)
        }
    }

    fileprivate static func prefixed(
        _ next: inout UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        guard let count = unsafe readVarint(&next, end: limit) else { return nil }
        return unsafe take(count, &next, limit)
    }

    private static func take(
        _ count: UInt64, _ next: inout UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        guard unsafe count <= UInt64(limit - next) else { return nil }
        defer { unsafe next += Int(count) }
        return unsafe UnsafeBufferPointer(start: next, count: Int(count))
    }
}
