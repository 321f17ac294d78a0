// What the annotations of a track hold, as far as the store has to know it: the language of their
// texts and the shape of their vectors. Fixed when the track is made; the log and the manifest
// keep it.
//
// Its bytes: the language's code after its length; 1 if there are vectors, else 0; if there are,
// their dimension as a varint and the metric's name after its length.

package import Storage
package import TextIndex
package import VectorIndex

/// The language and the vectors of a track.
package struct TrackContent: Sendable, Equatable {
    /// The language of its texts.
    package var language: Language
    /// The shape of its vectors; nil when it has none.
    package var vectors: VectorShape?

    /// Texts of a language, and vectors of a shape where there are any.
    package init(language: Language = .auto, vectors: VectorShape? = nil) {
        self.language = language
        self.vectors = vectors
    }

    /// Appends the bytes.
    package func encode(into bytes: inout ByteWriter) {
        bytes.lengthPrefixed(Array(language.rawValue.utf8))
        bytes.u8(vectors == nil ? 0 : 1)
        vectors?.encode(into: &bytes)
    }

    /// Reads the bytes.
    package init(_ reader: inout ByteReader) throws(DecodeError) {
        let code = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        guard let language = Language(rawValue: code) else {
            throw DecodeError(offset: reader.position, expected: "the code of a language")
        }
        self.language = language
        switch try reader.u8() {
        case 0: vectors = nil
        case 1: vectors = try VectorShape(&reader)
        default: throw DecodeError(offset: reader.position, expected: "0 or 1")
        }
    }
}

extension VectorShape {
    /// Appends the dimension as a varint and the metric's name after its length.
    func encode(into bytes: inout ByteWriter) {
        bytes.varint(UInt64(dimension))
        bytes.lengthPrefixed(Array(metric.rawValue.utf8))
    }

    /// Reads what `encode` wrote.
    init(_ reader: inout ByteReader) throws(DecodeError) {
        let dimension = Int(clamping: try reader.varint())
        let name = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        guard let metric = Metric(rawValue: name),
            let shape = VectorShape(dimension: dimension, metric: metric)
        else { throw DecodeError(offset: reader.position, expected: "the shape of vectors") }
        self = shape
    }
}
