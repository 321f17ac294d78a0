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
    /// Empty where there is no text.
    let text: UnsafeBufferPointer<UInt8>
    private let attributes: UnsafePointer<UInt8>
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
            let floats = unsafe readVarint(&next, end: limit), floats <= UInt64(row.count),
            unsafe Self.take(floats * 4, &next, limit) != nil,
            start <= UInt64(Int64.max), duration <= UInt64(Int64.max) - start
        else { return nil }
        unsafe self.title = title
        unsafe self.start = Int64(start)
        unsafe end = Int64(start + duration)
        unsafe self.key = key
        unsafe self.text = text
        unsafe attributes = next
        unsafe self.limit = limit
    }

    /// Whether the attributes parse too, and nothing comes after them.
    var isSound: Bool {
        var next = unsafe attributes
        guard let count = unsafe readVarint(&next, end: limit) else { return false }
        for _ in 0..<count {
            guard unsafe Self.prefixed(&next, limit) != nil, unsafe next < limit,
                unsafe AttributeType(rawValue: next.pointee) != nil
            else { return false }
            unsafe next += 1
            guard unsafe Self.prefixed(&next, limit) != nil else { return false }
        }
        return unsafe next == limit
    }

    /// Calls `body` with the name and value of each keyword attribute.
    func forEachKeyword(
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var next = unsafe attributes
        guard let count = unsafe readVarint(&next, end: limit) else { return }
        for _ in 0..<count {
            guard let name = unsafe Self.prefixed(&next, limit), unsafe next < limit else { return }
            let type = unsafe next.pointee
            unsafe next += 1
            guard let value = unsafe Self.prefixed(&next, limit) else { return }
            if type == AttributeType.keyword.rawValue { unsafe body(name, value) }
        }
    }

    private static func prefixed(
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
