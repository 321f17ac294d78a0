// What can be done to a store, as values and as the payload of a log record. Each operation takes
// one sequence number, a batch of rows one for each row. Replaying a record on the state before it
// gives the state after it, so operations say what to do and never where things lie.
//
// Payload of a record: varint sequence of the first operation, then operations, each a tag byte:
//     1 put      varint track, varint rows, varint bytes, the rows (each after its length)
//     2 delete   varint track, title, key                (strings after their length as a varint)
//     3 clear    varint track, title, attribute name, value   (empty name: the whole lane)
//     4 set      name, value                              an entry of the catalog
//     5 unset    name
//     6 drop     varint track
//     7 create   varint track, its content (TrackContent)
//     8 default  name, value                              an entry, unless there is one
//     9 begin    varint track, scope                      an operation begins (see Replacement)
//    10 skip     varint count                             its rows take so many sequence numbers
//    11 replace  varint track, a replacement              an operation is committed or taken back
//    12 request  token, u64 milliseconds, varint count    the next operations are of this request
// A scope is title, attribute name, value. A request takes no sequence number.

package import Storage

/// Rows to put into one track.
package struct RowBatch: Sendable, Equatable {
    /// Rows, each after its length as a varint.
    package var bytes = ByteWriter()
    /// How many rows.
    package var count = 0

    /// No rows.
    package init() {}

    /// Adds an annotation.
    package mutating func append(_ annotation: Annotation) {
        annotation.encode(into: &bytes)
        count += 1
    }

    /// Adds the rows of another batch.
    package mutating func append(_ rows: RowBatch) {
        bytes.bytes += rows.bytes.bytes
        count += rows.count
    }

    /// Takes over encoded rows; nil when they do not parse.
    init?(encoded: [UInt8]) {
        bytes.bytes = encoded
        var count = 0
        let isSound = unsafe encoded.withUnsafeBufferPointer { buffer in
            guard var next = buffer.baseAddress else { return true }
            let end = unsafe next + buffer.count
            while unsafe next < end {
                guard let length = unsafe readVarint(&next, end: end),
                    unsafe length <= UInt64(end - next),
                    let row = unsafe RowView(
                        UnsafeBufferPointer(start: next, count: Int(length))),
                    unsafe row.isSound
                else { return false }
                unsafe next += Int(length)
                count += 1
            }
            return true
        }
        guard isSound else { return nil }
        self.count = count
    }

    package static func == (a: RowBatch, b: RowBatch) -> Bool {
        a.count == b.count && a.bytes.bytes == b.bytes.bytes
    }
}

