// What the tests of analysis share: terms as strings, random text of an alphabet, and reading a
// file of the Unicode Character Database where the system has one.

import Glibc
import TestSupport
import TextIndex

extension Analyzer {
    /// What a line of `text` puts into the index.
    func indexed(_ text: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe forEachToken(bytes) { term, place in
                unsafe tokens.append(Token(term: Array(term), place: place))
            }
        }
        return tokens
    }

    func strings(_ text: String) -> [String] {
        terms(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    func folded(_ text: String) -> String {
        String(decoding: fold(Array(text.utf8)), as: UTF8.self)
    }
}

extension SeededRandom {
    /// Up to `count` elements of `alphabet`, concatenated.
    mutating func text(of alphabet: [String], upTo count: Int) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 0...count, using: &self) {
            if let piece = alphabet.randomElement(using: &self) { text += piece.utf8 }
        }
        return text
    }
}

/// The text of a file, or nil when there is none.
func contents(ofFile path: String) -> String? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe fread(&chunk, 1, chunk.count, file)
        if count == 0 { break }
        bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}
