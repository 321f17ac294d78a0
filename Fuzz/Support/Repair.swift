// Makes the checksums of a changed file right again, so that changes reach what lies behind them.
// Whatever does not have the form of a file is left as it is.

import Storage
import TestSupport

extension [UInt8] {
    fileprivate func number(at offset: Int, bytes: Int) -> UInt64 {
        (0..<bytes).reduce(0) { $0 | UInt64(self[offset + $1]) << UInt64(8 * $1) }
    }

    fileprivate mutating func put(_ crc: UInt32, at offset: Int) {
        for byte in 0..<4 {
            self[offset + byte] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * byte))
        }
    }

    fileprivate func crc(_ range: Range<Int>, seed: UInt32 = 0) -> UInt32 {
        CRC32C.checksum(Array(self[range]).rawSpan, seed: seed)
    }
}

/// A section file with the checksums that it should have.
func repairedSections(_ file: [UInt8]) -> [UInt8] {
    var file = file
    let footer = file.count - SectionFileFormat.footerSize
    guard footer >= SectionFileFormat.headerSize else { return file }
    file.put(file.crc(0..<28), at: 28)
    let place = CRC32C.place(file.number(at: 16, bytes: 8))
    let directory = file.number(at: footer, bytes: 8)
    guard directory <= UInt64(footer) else { return file }
    var entry = Int(directory)
    while entry + SectionFileFormat.entrySize <= footer {
        let pages = file.number(at: entry + 4, bytes: 4)
        let offset = file.number(at: entry + 8, bytes: 8)
        let length = file.number(at: entry + 16, bytes: 8)
        entry += SectionFileFormat.entrySize
        guard pages <= UInt64((footer - entry) / 4), offset <= directory,
            length <= directory - offset
        else { break }
        for page in 0..<Int(pages) {
            let start = Int(offset) + page * SectionFileFormat.pageSize
            let end = Swift.min(start + SectionFileFormat.pageSize, Int(offset + length))
            guard start < end else { break }
            let crc = file.crc(start..<end, seed: CRC32C.place(UInt64(start), seed: place))
            file.put(crc, at: entry + page * 4)
        }
        entry += Int(pages) * 4
    }
    let length = UInt32(footer - Int(directory))
    file.put(length, at: footer + 8)
    file.put(file.crc(Int(directory)..<footer, seed: place), at: footer + 12)
    file.put(UInt32(file.count), at: footer + 16)
    file.put(0, at: footer + 20)
    return file
}

/// A record log whose header and frames have the checksums that they should have.
func repairedLog(_ file: [UInt8]) -> [UInt8] {
    var file = file
    guard file.count >= RecordLogFormat.headerSize else { return file }
    file.put(file.crc(0..<36), at: 36)
    let place = CRC32C.place(
        file.number(at: 16, bytes: 8), seed: CRC32C.place(file.number(at: 24, bytes: 8)))
    var offset = RecordLogFormat.headerSize
    while offset + RecordLogFormat.frameHeaderSize <= file.count {
        let length = Int(file.number(at: offset, bytes: 4))
        let end = offset + RecordLogFormat.frameHeaderSize + length
        let next = (end + RecordLogFormat.alignment - 1) & -RecordLogFormat.alignment
        guard next <= file.count else { break }
        let seed = CRC32C.place(
            UInt64(length), seed: CRC32C.place(UInt64(offset), seed: place))
        file.put(file.crc(offset + 8..<next, seed: seed), at: offset + 4)
        offset = next
    }
    return file
}

/// A file system with a section file "/f", whose checksums mostly hold, and the byte before it in
/// what the fuzzer made; nil for no bytes.
func sectionFile(
    _ start: UnsafePointer<UInt8>?, _ count: Int
) -> (fs: FaultyFileSystem, kind: UInt8)? {
    let input = unsafe bytes(start, count)
    guard let kind = input.first else { return nil }
    let file = Array(input.dropFirst())
    return (folder(kind % 8 == 0 ? file : repairedSections(file)), kind)
}
