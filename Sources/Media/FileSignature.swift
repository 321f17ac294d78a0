// What a file is that is no text, so that dropping a film or a picture on the importer gets a
// sentence that names it. Signatures are those in each format's specification, at their offsets.

/// Recognises files that are not text by their first bytes.
enum FileSignature {
    /// What the file is ("a PNG image", "binary data"), or nil if it may be text.
    static func notText(_ bytes: [UInt8]) -> String? {
        for known in signatures where matches(bytes, known.bytes, at: known.offset) {
            return known.what
        }
        if bytes.count > 188, bytes[0] == 0x47, bytes[188] == 0x47 {
            return "an MPEG transport stream"
        }
        return looksBinary(bytes) ? "binary data" : nil
    }

    private static func matches(_ bytes: [UInt8], _ signature: [UInt8], at offset: Int) -> Bool {
        bytes.count >= offset + signature.count && bytes[offset...].starts(with: signature)
    }

    /// Whether more than one in 32 of the first bytes are control characters no text uses.
    ///
    /// Text in UTF-16 is full of zero bytes, but all in odd places or all in even ones.
    private static func looksBinary(_ bytes: [UInt8]) -> Bool {
        let sample = bytes.prefix(4096)
        let isMarkedUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        guard !isMarkedUTF16 else { return false }
        var controls = 0
        var zeros = (even: 0, odd: 0)
        for (index, byte) in sample.enumerated() {
            switch byte {
            case 0: if index % 2 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
            case 0x01...0x08, 0x0E...0x1A, 0x1C...0x1F, 0x7F: controls += 1
            default: break
            }
        }
        let isOneSided = (zeros.even == 0) != (zeros.odd == 0)
        let zeroCount = zeros.even + zeros.odd
        if isOneSided, zeroCount * 4 >= sample.count { return false }
        return zeroCount + controls > sample.count / 32
    }

    private static let signatures: [(what: String, offset: Int, bytes: [UInt8])] = [
        ("a JPEG image", 0, [0xFF, 0xD8, 0xFF]),
        ("a PNG image", 0, [0x89, 0x50, 0x4E, 0x47]),
        ("a GIF image", 0, Array("GIF8".utf8)),
        ("a WebP image", 8, Array("WEBP".utf8)),
        ("a TIFF image", 0, [0x49, 0x49, 0x2A, 0x00]),
        ("a TIFF image", 0, [0x4D, 0x4D, 0x00, 0x2A]),
        ("a Matroska film", 0, [0x1A, 0x45, 0xDF, 0xA3]),
        ("an MP4 or QuickTime film", 4, Array("ftyp".utf8)),
        ("a QuickTime film", 4, Array("moov".utf8)),
        ("an AVI film", 8, Array("AVI ".utf8)),
        ("an MXF film", 0, [0x06, 0x0E, 0x2B, 0x34]),
        ("a Windows Media film", 0, [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]),
        ("a Flash film", 0, [0x46, 0x4C, 0x56, 0x01]),
        ("an MPEG film or DVD subtitle stream", 0, [0x00, 0x00, 0x01, 0xBA]),
        ("an MPEG film", 0, [0x00, 0x00, 0x01, 0xB3]),
        ("a WAV sound", 8, Array("WAVE".utf8)),
        ("a FLAC sound", 0, Array("fLaC".utf8)),
        ("an Ogg sound or film", 0, Array("OggS".utf8)),
        ("an MP3 sound", 0, Array("ID3".utf8) + [0x03]),
        ("an MP3 sound", 0, Array("ID3".utf8) + [0x04]),
        ("a PDF document", 0, Array("%PDF".utf8)),
        ("an RTF document", 0, Array("{\\rtf".utf8)),
        ("an old Office document", 0, [0xD0, 0xCF, 0x11, 0xE0]),
        ("a ZIP archive or Office document", 0, [0x50, 0x4B, 0x03, 0x04]),
        ("a gzip archive", 0, [0x1F, 0x8B]),
        ("a 7z archive", 0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
        ("a RAR archive", 0, Array("Rar!".utf8) + [0x1A]),
        ("an xz archive", 0, [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
        ("a Zstandard archive", 0, [0x28, 0xB5, 0x2F, 0xFD]),
        ("a bzip2 archive", 0, Array("BZh".utf8)),
        ("a program", 0, [0x7F, 0x45, 0x4C, 0x46]),
        ("a database", 0, Array("SQLite format 3".utf8)),
        ("a Blu-ray subtitle stream", 0, [0x50, 0x47, 0x00]),
        ("an EBU STL subtitle file", 3, Array("STL2".utf8)),
        ("an EBU STL subtitle file", 3, Array("STL3".utf8)),
        ("UTF-32 text (save it as UTF-8)", 0, [0xFF, 0xFE, 0x00, 0x00]),
        ("UTF-32 text (save it as UTF-8)", 0, [0x00, 0x00, 0xFE, 0xFF]),
    ]
}
