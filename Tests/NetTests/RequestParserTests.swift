// Lines to requests and to complaints, by example.

import Net
import Testing

struct RequestParserTests {
    static let grammar = Grammar(
        verbs: [
            VerbShape(
                name: "PING", usage: "PING", keys: [], order: .constant(reply: bytes("PONG"))),
            VerbShape(
                name: "PUT", usage: "PUT track title", keys: ["in"], openKeys: true,
                order: .overlapping),
            VerbShape(
                name: "GET", usage: "GET track [limit=N]", keys: ["limit", "offset"],
                order: .ordered),
            VerbShape(
                name: "SEARCH", usage: "SEARCH track words", keys: ["limit", "q"],
                freeTextAfterWords: 1, order: .ordered),
            VerbShape(
                name: "FIND", usage: "FIND words", keys: ["within"],
                freeTextAfterWords: 0, order: .ordered),
            VerbShape(
                name: "EXPLAIN", usage: "EXPLAIN", keys: [], wrapsVerb: true,
                order: .ordered),
        ],
        isTrackKey: { track, key in track == "dialogue" && key == "speaker" },
        trackKeys: { track in track == "dialogue" ? ["mode", "speaker"] : [] })

    private func parse(_ input: String) -> Result<Request, Complaint> {
        var decoder = RequestDecoder(limits: Limits())
        let input = bytes(input + "\n")
        var position = 0
        var frame = Frame(line: [])
        switch decoder.next(in: input.span, at: &position) {
        case .starved: return .failure(.init("TEST", "no whole request"))
        case .line(let range): frame.line = Array(input[range])
        case .frame(let whole): frame = whole
        }
        let head = LineHead(frame.line.span)
        frame.shape = Self.grammar.find(frame.line.span.extracting(head.verb))
        return RequestParser.parse(frame, head: head, grammar: Self.grammar)
    }

    /// A request in one line: verb|words|keys|text.
    private func shown(_ input: String) -> String {
        switch parse(input) {
        case .failure(let complaint):
            return "\(complaint.code): \(complaint.text)"
        case .success(let request):
            let words = request.words.map { text($0) }.joined(separator: ",")
            let keys = request.keys.map { "\($0.name)=\(text($0.value))" }.joined(separator: ",")
            let label = request.id.map { "#\($0) " } ?? ""
            return
                "\(label)\(request.verb)|\(words)|\(keys)|\(request.text.map { text($0) } ?? "-")"
        }
    }

    @Test func `tokens, quotes and escapes`() {
        #expect(shown("put a  b in=1  x=") == "PUT|a,b|in=1,x=|-")
        #expect(shown("PUT \"a b\" x=\"q\\\"\\\\\\n\\t\" y='z") == "PUT|a b|x=q\"\\\n\t,y='z|-")
        #expect(shown("PUT \"a=b\" 1x=2 =c a,b=1 a\"b") == "PUT|a=b,1x=2,=c,a,b=1,a\"b||-")
        #expect(shown("  #a-7! pUt k.e-y_2=é  ") == "#a-7! PUT||k.e-y_2=é|-")
        #expect(shown("PUT x=\"\" \"\"") == "PUT||x=|-")
    }

    @Test func `which values were in quotes is known`() throws {
        let line = "PUT x=\"a,b\" y=a,b z=\"\" w"
        guard case .success(let request) = parse(line) else {
            Issue.record("it is not read")
            return
        }
        #expect(request.quoted == ["x", "z"])
    }

