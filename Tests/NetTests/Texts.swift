// Texts as bytes and back, as requests and replies are written in tests.

/// Bytes of a text.
func bytes(_ text: String) -> [UInt8] {
    Array(text.utf8)
}

/// Text of bytes.
func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
}
