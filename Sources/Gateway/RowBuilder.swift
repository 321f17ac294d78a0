// Makes an annotation of the named values of a PUT or of a LOADed object: checks every one of them
// against the track, and says by name what does not fit.

import Media
import Segments
import VectorIndex

/// A named value, from the line protocol or from JSON.
enum RawValue {
    case text([UInt8])
    case number([UInt8])
    case numbers([Double])

    /// The value as text, whichever form it came in.
    var bytes: [UInt8]? {
        switch self {
        case .text(let bytes), .number(let bytes): return bytes
        case .numbers: return nil
        }
    }
}

/// Collects the values of one row.
struct RowBuilder {
    /// The longest text in bytes.
    static let textMax = 1 << 20
    /// The longest key or keyword in bytes.
    static let keyMax = 1_024

    /// Vectors of one annotation at most.
    static let vectorsMax = 1_024

    private let track: Track
    private let title: Title
    private var start: Int64?
    private var end: Int64?
    private var annotation: Annotation

    init(_ track: Track, _ title: Title) {
        self.track = track
        self.title = title
        annotation = Annotation(title: Array(title.name.utf8), start: 0, end: 0)
    }

    /// Takes one value.
    mutating func set(_ name: String, _ value: RawValue) throws(GatewayError) {
        switch name {
        case "in": start = try time(value, name)
        case "out": end = try time(value, name)
        case "key": annotation.key = try short(value, name)
        case "text": annotation.text = try text(value)
        case "vec": annotation.vector = try vector(value)
        default:
            guard let field = track.field(name) else {
                throw GatewayError(
                    "SYNTAX.key",
                    "track '\(track.name)' has no attribute '\(name.prefix(64))'; add it with "
                        + "TRACK ALTER \(track.name) \(name.prefix(64)):keyword")
            }
            annotation.attributes.append(
                Attribute(
                    name: Array(name.utf8), type: field.type, value: try attribute(field, value)))
        }
    }

    /// Makes the row one of an operation: it must be of its title, and of its source if it has one.
    mutating func join(_ operation: OpenOperation) throws(GatewayError) {
        let scope = operation.scope
        guard annotation.title == scope.title else {
            throw .otherTitle(operation.id, String(decoding: scope.title, as: UTF8.self))
        }
        guard !scope.name.isEmpty else { return }
        if let own = annotation.value(of: scope.name) {
            guard own == scope.value else {
                throw GatewayError(
                    "CONFLICT.operation",
                    "operation \(operation.id) replaces the rows of source "
                        + "'\(String(decoding: scope.value, as: UTF8.self))' only")
            }
            return
        }
        annotation.attributes.append(
            Attribute(name: scope.name, type: .keyword, value: scope.value))
    }

    /// The row, when all that it needs is there.
    func finish() throws(GatewayError) -> Annotation {
        guard let start else { throw GatewayError("SYNTAX.missing", "in= is missing") }
        let end = end ?? start
        guard end >= start else {
            throw GatewayError(
                "SYNTAX.time", "out comes before in: a range ends where it begins, or later")
        }
        var row = annotation
        row.start = start
        row.end = end
        return row
    }

    private func time(_ value: RawValue, _ name: String) throws(GatewayError) -> Int64 {
        switch value {
        case .text(let bytes): return try title.time(utf8(bytes, name), name)
        case .number(let bytes):
            // A bare number in JSON counts milliseconds.
            return try title.time(String(decoding: bytes, as: UTF8.self) + "ms", name)
        case .numbers: throw GatewayError("SYNTAX.time", "\(name) is a list")
        }
    }

    private func short(_ value: RawValue, _ name: String) throws(GatewayError) -> [UInt8] {
        guard let bytes = value.bytes else {
            throw GatewayError("SYNTAX.value", "\(name) is a list")
        }
        guard bytes.count <= Self.keyMax else {
            throw GatewayError("LIMIT.value", "\(name) has more than \(Self.keyMax) bytes")
        }
        try checkUTF8(bytes, name)
        return bytes
    }

    private func text(_ value: RawValue) throws(GatewayError) -> [UInt8] {
        guard track.language != nil else {
            throw GatewayError("SYNTAX.key", "track '\(track.name)' was made without text")
        }
        guard let bytes = value.bytes else { throw GatewayError("SYNTAX.value", "text is a list") }
        guard bytes.count <= Self.textMax else {
            throw GatewayError("LIMIT.text", "text has more than \(Self.textMax) bytes")
        }
        try checkUTF8(bytes, "text")
        return bytes
    }

    private func vector(_ value: RawValue) throws(GatewayError) -> [Float] {
        guard let shape = track.vector else {
            throw GatewayError("SYNTAX.key", "track '\(track.name)' was made without vectors")
        }
        guard let numbers = VectorText.numbers(value) else { throw .vectorForm("vec") }
        let count = numbers.count / shape.dimension
        guard count <= Self.vectorsMax else {
            throw GatewayError(
                "LIMIT.value", "vec has more than \(Self.vectorsMax) vectors of one annotation")
        }
        guard count > 1, numbers.count == count * shape.dimension else {
            try check(numbers, shape, "vec")
            return numbers
        }
        for place in 0..<count {
            let vector = numbers[place * shape.dimension..<(place + 1) * shape.dimension]
            try check(Array(vector), shape, "vector \(place + 1) of vec")
        }
        return numbers
    }

    private func check(
        _ vector: [Float], _ shape: VectorShape, _ what: String
    ) throws(GatewayError) {
        do { try shape.check(vector) } catch {
            throw GatewayError("SYNTAX.vector", "\(what) does not fit: \(error)")
        }
    }

    private func attribute(_ field: Track.Field, _ value: RawValue) throws(GatewayError) -> [UInt8]
    {
        switch field.type {
        case .keyword: return try short(value, field.name)
        case .blob: return value.bytes ?? []
        case .text:
            guard let bytes = value.bytes, bytes.count <= Self.textMax else {
                throw GatewayError("LIMIT.text", "\(field.name) is too long, or a list")
            }
            try checkUTF8(bytes, field.name)
            return bytes
        case .number:
            guard let bytes = value.bytes,
                let number = Double(String(decoding: bytes, as: UTF8.self)),
                number.isFinite
            else { throw GatewayError("SYNTAX.value", "\(field.name) is not a number") }
            return AttributeText.bytes(number)
        case .box:
            guard let box = AttributeText.box(value) else {
                throw GatewayError(
                    "SYNTAX.value",
                    "\(field.name) is not a box: x,y,width,height as fractions from 0 to 1")
            }
            return box
        }
    }
}
