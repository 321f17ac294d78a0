// One object a line: what is read, what is refused, and that nothing traps.

import Gateway
import TestSupport
import Testing

@Suite struct JSONScannerTests {
    private func members(_ line: String) throws(GatewayError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        let bytes = Array(line.utf8)
        var scanner = JSONScanner(bytes.span)
        try scanner.object { (name, value) throws(GatewayError) in
            members[String(decoding: name, as: UTF8.self)] = value
        }
        return members
    }

    @Test func `values of every kind are read`() throws {
        let line = #"{"a":"x", "b" : -1.5e3,"c":true,"d":null,"e":[1, 2.5],"f":[],"g":false}"#
        let expected: [String: JSONValue] = [
            "a": .string(Array("x".utf8)), "b": .number(Array("-1.5e3".utf8)), "c": .flag(true),
            "d": .null, "e": .numbers([1, 2.5]), "f": .numbers([]), "g": .flag(false),
        ]
        #expect(try members(line) == expected)
        #expect(try members("{}") == [:])
    }

    @Test func `escapes are decoded, surrogates in pairs`() throws {
        let read = try members(#"{"t":"\"\\\/\n\tA\u00e9\uD83D\uDE00 \uD83D."}"#)
        #expect(read["t"] == .string(Array("\"\\/\n\tAé😀 \u{FFFD}.".utf8)))
    }

    @Test(arguments: [
        "", "[]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":\"x}", "{\"a\":1} x",
        "{\"a\":\"\\q\"}", "{\"a\":\"\\u12\"}", "{\"a\":{}}", "{\"a\":[\"x\"]}", "{\"a\":tru}",
    ]) func `what is no flat object is refused with its place`(line: String) {
        #expect { try members(line) } throws: { error in
            let refusal = error as? GatewayError
            return refusal?.code == "SYNTAX.json" && refusal?.text.contains("byte") == true
        }
    }

    @Test func `damaged lines never trap`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let line = Array(#"{"in":"1ms","text":"a\u00e9b","n":[1,2],"k":-3.5}"#.utf8)
        for _ in 0..<50_000 {
            var bytes = line
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            var scanner = JSONScanner(bytes.span)
            try? scanner.object { (_, _) throws(GatewayError) in }
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]) func `base64 is that of RFC 4648`(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == Array(text.utf8))
        #expect(Base64.decode(Array(text.utf8)) == Array(plain.utf8))
    }
}