/// One change of a store.
package enum Operation: Sendable, Equatable {
    case put(track: UInt32, rows: RowBatch)
    case delete(track: UInt32, title: [UInt8], key: [UInt8])
    /// Deletes a lane, or of it what has an attribute value (`name` empty: all).
    case clear(track: UInt32, title: [UInt8], name: [UInt8], value: [UInt8])
    case set(name: [UInt8], value: [UInt8])
    /// Sets an entry that is not there yet.
    case setIfAbsent(name: [UInt8], value: [UInt8])
    case unset(name: [UInt8])
    case drop(track: UInt32)
    /// Makes a track; does nothing where it is there. The number of a dropped track never comes
    /// back.
    case create(track: UInt32, content: TrackContent = TrackContent())
    /// Begins an operation that is to replace what is in its scope.
    case begin(track: UInt32, scope: Scope)
    /// Rows of an open operation: the log keeps their number only.
    case stage(operation: UInt64, rows: RowBatch)
    /// What the log has of rows of an operation.
    case skip(rows: UInt64)
    /// Replaces what is in a scope, at once.
    case replace(track: UInt32, Replacement)
    /// The operations after it are those of a request that is to happen once.
    case request(RequestMark)

    /// Sequence numbers that the operation takes.
    package var sequences: UInt64 {
        switch self {
        case .put(_, let rows), .stage(_, let rows): return UInt64(rows.count)
        case .skip(let rows): return rows
        case .request: return 0
        default: return 1
        }
    }

    /// Bytes that the operation takes in the log, about.
    var bytes: Int {
        switch self {
        case .put(_, let rows), .stage(_, let rows): return rows.bytes.count + 32
        case .delete(_, let title, let key): return title.count + key.count + 32
        case .clear(_, let title, let name, let value):
            return title.count + name.count + value.count + 32
        case .set(let name, let value), .setIfAbsent(let name, let value):
            return name.count + value.count + 32
        case .unset(let name): return name.count + 32
        case .begin(_, let scope): return scope.bytes + 32
        case .replace(_, let replacement): return replacement.bytes + 32
        case .request(let mark): return mark.token.count + 32
        case .drop, .create, .skip: return 32
        }
    }

    /// The track that must exist for the operation.
    var track: UInt32? {
        switch self {
        case .put(let track, _), .delete(let track, _, _), .clear(let track, _, _, _),
            .drop(let track), .begin(let track, _), .replace(let track, _):
            return track
        case .set, .setIfAbsent, .unset, .create, .stage, .skip, .request: return nil
        }
    }

    /// Carries out an operation on the catalog's entries; false when nothing changed.
    @discardableResult
    func apply(to catalog: inout [[UInt8]: [UInt8]]) -> Bool {
        switch self {
        case .set(let name, let value): return catalog.updateValue(value, forKey: name) != value
        case .setIfAbsent(let name, let value):
            guard catalog[name] == nil else { return false }
            catalog[name] = value
            return true
        case .unset(let name): return catalog.removeValue(forKey: name) != nil
        default: return false
        }
    }

    /// Appends the operation to a record's payload.
    func encode(into payload: inout ByteWriter) {
        switch self {
        case .put(let track, let rows):
            payload.u8(1)
            payload.varint(UInt64(track))
            payload.varint(UInt64(rows.count))
            payload.lengthPrefixed(rows.bytes.bytes)
        case .delete(let track, let title, let key):
            payload.u8(2)
            payload.varint(UInt64(track))
            payload.lengthPrefixed(title)
            payload.lengthPrefixed(key)
        case .clear(let track, let title, let name, let value):
            payload.u8(3)
            payload.varint(UInt64(track))
            payload.lengthPrefixed(title)
            payload.lengthPrefixed(name)
            payload.lengthPrefixed(value)
        case .set(let name, let value):
            payload.u8(4)
            payload.lengthPrefixed(name)
            payload.lengthPrefixed(value)
        case .setIfAbsent(let name, let value):
            payload.u8(8)
            payload.lengthPrefixed(name)
            payload.lengthPrefixed(value)
        case .unset(let name):
            payload.u8(5)
            payload.lengthPrefixed(name)
        case .drop(let track):
            payload.u8(6)
            payload.varint(UInt64(track))
        case .create(let track, let content):
            payload.u8(7)
            payload.varint(UInt64(track))
            content.encode(into: &payload)
        case .begin(let track, let scope):
            payload.u8(9)
            payload.varint(UInt64(track))
            scope.encode(into: &payload)
        case .stage, .skip:
            payload.u8(10)
            payload.varint(sequences)
        case .replace(let track, let replacement):
            payload.u8(11)
            payload.varint(UInt64(track))
            replacement.encode(into: &payload)
        case .request(let mark):
            payload.u8(12)
            mark.encode(into: &payload)
        }
    }

    /// Reads the operations of a record's payload, with the sequence of the first.
    package static func decode(
        _ payload: RawSpan
    ) throws(DecodeError) -> (first: UInt64, operations: [Operation]) {
        var reader = ByteReader(payload)
        let first = try reader.varint()
        guard first > 0, first <= UInt64(Int64.max) else {
            throw DecodeError(offset: 0, expected: "the number of an operation")
        }
        var operations: [Operation] = []
        while reader.remaining > 0 { operations.append(try decodeOne(&reader)) }
        return (first, operations)
    }

    private static func decodeOne(_ reader: inout ByteReader) throws(DecodeError) -> Operation {
        let tag = try reader.u8()
        switch tag {
        case 1:
            let track = try readTrack(&reader)
            let count = try reader.varint()
            let rows = RowBatch(encoded: try reader.lengthPrefixed())
            guard let rows, rows.count == count else {
                throw DecodeError(offset: reader.position, expected: "\(count) rows before")
            }
            return .put(track: track, rows: rows)
        case 2:
            return .delete(
                track: try readTrack(&reader), title: try reader.lengthPrefixed(),
                key: try reader.lengthPrefixed())
        case 3:
            return .clear(
                track: try readTrack(&reader), title: try reader.lengthPrefixed(),
                name: try reader.lengthPrefixed(), value: try reader.lengthPrefixed())
        case 4:
            return .set(name: try reader.lengthPrefixed(), value: try reader.lengthPrefixed())
        case 5: return .unset(name: try reader.lengthPrefixed())
        case 6: return .drop(track: try readTrack(&reader))
        case 7:
            return .create(track: try readTrack(&reader), content: try TrackContent(&reader))
        case 8:
            return .setIfAbsent(
                name: try reader.lengthPrefixed(), value: try reader.lengthPrefixed())
        case 9: return .begin(track: try readTrack(&reader), scope: try Scope(&reader))
        case 10:
            let rows = try reader.varint()
            guard rows <= UInt64(UInt32.max) else {
                throw DecodeError(offset: reader.position, expected: "a number of rows")
            }
            return .skip(rows: rows)
        case 11: return .replace(track: try readTrack(&reader), try Replacement(&reader))
        case 12: return .request(try RequestMark(&reader))
        default: throw DecodeError(offset: reader.position - 1, expected: "an operation's tag")
        }
    }

    private static func readTrack(_ reader: inout ByteReader) throws(DecodeError) -> UInt32 {
        let track = try reader.varint()
        guard track <= UInt64(UInt32.max) else {
            throw DecodeError(offset: reader.position, expected: "a track's number")
        }
        return UInt32(track)
    }
}
