// What is to be done when an encoder fills a track: from what, for which titles. Also the catalog's
// entry of a track that is filled by itself when titles come.

import Segments
import Storage
import VectorIndex

/// A track that an encoder fills.
struct Enrichment: Sendable, Equatable {
    /// The name of the track that is filled.
    var track: String
    /// The name of the encoder.
    var encoder: String
    /// The track whose rows are looked at; nil for the film itself.
    var from: String?

    /// Where the catalog keeps what is done by itself.
    static func entry(_ track: String) -> [UInt8] { Array("enrich/\(track)".utf8) }

    /// The catalog's value.
    var encoded: [UInt8] {
        var bytes = ByteWriter()
        bytes.lengthPrefixed(Array(encoder.utf8))
        bytes.lengthPrefixed(Array((from ?? "").utf8))
        return bytes.bytes
    }

    init(track: String, encoder: String, from: String?) {
        self.track = track
        self.encoder = encoder
        self.from = from
    }

    init(track: String, encoded: [UInt8]) throws(DecodeError) {
        self.track = track
        var reader = ByteReader(encoded.rawSpan)
        encoder = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        let from = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        self.from = from.isEmpty ? nil : from
    }
}

/// What an encoder is shown of a title.
enum EnrichmentMatter: Sendable, Equatable {
    /// The text of each row: a vector for each.
    case texts(Track)
    /// The picture in the middle of each row: a vector for each.
    case pictures(Track)
    /// What each row shows from its beginning to its end: a vector for each.
    case clips(Track)
    /// All rows of the lane together: rows.
    case lanes(Track)
    /// The film's sound, in pieces: rows.
    case sound

    /// What an encoder can be shown so that it fills a track.
    init(_ encoder: Encoder, _ target: Track, from: Track?) throws(GatewayError) {
        let kinds = encoder.accepts
        if let dimension = encoder.dimension {
            guard target.vector?.dimension == dimension else {
                throw GatewayError(
                    "ENCODER.dimension",
                    "encoder '\(encoder.name)' gives vectors of \(dimension) numbers, track "
                        + "'\(target.name)' takes \(target.vector?.dimension ?? 0)")
            }
            guard let from else {
                throw GatewayError(
                    "SYNTAX.missing", "from=TRACK is missing: for which rows are vectors made?")
            }
            if kinds.contains(.text), from.language != nil { self = .texts(from); return }
            if kinds.contains(.image) { self = .pictures(from); return }
            if kinds.contains(.video) { self = .clips(from); return }
            throw GatewayError(
                "ENCODER.kind",
                "encoder '\(encoder.name)' takes neither the texts of '\(from.name)' nor pictures "
                    + "or clips")
        }
        if let from, kinds.contains(.annotations) { self = .lanes(from); return }
        if from == nil, kinds.contains(.audio) { self = .sound; return }
        throw GatewayError(
            "ENCODER.kind",
            "encoder '\(encoder.name)' gives rows, which takes accepts=audio, or from= and "
                + "accepts=annotations")
    }

    /// The track whose rows are looked at.
    var source: Track? {
        switch self {
        case .texts(let track), .pictures(let track), .clips(let track), .lanes(let track): track
        case .sound: nil
        }
    }
}
