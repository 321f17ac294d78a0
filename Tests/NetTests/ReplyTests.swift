// Reply lines, addresses, near words and the client's reading of replies, by example.

import Net
import Testing

struct ReplyTests {
    private func lines(id: String? = nil, json: Bool = false, _ body: (inout Reply) -> Void)
        -> String
    {
        var reply = Reply(id: id, json: json)
        body(&reply)
        return text(reply.bytes)
    }

    @Test func `every line begins with its kind and the label`() {
        #expect(lines { $0.done("PONG", "x") } == "+ PONG x\n")
        #expect(lines { $0.done() } == "+ ok\n")
        #expect(lines(id: "7") { $0.done("PONG") } == "+#7 PONG\n")
        #expect(lines(id: "7") { $0.done(fields: [("op", .integer(81))]) } == "+#7 ok\top=81\n")
        #expect(
            lines { $0.failed("LIMIT.x", retry: true, "a\tb") } == "- LIMIT.x\tretry=1\ta\\tb\n")
        #expect(lines(id: "7") { $0.failed("A.b", "c") } == "-#7 A.b\tretry=0\tc\n")
        #expect(lines(id: "7") { $0.row([("a", .text("b"))]) } == "=#7\ta=b\n")
        #expect(lines(id: "7") { $0.end([("hits", .integer(0))]) } == ".#7\thits=0\n")
        #expect(lines { $0.end() } == ".\n")
    }

    @Test func `values are escaped and nothing else is changed`() {
        let value = "a\tb\nc\rd\\e\u{1}é\""
        #expect(lines { $0.row([("k", .text(value))]) } == "=\tk=a\\tb\\nc\\rd\\\\e\u{1}é\"\n")
        #expect(
            lines { $0.row([("k", .bytes(bytes(value)))]) }
                == "=\tk=a\\tb\\nc\\rd\\\\e\u{1}é\"\n")
        #expect(lines { $0.row([("a", .flag(true)), ("b", .flag(false))]) } == "=\ta=1\tb=0\n")
        #expect(
            lines { $0.row([("a", .integer(.min)), ("b", .integer(0))]) }
                == "=\ta=-9223372036854775808\tb=0\n")
    }

    @Test func `numbers as they are stay numbers in every form`() {
        let row: [(name: String, value: Field)] = [
            ("a", .decimal(1.0 / 7)), ("b", .decimal(.infinity)),
        ]
        #expect(lines { $0.row(row) } == "=\ta=0.14285714285714285\tb=inf\n")
        #expect(
            lines(json: true) { $0.row(row) } == "=\t{\"a\":0.14285714285714285,\"b\":null}\n")
    }

    @Test func `numbers have their decimals`() {
        let cases: [(Double, Int, String)] = [
            (1.7, 1, "1.7"), (0, 0, "0"), (0, 3, "0.000"), (-0.04, 1, "0.0"), (-2.5, 0, "-3"),
            (0.05, 2, "0.05"), (12.3456, 2, "12.35"), (999.999, 2, "1000.00"), (1e300, 2, "1e+300"),
            (.infinity, 2, "inf"), (.nan, 2, "nan"),
        ]
        for (value, decimals, expected) in cases {
            #expect(
                lines { $0.row([("k", .number(value, decimals: decimals))]) }
                    == "=\tk=\(expected)\n")
        }
    }

    @Test func `rows can be JSON, other lines never`() {
        let row = lines(id: "1", json: true) {
            $0.row([
                ("a\"", .text("x\ty\n\u{1}\\\"é")), ("n", .integer(-5)),
                ("d", .number(.nan, decimals: 1)), ("f", .flag(true)),
                ("b", .bytes([0x61, 0xFF, 0x62])), ("m", .number(0.5, decimals: 2)),
            ])
            $0.row([])
            $0.end([("hits", .integer(1))])
            $0.row([("a", .flag(false))])
        }
        #expect(
            row == "=#1\t{\"a\\\"\":\"x\\ty\\n\\u0001\\\\\\\"é\",\"n\":-5,\"d\":null,\"f\":true,"
                + "\"b\":\"a\u{FFFD}b\",\"m\":0.50}\n=#1\t{}\n.#1\thits=1\n=#1\t{\"a\":false}\n")
    }

    @Test func `the streaming form writes the same`() {
        for json in [false, true] {
            let streamed = lines(id: "1", json: json) {
                $0.beginRow()
                $0.field(name: "a", text: "x")
                $0.field(name: "b", bytes: bytes("y\t"))
                $0.field(name: "c", integer: 3)
                $0.field(name: "d", number: 0.25, decimals: 2)
                $0.field(name: "e", flag: true)
                $0.endRow()
            }
            let whole = lines(id: "1", json: json) {
                $0.row([
                    ("a", .text("x")), ("b", .bytes(bytes("y\t"))), ("c", .integer(3)),
                    ("d", .number(0.25, decimals: 2)), ("e", .flag(true)),
                ])
            }
            #expect(streamed == whole)
        }
    }

    @Test func `addresses are read and written`() {
        #expect(Listen("127.0.0.1:6773") == .tcp(host: "127.0.0.1", port: 6773))
        #expect(Listen("[::1]:0") == .tcp(host: "::1", port: 0))
        #expect(Listen("localhost:65535") == .tcp(host: "localhost", port: 65535))
        #expect(Listen("./x:1") == .unix(path: "./x:1"))
        for wrong in [
            "", "6773", ":6773", "a:", "a:x", "a:65536", "::1:5", "a b:5", "a:+5", "[]:1",
            "/" + String(repeating: "x", count: 108), "a:99999999999999999999",
        ] {
            #expect(Listen(wrong) == nil, "\(wrong)")
        }
        for right in ["127.0.0.1:1", "[::1]:2", "/a/b"] {
            #expect(Listen(right)?.description == right)
        }
    }

    @Test func `near words are found and far ones are not`() {
        #expect(Spelling.edits(bytes("kitten"), bytes("sitting")) == 3)
        #expect(Spelling.edits(bytes("ab"), bytes("ba")) == 1)
        #expect(Spelling.edits([], bytes("abc")) == 3)
        #expect(Spelling.nearest(to: "limt", among: ["list", "limit", "line"]) == "limit")
        #expect(Spelling.nearest(to: "x", among: ["in", "a"]) == nil)
        #expect(Spelling.shown(bytes("a\u{1}b")) == "'a\\x01b'")
    }
}
