// A title: one film, episode or reel, with the rate and start that turn its times into labels.

package import Media
import Storage

/// What the catalog knows of a title.
package struct Title: Sendable, Equatable {
    /// Names the title everywhere; never changes.
    package var name: String
    /// Frames in a second; nil when unknown, and then times have no SMPTE labels.
    package var rate: FrameRate?
    /// The label of the first frame, as a frame number.
    package var startFrame: Int64 = 0
    /// Whether labels skip numbers to keep up with the clock.
    package var dropFrame = false
    /// Named values for people and filters, in the order they were set.
    package var attributes: [(name: String, value: String)] = []

    /// The path of its film; nil when nobody said it.
    var film: String? { attributes.first { $0.name == "file" }?.value }

    init(name: String) { self.name = name }

    package static func == (a: Title, b: Title) -> Bool { a.encoded == b.encoded }

    /// Where the catalog keeps a title.
    static func entry(_ name: String) -> [UInt8] { Array("title/\(name)".utf8) }

    /// The catalog's value.
    var encoded: [UInt8] {
        var bytes = ByteWriter()
        bytes.lengthPrefixed(Array((rate?.description ?? "").utf8))
        bytes.varint(UInt64(startFrame))
        bytes.u8(dropFrame ? 1 : 0)
        bytes.varint(UInt64(attributes.count))
        for attribute in attributes {
            bytes.lengthPrefixed(Array(attribute.name.utf8))
            bytes.lengthPrefixed(Array(attribute.value.utf8))
        }
        return bytes.bytes
    }

    init(name: String, encoded: [UInt8]) throws(DecodeError) {
        self.name = name
        var reader = ByteReader(encoded.rawSpan)
        let rate = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        self.rate = rate.isEmpty ? nil : FrameRate(rate)
        startFrame = Int64(clamping: try reader.varint())
        dropFrame = try reader.u8() == 1
        for _ in 0..<(try reader.count(ofAtLeast: 2)) {
            let name = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
            let value = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
            attributes.append((name, value))
        }
    }

    /// Nanoseconds from the first frame to a time as people write it.
    func time(_ text: String, _ key: String) throws(GatewayError) -> Int64 {
        do {
            return try Timecode.parse(text, rate: rate, start: startFrame, dropFrame: dropFrame)
        } catch {
            throw GatewayError("SYNTAX.time", "\(key)=\(text.prefix(32)): \(error)")
        }
    }

    /// A time in the form that a connection wants.
    func label(_ nanoseconds: Int64, _ format: TimeFormat) -> FieldValue {
        switch format {
        case .milliseconds: return .integer((nanoseconds + 500_000) / 1_000_000)
        case .seconds: return .text(Self.seconds(nanoseconds))
        case .frames:
            guard let rate else { return .text(Timecode.clock(nanoseconds: nanoseconds)) }
            return .integer(Timecode.frame(at: nanoseconds, rate: rate))
        case .smpte:
            guard let rate else { return .text(Timecode.clock(nanoseconds: nanoseconds)) }
            return .text(
                Timecode.label(
                    nanoseconds: nanoseconds, rate: rate, start: startFrame, dropFrame: dropFrame))
        }
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        let milliseconds = (nanoseconds + 500_000) / 1_000_000
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count)
            + fraction
    }
}

/// The forms in which times are shown.
package enum TimeFormat: String, Sendable, CaseIterable {
    case smpte
    case milliseconds = "ms"
    case seconds = "s"
    case frames
}
