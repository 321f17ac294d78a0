// The decoder against what is obviously right: frames from which the test made the bytes, and the
// same input cut in every way.

import Net
import TestSupport
import Testing

struct RequestDecoderTests {
    /// All frames of an input that arrives in pieces of these sizes, the last one for ever.
    private func frames(
        _ input: [UInt8], limits: Limits = Limits(), pieces: [Int] = [.max]
    ) -> [Frame] {
        var decoder = RequestDecoder(limits: limits)
        var frames: [Frame] = []
        var start = 0
        var turn = 0
        while start < input.count {
            let size = pieces[min(turn, pieces.count - 1)]
            let piece = Array(
                input[start..<(size < input.count - start ? start + size : input.count)])
            turn += 1
            start += piece.count
            var position = 0
            loop: while true {
                switch decoder.next(in: piece.span, at: &position) {
                case .starved: break loop
                case .line(let range): frames.append(Frame(line: Array(piece[range])))
                case .frame(let frame): frames.append(frame)
                }
            }
        }
        if let last = decoder.finish() { frames.append(last) }
        return frames
    }

    private func small() -> Limits {
        var limits = Limits()
        limits.line = 60
        limits.literal = 50
        limits.requestBytes = 90
        limits.drain = 400
        return limits
    }

    /// A request that the limits allow, with the frame that it must become.
    private func request(_ random: inout SeededRandom) -> (bytes: [UInt8], frame: Frame) {
        let letters = bytes("abZ\"#=\\ é")
        var wire: [UInt8] = []
        var frame = Frame(line: [])
        let parts = Int.random(in: 1...3, using: &random)
        for part in 1...parts {
            var piece = [UInt8(ascii: "x")]
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                piece.append(letters.randomElement(using: &random) ?? 0x20)
            }
            frame.line += piece
            wire += piece
            guard part < parts else { break }
            var value: [UInt8] = []
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                value.append(UInt8.random(in: 0...255, using: &random))
            }
            let start = frame.line.count
            let marker = bytes("{\(value.count)}")
            frame.line += marker
            frame.literals.append(Frame.Literal(marker: start..<frame.line.count, bytes: value))
            wire += marker + bytes(Bool.random(using: &random) ? "\r\n" : "\n") + value
        }
        return (wire + bytes(Bool.random(using: &random) ? "\r\n" : "\n"), frame)
    }

    @Test func `requests come out as they were put in, however they are cut`() {
        for seed in UInt64(1)...300 {
            var random = SeededRandom(seed: seed)
            var wire: [UInt8] = []
            var expected: [Frame] = []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                if Int.random(in: 0..<4, using: &random) == 0 { wire += bytes("\n  \r\n") }
                let (bytes, frame) = request(&random)
                wire += bytes
                expected.append(frame)
            }
            var limits = small()
            limits.line = 200
            #expect(frames(wire, limits: limits) == expected, "seed \(seed), whole")
            #expect(frames(wire, limits: limits, pieces: [1]) == expected, "seed \(seed), bytes")
            let cuts = (0..<40).map { _ in Int.random(in: 1...20, using: &random) }
            #expect(frames(wire, limits: limits, pieces: cuts) == expected, "seed \(seed), cut")
        }
    }

    @Test func `any bytes mean the same however they are cut`() {
        let pieces = ["{", "}", "1", "9", "40", "70", "\n", "\r", "\r\n", " ", "ab", "#7 ", "\""]
        for seed in UInt64(1)...2_000 {
            var random = SeededRandom(seed: seed)
            var wire: [UInt8] = []
            while wire.count < Int.random(in: 10...300, using: &random) {
                wire += bytes(pieces.randomElement(using: &random) ?? "")
                if Int.random(in: 0..<5, using: &random) == 0 {
                    wire += bytes("{\(Int.random(in: 0...99, using: &random))}\n")
                }
            }
            let whole = frames(wire, limits: small())
            #expect(frames(wire, limits: small(), pieces: [1]) == whole, "seed \(seed), bytes")
            let cuts = (0..<40).map { _ in Int.random(in: 1...30, using: &random) }
            #expect(frames(wire, limits: small(), pieces: cuts) == whole, "seed \(seed), cut")
        }
    }

    @Test func `empty lines are ignored and CR before LF is dropped`() {
        let input = bytes("\n\r\n   \nPING\r\n \r\nPING\n")
        #expect(frames(input).map(\.line) == [bytes("PING"), bytes("PING")])
    }

    @Test func `only digits in braces at the very end announce a literal`() {
        for line in ["A {}", "A {x}", "A {5} ", "A {-5}", "A {5}}", "A 5}", "A \"{5}\"", "}"] {
            let found = frames(bytes(line + "\nB\n"))
            #expect(found.map(\.line) == [bytes(line), bytes("B")])
        }
        let joined = frames(bytes("A {3}\nx\ny key={0}\n\n"))
        #expect(joined.map(\.line) == [bytes("A {3} key={0}")])
        #expect(joined.first?.literals.map(\.bytes) == [bytes("x\ny"), []])
    }

    @Test func `a line over the limit is dropped, with its literal, and the next one is read`() {
        let line = "#9 A " + String(repeating: "x", count: 56)
        for input in [line + "\nB\n", line + "{3}\n\nB\nC\nB\n", line + "\r\nB\n"] {
            for pieces in [[Int.max], [1], [61], [62], [63]] {
                let found = frames(bytes(input), limits: small(), pieces: pieces)
                #expect(found.map(\.fault) == [.lineTooLong, nil], "\(pieces)")
                #expect(found.last?.line == bytes("B"))
                #expect(found.first?.line.starts(with: bytes("#9 A xxx")) == true)
            }
        }
        let longest = String(repeating: "x", count: 60)
        for end in ["\n", "\r\n"] {
            #expect(frames(bytes(longest + end), limits: small()).map(\.line) == [bytes(longest)])
        }
    }

    @Test func `a literal over the limit is thrown away and the next request is read`() {
        let big = String(repeating: "x", count: 51)
        let found = frames(bytes("A {51}\n\(big) k={2}\nyy\nB\n"), limits: small())
        #expect(found.map(\.fault) == [.literalTooLong(51), nil])
        #expect(found.map(\.line) == [bytes("A {51} k={2}"), bytes("B")])
        let three = String(repeating: "{40}\n" + String(repeating: "y", count: 40), count: 3)
        let sum = frames(bytes("A \(three)\nB\n"), limits: small())
        #expect(sum.map(\.fault) == [.literalTooLong(40), nil])
    }

    @Test func `a literal too long to throw away ends the input`() {
        #expect(frames(bytes("A {401}\nB\n"), limits: small()).map(\.fault) == [.drainTooLong(401)])
        let many = String(repeating: "{99}\n" + String(repeating: "y", count: 99), count: 5)
        #expect(
            frames(bytes("A \(many)\nB\n"), limits: small()).map(\.fault) == [.drainTooLong(99)])
    }

    @Test func `a count that is no number ends the input`() {
        let nines = String(repeating: "9", count: 20)
        let long = String(repeating: "1", count: 70)
        for line in ["A {\(nines)}", "#1 A k={\(nines)}", "A {\(long)}"] {
            let found = frames(bytes(line + "\nB\n"), limits: small())
            #expect(found.map(\.fault) == [.literalUnreadable])
        }
    }

    @Test func `an input that ends inside a request says so`() {
        for input in ["PING", "A {3}\nxy", "A {3}\nxyz", "A {3}\nxyz k=1"] {
            #expect(frames(bytes(input)).map(\.fault) == [.unfinished], "\(input)")
        }
        for input in ["", "\n", "  ", "\r"] { #expect(frames(bytes(input)).isEmpty) }
    }

    @Test func `a long partial line costs linear time`() {
        var limits = Limits()
        limits.line = 4 << 20
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: limits.line) + [0x0A]
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(frames(line, limits: limits, pieces: [16]).map(\.line.count) == [limits.line])
        }
        // Scanning again from the start would take 2^39 steps.
        #expect(time < .seconds(20))
    }
}
