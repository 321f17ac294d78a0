// Attribute values and vectors between the bytes of a row and what people write and read.

import Segments
import Storage

/// Numbers and boxes as bytes and text.
enum AttributeText {
    static func bytes(_ number: Double) -> [UInt8] {
        var writer = ByteWriter()
        writer.u64(number.bitPattern)
        return writer.bytes
    }

    /// The bytes of `x,y,w,h`; nil when they are not four fractions.
    static func box(_ value: RawValue) -> [UInt8]? {
        let numbers: [Double]
        switch value {
        case .numbers(let list): numbers = list
        case .text(let bytes), .number(let bytes):
            let parts = bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            numbers = parts.compactMap { Double(String(decoding: $0, as: UTF8.self)) }
            guard numbers.count == parts.count else { return nil }
        }
        guard numbers.count == 4, numbers.allSatisfy({ (0...1).contains($0) }) else { return nil }
        var writer = ByteWriter()
        for number in numbers { writer.u32(Float(number).bitPattern) }
        return writer.bytes
    }

    /// The area `x,y,w,h`; nil when it is not four fractions, or a millionth or less wide or high.
    static func area(_ bytes: [UInt8]) -> Box? {
        guard let numbers = box(.text(bytes)).flatMap(floats), numbers[2] > 1e-6, numbers[3] > 1e-6
        else { return nil }
        return Box(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    }

    /// An attribute as a field of an answer.
    static func value(_ attribute: Attribute) -> FieldValue {
        switch attribute.type {
        case .keyword, .text: return .bytes(attribute.value)
        case .blob: return .bytes(Base64.encode(attribute.value))
        case .number:
            var reader = ByteReader(attribute.value.rawSpan)
            guard let bits = try? reader.u64() else { return .text("") }
            let number = Double(bitPattern: bits)
            if let whole = Int64(exactly: number) { return .integer(whole) }
            return .decimal(number)
        case .box:
            let numbers = floats(attribute.value) ?? []
            return .text(numbers.map { "\($0)" }.joined(separator: ","))
        }
    }

    /// Little-endian 32-bit floats; nil when the bytes do not come out even.
    static func floats(_ bytes: [UInt8]) -> [Float]? {
        guard bytes.count % 4 == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { at in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
            return Float(bitPattern: bits)
        }
    }
}

extension AttributeText {
    /// Little-endian 16-bit floats; nil when the bytes do not come out even.
    static func halves(_ bytes: ArraySlice<UInt8>) -> [Float]? {
        guard bytes.count % 2 == 0 else { return nil }
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { at in
            Float(Float16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8))
        }
    }
}

/// The forms in which a vector is written.
enum VectorText {
    /// The numbers of a vector; nil when it is in none of the forms.
    static func numbers(_ value: RawValue) -> [Float]? {
        switch value {
        case .numbers(let list): return list.map { Float($0) }
        case .number: return nil
        case .text(let bytes):
            if bytes.starts(with: Array("f32:".utf8)) {
                return AttributeText.floats(Array(bytes.dropFirst(4)))
            }
            if bytes.starts(with: Array("f16:".utf8)) {
                return AttributeText.halves(bytes.dropFirst(4))
            }
            if bytes.starts(with: Array("b64:".utf8)) {
                return Base64.decode(Array(bytes.dropFirst(4))).flatMap(AttributeText.floats)
            }
            return list(bytes)
        }
    }

    /// The form `[0.1,-0.2,...]`, so short that it still says which numbers they are.
    static func text(_ vector: [Float]) -> String {
        "[" + vector.map { "\($0)" }.joined(separator: ",") + "]"
    }

    /// Numbers with commas between them, in brackets or, as one types them, without.
    private static func list(_ bytes: [UInt8]) -> [Float]? {
        let (opens, closes) = (bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]"))
        guard opens == closes, !bytes.isEmpty else { return nil }
        let inner = opens ? bytes.dropFirst().dropLast() : bytes[...]
        let parts = inner.split(separator: UInt8(ascii: ","))
        let numbers = parts.compactMap { part in
            Float(String(decoding: part.filter { $0 != 32 }, as: UTF8.self))
        }
        return numbers.count == parts.count ? numbers : nil
    }
}
