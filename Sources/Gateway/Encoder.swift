// An encoder: what turns a text, a picture or a clip into a vector, or a film's sound into rows.
// Here is only what the catalog knows of it; running it is the business of whoever has processes.

import Storage

/// What an encoder can be given.
package enum EncoderKind: String, Sendable, CaseIterable {
    /// UTF-8.
    case text
    /// One picture: a file in any format, such as JPEG or PNG.
    case image
    /// A clip: a file in any format.
    case video
    /// A sound: a file in any format.
    case audio
    /// Rows of a lane, each a JSON object on a line of its own.
    case annotations
}

/// One thing for an encoder to look at.
package struct EncoderInput: Sendable, Equatable {
    /// What the bytes are.
    package var kind: EncoderKind
    /// The thing itself.
    package var bytes: [UInt8]

    /// A thing of a kind.
    package init(_ kind: EncoderKind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }
}

/// What the catalog knows of an encoder.
package struct Encoder: Sendable, Equatable {
    /// Names it in tracks and requests.
    package var name: String
    /// The file in the encoders folder that is run; empty for one that is built in.
    package var command: String
    /// What it can be given, in the order of `EncoderKind`.
    package var accepts: [EncoderKind]
    /// Numbers in each of its vectors; nil for one that gives rows.
    package var dimension: Int?
    /// Seconds that it may take for one request.
    package var seconds = 30
    /// Megabytes of address space that each of its processes may have.
    package var megabytes = 4_096
    /// Whether it may start processes of its own.
    package var forks = false

    /// Seconds that can be allowed.
    static let secondsRange = 1...86_400
    /// Megabytes that can be allowed.
    static let megabytesRange = 64...1_048_576

    /// An encoder with the limits that hold unless told otherwise.
    package init(
        name: String, command: String = "", accepts: [EncoderKind], dimension: Int?
    ) {
        self.name = name
        self.command = command
        self.accepts = accepts
        self.dimension = dimension
    }

    /// Whether the program itself has it.
    package var isBuiltIn: Bool { command.isEmpty }

    /// Where the catalog keeps an encoder.
    static func entry(_ name: String) -> [UInt8] { Array("encoder/\(name)".utf8) }

    /// The catalog's value.
    var encoded: [UInt8] {
        var bytes = ByteWriter()
        bytes.lengthPrefixed(Array(command.utf8))
        bytes.lengthPrefixed(Array(accepts.map(\.rawValue).joined(separator: ",").utf8))
        bytes.varint(UInt64(dimension ?? 0))
        bytes.varint(UInt64(seconds))
        bytes.varint(UInt64(megabytes))
        bytes.u8(forks ? 1 : 0)
        return bytes.bytes
    }

    init(name: String, encoded: [UInt8]) throws(DecodeError) {
        self.name = name
        var reader = ByteReader(encoded.rawSpan)
        command = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        let kinds = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        accepts = kinds.split(separator: ",").compactMap { EncoderKind(rawValue: String($0)) }
        let dimension = Int(clamping: try reader.varint())
        self.dimension = dimension > 0 ? dimension : nil
        seconds = Int(clamping: try reader.varint())
        megabytes = Int(clamping: try reader.varint())
        forks = try reader.u8() == 1
    }
}
