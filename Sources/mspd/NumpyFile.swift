// Arrays of numbers as NumPy keeps them (.npy, format 1 to 3): a header of text, then the numbers,
// little-endian, row by row.

/// A table of numbers with one or two dimensions.
struct NumpyFile {
    /// Rows, and numbers in each of them.
    let rows: Int
    let columns: Int
    private let type: String
    private let bytes: [UInt8]
    private let start: Int

    private static let sizes = [
        "<f2": 2, "<f4": 4, "|i1": 1, "|u1": 1, "<i4": 4, "<i8": 8,
    ]

    /// Reads a file; anything else than a whole table of a known type is a failure.
    init(_ path: String) throws(Failure) {
        func bad(_ reason: String) -> Failure { Failure(.usage, "mspd: \(path) \(reason)") }
        let bytes = try Files.read(path)
        guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 12 else {
            throw bad("is no .npy file")
        }
        let isLong = bytes[6] > 1
        let length =
            isLong
            ? (8..<12).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
            : Int(bytes[8]) | Int(bytes[9]) << 8
        let start = (isLong ? 12 : 10) + length
        guard start <= bytes.count else { throw bad("is cut short") }
        let header = String(decoding: bytes[(isLong ? 12 : 10)..<start], as: UTF8.self)
        guard let type = Self.value("descr", header, in: "'", "'") else {
            throw bad("has no type of one number")
        }
        guard let size = Self.sizes[type] else {
            throw bad("has numbers of type \(type), which is none of \(Self.sizes.keys.sorted())")
        }
        let shape = Self.value("shape", header, in: "(", ")")?.split(separator: ",").map {
            Int($0.filter { $0 != " " })
        }
        guard let shape, (1...2).contains(shape.count), let rows = shape[0],
            let columns = shape.count == 2 ? shape[1] : 1, rows >= 0, columns > 0,
            header.contains("'fortran_order': False")
        else { throw bad("is no table of rows") }
        let (cells, isTooMany) = rows.multipliedReportingOverflow(by: columns)
        guard !isTooMany, cells <= (bytes.count - start) / size else {
            throw bad("is cut short")
        }
        (self.rows, self.columns, self.type) = (rows, columns, type)
        (self.bytes, self.start) = (bytes, start)
    }

    /// What stands between two signs behind a key of the header.
    private static func value(
        _ key: String, _ header: String, in open: Character, _ close: Character
    ) -> String? {
        guard let colon = header.rest(after: "'\(key)':"),
            let first = colon.firstIndex(of: open)
        else { return nil }
        let rest = colon[colon.index(after: first)...]
        guard let last = rest.firstIndex(of: close) else { return nil }
        return String(rest[..<last])
    }

    /// All numbers as floats.
    var floats: [Float] {
        switch type {
        case "<f2": numbers(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case "<f4": numbers(UInt32.self) { Float(bitPattern: $0) }
        case "|i1": numbers(Int8.self) { Float($0) }
        case "|u1": numbers(UInt8.self) { Float($0) }
        case "<i4": numbers(Int32.self) { Float($0) }
        default: numbers(Int64.self) { Float($0) }
        }
    }

    /// All numbers as whole numbers; nil when they are of another type.
    var integers: [Int]? {
        switch type {
        case "<i4": numbers(Int32.self) { Int($0) }
        case "<i8": numbers(Int64.self) { Int($0) }
        default: nil
        }
    }

    private func numbers<Raw: FixedWidthInteger & BitwiseCopyable, Number>(
        _: Raw.Type, _ number: (Raw) -> Number
    ) -> [Number] {
        unsafe bytes.withUnsafeBytes { bytes in
            (0..<rows * columns).map { index in
                let offset = start + index * MemoryLayout<Raw>.size
                let raw = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Raw.self)
                return number(Raw(littleEndian: raw))
            }
        }
    }

    /// A file of whole numbers with three dimensions.
    static func bytes(_ values: [Int32], shape: [Int]) -> [UInt8] {
        let sizes = shape.map(String.init).joined(separator: ", ")
        var header = "{'descr': '<i4', 'fortran_order': False, 'shape': (\(sizes)), }"
        while (header.utf8.count + 11) % 64 != 0 { header += " " }
        header += "\n"
        let length = header.utf8.count
        let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        let sized = start + [UInt8(length & 255), UInt8(length >> 8)]
        var bytes = sized + Array(header.utf8)
        for value in values {
            let raw = UInt32(bitPattern: value)
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(raw >> shift & 255))
            }
        }
        return bytes
    }
}

extension String {
    /// The rest of the text behind the first occurrence of a phrase.
    fileprivate func rest(after phrase: String) -> Substring? {
        let (text, phrase) = (Array(utf8), Array(phrase.utf8))
        guard text.count >= phrase.count else { return nil }
        for start in 0...(text.count - phrase.count)
        where text[start...].starts(with: phrase) {
            return self[utf8.index(startIndex, offsetBy: start + phrase.count)...]
        }
        return nil
    }
}
