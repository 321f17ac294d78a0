// What an operation replaces, and how: the lane of a title, or what one file or reel brought to it.
// Rows of a small operation stand in the log behind the replacement; those of a large one are in
// segment files that were durable before. Either way readers see all of the old or all of the new.

import Storage

/// A lane, or of it what has an attribute value.
package struct Scope: Hashable, Sendable {
    /// The title whose lane it is.
    package let title: [UInt8]
    /// The attribute; empty for the whole lane.
    package let name: [UInt8]
    /// The attribute's value.
    package let value: [UInt8]

    /// A whole lane unless an attribute is named.
    package init(title: [UInt8], name: [UInt8] = [], value: [UInt8] = []) {
        self.title = title
        self.name = name
        self.value = value
    }

    init(_ reader: inout ByteReader) throws(DecodeError) {
        title = try reader.lengthPrefixed()
        name = try reader.lengthPrefixed()
        value = try reader.lengthPrefixed()
    }

    func encode(into bytes: inout ByteWriter) {
        bytes.lengthPrefixed(title)
        bytes.lengthPrefixed(name)
        bytes.lengthPrefixed(value)
    }

    var bytes: Int { title.count + name.count + value.count }

    /// Whether two operations would replace the same rows, as far as can be told.
    func overlaps(_ other: Scope) -> Bool {
        title == other.title && (name.isEmpty || other.name.isEmpty || self == other)
    }
}

/// What takes the place of what is in a scope.
package struct Replacement: Sendable, Equatable {
    /// What goes.
    package var scope: Scope
    /// Rows put right behind this operation that belong to it.
    package var rows: UInt64 = 0
    /// Segment files that come.
    package var segments: [Manifest.Entry] = []
    /// Whether this takes back the commit before, instead of being one.
    package var isRollback = false

    init(scope: Scope) { self.scope = scope }

    /// Encoded: scope, varint rows, varint segments (each id u64, length u64, fingerprint u32), u8.
    func encode(into bytes: inout ByteWriter) {
        scope.encode(into: &bytes)
        bytes.varint(rows)
        bytes.varint(UInt64(segments.count))
        for segment in segments { segment.encodeSegment(into: &bytes) }
        bytes.u8(isRollback ? 1 : 0)
    }

    init(_ reader: inout ByteReader) throws(DecodeError) {
        scope = try Scope(&reader)
        rows = try reader.varint()
        for _ in 0..<(try reader.count(ofAtLeast: 20)) {
            segments.append(try Manifest.Entry(segment: &reader))
        }
        let flag = try reader.u8()
        guard flag <= 1, rows <= UInt64(UInt32.max) else {
            throw DecodeError(offset: reader.position, expected: "a replacement")
        }
        isRollback = flag == 1
    }

    var bytes: Int { scope.bytes + segments.count * 20 }
}

/// The last commit to a lane: what ROLLBACK needs.
///
/// Rows that it deleted are kept until the next commit to the lane, or the lane is deleted.
package struct Commit: Sendable, Equatable {
    /// What was replaced.
    package let scope: Scope
    /// The operations that did it.
    package let sequences: ClosedRange<UInt64>

    init(scope: Scope, sequences: ClosedRange<UInt64>) {
        self.scope = scope
        self.sequences = sequences
    }
}

/// The deletions whose rows are kept for a rollback.
struct RetainedDeletions: Sendable {
    private let commits: [ClosedRange<UInt64>]

    init(_ commits: [Commit]) { self.commits = commits.map(\.sequences) }

    var isEmpty: Bool { commits.isEmpty }

    /// Whether what was deleted by an operation is kept.
    func contains(_ sequence: UInt64) -> Bool { commits.contains { $0.contains(sequence) } }
}
