// A track: one algorithm's searchable output over all titles, and the fields that it declares.

package import Segments
import Storage
package import TextIndex
package import VectorIndex

/// What the catalog knows of a track.
package struct Track: Sendable, Equatable {
    /// A declared attribute.
    package struct Field: Sendable, Equatable {
        /// Names it in rows and requests.
        package var name: String
        /// What its values are.
        package var type: AttributeType
    }

    /// Names it in rows and requests.
    package var name: String
    /// The store's number for it, never used again.
    package var id: UInt32
    /// The language of its text; nil when it has none.
    package var language: Language?
    /// Dimension and metric of its vectors; nil when it has none.
    package var vector: VectorShape?
    /// The encoder that makes vectors of what is looked for; nil when only vectors are.
    package var encoder: String?
    /// Whether its indexes learn from queries how much effort these take.
    package var learns = false
    /// Declared attributes, in the order in which they were added.
    package var fields: [Field] = []
    /// What its words stand for, nil for nothing; an entry of its own in the catalog.
    package var synonyms: Synonyms?

    /// Every track keeps the file that a row came from, where there is one.
    static let sourceField = Field(name: "source", type: .keyword)
    /// Its name as rows have it.
    static let sourceName = Array(sourceField.name.utf8)

    init(name: String, id: UInt32) {
        self.name = name
        self.id = id
    }

    /// Takes its texts apart, and what is searched for in them.
    var analyzer: Analyzer { Analyzer(language ?? .auto) }

    /// The declared attribute of a name; `source` always.
    func field(_ name: String) -> Field? {
        name == Self.sourceField.name ? Self.sourceField : fields.first { $0.name == name }
    }

    static func typeName(_ type: AttributeType) -> String {
        switch type {
        case .keyword: return "keyword"
        case .number: return "number"
        case .text: return "text"
        case .box: return "box"
        case .blob: return "blob"
        }
    }

    /// Where the catalog keeps a track.
    static func entry(_ name: String) -> [UInt8] { Array("track/\(name)".utf8) }
    /// Where the catalog keeps the text of a track's synonyms.
    static func synonymsEntry(_ name: String) -> [UInt8] { Array("synonyms/\(name)".utf8) }
    /// Where the catalog keeps the number that the next track gets.
    static let nextEntry: [UInt8] = Array("next-track".utf8)

    /// The catalog's value.
    var encoded: [UInt8] {
        var bytes = ByteWriter()
        bytes.u32(id)
        bytes.lengthPrefixed(Array((language?.rawValue ?? "").utf8))
        bytes.u32(UInt32(vector?.dimension ?? 0))
        bytes.lengthPrefixed(Array((vector?.metric.rawValue ?? "").utf8))
        bytes.lengthPrefixed(Array((encoder ?? "").utf8))
        bytes.varint(UInt64(fields.count))
        for field in fields {
            bytes.lengthPrefixed(Array(field.name.utf8))
            bytes.u8(field.type.rawValue)
        }
        if learns { bytes.u8(1) }
        return bytes.bytes
    }

    init(name: String, encoded: [UInt8]) throws(DecodeError) {
        self.name = name
        var reader = ByteReader(encoded.rawSpan)
        id = try reader.u32()
        let language = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        self.language = Language(rawValue: language)
        let dimension = Int(try reader.u32())
        let metric = Metric(rawValue: String(decoding: try reader.lengthPrefixed(), as: UTF8.self))
        vector = metric.flatMap { VectorShape(dimension: dimension, metric: $0) }
        let encoder = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        self.encoder = encoder.isEmpty ? nil : encoder
        for _ in 0..<(try reader.count(ofAtLeast: 2)) {
            let name = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
            guard let type = AttributeType(rawValue: try reader.u8()) else {
                throw DecodeError(offset: reader.position, expected: "an attribute's type")
            }
            fields.append(Field(name: name, type: type))
        }
        learns = reader.remaining > 0 ? try reader.u8() == 1 : false
    }
}