    @Test func `literals stand for words and values`() {
        #expect(shown("PUT {3}\na\nb k={2}\nxy z={0}\n w") == "PUT|a\nb,w|k=xy,z=|-")
        #expect(shown("PUT vec=f32:{4}\n1234") == "PUT||vec=f32:1234|-")
        #expect(
            shown("PUT k={2}\nxyz") == "SYNTAX.literal: after a literal of 2 bytes comes a space"
                + " or the end of the line, not 'z', at column 10; usage: PUT track title")
        #expect(
            shown("PUT k=\"{2}\nxy") == "SYNTAX.quote: a double quote is not closed at column 7;"
                + " usage: PUT track title")
        #expect(shown("PUT{2}\nxy").hasPrefix("SYNTAX.verb: unknown verb 'PUT{2}' at column 1;"))
        #expect(shown("#1{2}\nxy PUT").hasPrefix("SYNTAX.literal: a literal is no verb"))
    }

    @Test func `free text stands as it is up to the first known key`() {
        #expect(
            shown("SEARCH dialogue we have to \"go back\"  limit=3")
                == "SEARCH|dialogue|limit=3|we have to \"go back\"")
        #expect(
            shown("SEARCH dialogue \"a limit=3 b\" x=y lim limit=4 q=z")
                == "SEARCH|dialogue|limit=4,q=z|\"a limit=3 b\" x=y lim")
        #expect(
            shown("SEARCH dialogue say \"a \\\" limit=3\" limit=4")
                == "SEARCH|dialogue|limit=4|say \"a \\\" limit=3\"")
        #expect(shown("SEARCH dialogue 5\" screen limit=4") == "SEARCH|dialogue|limit=4|5\" screen")
        #expect(shown("SEARCH dialogue a speaker=b") == "SEARCH|dialogue|speaker=b|a")
        #expect(shown("SEARCH shots a speaker=b") == "SEARCH|shots||a speaker=b")
        #expect(
            shown("SEARCH dialogue xlimit=3 (limit=3) limit=3")
                == "SEARCH|dialogue|limit=3|xlimit=3 (limit=3)")
        #expect(shown("SEARCH dialogue") == "SEARCH|dialogue||-")
        #expect(shown("SEARCH limit=1 \"my track\"  hey  ") == "SEARCH|my track|limit=1|hey")
        #expect(
            shown("FIND a:\"run\" & b~\"x within=1 y\" within=3s")
                == "FIND||within=3s|a:\"run\" & b~\"x within=1 y\"")
        #expect(shown("SEARCH dialogue limit=1 q=\"a b\"") == "SEARCH|dialogue|limit=1,q=a b|-")
    }

    @Test func `a literal in free text is text`() {
        #expect(
            shown("SEARCH dialogue {17}\n a \" limit=3\n   {  limit=4")
                == "SEARCH|dialogue|limit=4| a \" limit=3\n   {")
        #expect(shown("SEARCH dialogue one {3}\ntwo three") == "SEARCH|dialogue||one two three")
        #expect(shown("SEARCH dialogue \"a {2}\nxy limit=3") == "SEARCH|dialogue|limit=3|\"a xy")
        #expect(
            shown("SEARCH dialogue limit=3 q={5}\na b=c") == "SEARCH|dialogue|limit=3,q=a b=c|-")
    }

    @Test func `a wrapping verb takes the form of the verb it wraps`() {
        #expect(
            shown("EXPLAIN search dialogue a  b speaker=x")
                == "EXPLAIN|search,dialogue|speaker=x|a  b")
        #expect(shown("EXPLAIN FIND a b within=1") == "EXPLAIN|FIND|within=1|a b")
        #expect(shown("EXPLAIN GET a limit=1") == "EXPLAIN|GET,a|limit=1|-")
        #expect(
            shown("EXPLAIN GET a zzz=1")
                == "SYNTAX.key: unknown key 'zzz' at column 15; usage: EXPLAIN GET track [limit=N]")
        #expect(
            shown("EXPLAIN serch a")
                == "SYNTAX.verb: unknown verb 'serch' at column 9; did you mean 'SEARCH'?"
                + " HELP lists them")
        #expect(shown("EXPLAIN") == "EXPLAIN|||-")
    }

    @Test func `complaints name the column, a near word and the usage`() {
        let get = "; usage: GET track [limit=N]"
        #expect(
            shown("#12 GET é limt=3")
                == "SYNTAX.key: unknown key 'limt' at column 11; did you mean 'limit'? "
                + "usage: GET track [limit=N]")
        #expect(shown("GET Limit=3").hasPrefix("SYNTAX.key: unknown key 'Limit' at column 5"))
        #expect(
            shown("GET limit=3 offset=1 limit=3")
                == "SYNTAX.repeated: the key 'limit' is given again at column 22" + get)
        #expect(
            shown("GET limit=\"3") == "SYNTAX.quote: a double quote is not closed at column 11"
                + get)
        #expect(shown("GET \"a\\x\"").hasSuffix("at column 7" + get))
        #expect(shown("GET \"a\\").hasPrefix("SYNTAX.quote: a double quote is not closed"))
        #expect(
            shown("GET \"a\"b") == "SYNTAX.quote: a space must follow the closing quote at column 8"
                + get)
        #expect(
            shown("SEARCH dialogue a limit=3 b")
                == "SYNTAX.word: a word 'b' after the first key at column 27;"
                + " usage: SEARCH track words"
        )
        #expect(shown("SEARCH dialogue a limit=3 limt=4").contains("did you mean 'limit'?"))
        #expect(
            shown("SEARCH dialogue limit=3 mood=sad").hasPrefix(
                "SYNTAX.key: unknown key 'mood' at column 25; did you mean 'mode'? usage:"))
        #expect(
            shown("SEARCH dialogue limit=3 colour=red").hasPrefix(
                "SYNTAX.key: unknown key 'colour' at column 25; the attributes of what is searched "
                    + "are mode, speaker; usage:"))
        #expect(
            shown("GTE x")
                == "SYNTAX.verb: unknown verb 'GTE' at column 1; did you mean 'GET'?"
                + " HELP lists them"
        )
        #expect(
            shown("quatsch") == "SYNTAX.verb: unknown verb 'quatsch' at column 1; HELP lists them")
        #expect(shown("#").hasPrefix("SYNTAX.id"))
        #expect(shown("#é PING").hasPrefix("SYNTAX.id"))
        #expect(shown("#" + String(repeating: "a", count: 65) + " PING").hasPrefix("SYNTAX.id"))
        #expect(shown("#" + String(repeating: "a", count: 64) + " PING").hasSuffix("PING|||-"))
        #expect(shown("#1") == "SYNTAX.verb: unknown verb '' at column 3; HELP lists them")
    }

    @Test func `control characters and broken UTF-8 are refused with their column`() {
        #expect(shown("GET é\u{1}").hasPrefix("SYNTAX.character: a control character at column 6"))
        for control in ["\0", "\t", "a\rb", "\u{7F}"] {
            #expect(shown("GET " + control).hasPrefix("SYNTAX.character"))
        }
        var decoder = RequestDecoder(limits: Limits())
        let input = bytes("GET é") + [0xC3, 0x28, 0x0A]
        var position = 0
        guard case .line(let range) = decoder.next(in: input.span, at: &position) else {
            Issue.record("not a line")
            return
        }
        let frame = Frame(line: Array(input[range]), shape: 2)
        let result = RequestParser.parse(
            frame, head: LineHead(frame.line.span), grammar: Self.grammar)
        guard case .failure(let complaint) = result else {
            Issue.record("accepted")
            return
        }
        #expect(complaint == Complaint("SYNTAX.utf8", "the line is not UTF-8 at column 6"))
    }

    @Test func `an error shows at most 64 bytes of the input`() {
        let long = shown(
            "GET " + String(repeating: "é", count: 200) + "x=1 "
                + String(repeating: "k", count: 200) + "=1")
        #expect(
            long.contains("'" + String(repeating: "k", count: 64) + "…'")
                || long.contains("'" + String(repeating: "k", count: 63) + "…'"))
    }

    @Test func `thousands of keys or quotes cost no square`() {
        let keys = (0..<9_000).map { "k\($0)=" }.joined(separator: " ")
        let quotes = String(repeating: "\\\" ", count: 21_000)
        let time = ContinuousClock().measure {
            #expect(shown("PUT " + keys).hasSuffix("k8999=|-"))
            #expect(shown("PUT " + keys + " k77=").hasPrefix("SYNTAX.repeated"))
            #expect(shown("SEARCH dialogue \"" + quotes + "limit=3").contains("|limit=3|"))
        }
        #expect(time < .seconds(2))
    }

    @Test func `verbs are found by name in any case`() {
        let names = ["A", "AB", "ABCDEFGH", "ABCDEFGHI", "ABCDEFGHJ", "B2"]
        let grammar = Grammar(
            verbs: names.shuffled().map {
                VerbShape(name: $0, usage: $0, keys: [], order: .ordered)
            }, isTrackKey: { _, _ in false })
        for (index, name) in names.enumerated() {
            #expect(grammar.find(bytes(name).span) == index)
            #expect(grammar.find(bytes(name.lowercased()).span) == index)
        }
        for name in ["", "C", "AB\0", "ABCDEFGHK", "ABCDEFG", "@", "a{"] {
            #expect(grammar.find(bytes(name).span) == -1)
        }
    }
}
