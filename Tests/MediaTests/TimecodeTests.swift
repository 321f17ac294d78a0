// Timecode: every frame of a day at every rate, there and back; the published vectors; the forms
// people type; and every way to be refused.

import Media
import Testing

private func rate(_ text: String) throws -> FrameRate { try #require(FrameRate(text)) }

@Suite struct TimecodeTests {
    // MARK: Every frame of a day

    @Test(arguments: FrameRate.all, [false, true])
    func `every frame of a day reads back from its label`(rate: FrameRate, dropFrame: Bool) throws {
        guard !dropFrame || rate.allowsDropFrame else { return }
        var counter = LabelCounter(rate: rate, dropFrame: dropFrame)
        var frame: Int64 = 0
        var wrong: [Int64] = []
        repeat {
            let label = Timecode.label(frames: frame, rate: rate, dropFrame: dropFrame)
            let back = try Timecode.frames(label: label, rate: rate)
            let agrees = back.frames == frame && back.dropFrame == dropFrame
            if !agrees { wrong.append(frame) }
            if frame % 997 == 0 || frame < 40_000, label != counter.label { wrong.append(frame) }
            frame += 1
            counter.advance()
        } while !counter.isZero
        #expect(wrong.isEmpty, "first wrong frame: \(wrong.first ?? -1)")
        #expect(Timecode.label(frames: frame, rate: rate, dropFrame: dropFrame) == counter.label)
        let last = Timecode.label(frames: -1, rate: rate, dropFrame: dropFrame)
        #expect(try Timecode.frames(label: last, rate: rate).frames == frame - 1)
    }

    @Test(arguments: FrameRate.all)
    func `every frame of a day reads back from its time`(rate: FrameRate) {
        var wrong: [Int64] = []
        for frame in 0...(rate.nominal * 86400) {
            let time = Timecode.nanoseconds(ofFrame: frame, rate: rate)
            let isExact =
                Timecode.frame(at: time, rate: rate) == frame
                && Timecode.frame(at: time - 1, rate: rate) == frame - 1
            if !isExact { wrong.append(frame) }
        }
        #expect(wrong.isEmpty, "first wrong frame: \(wrong.first ?? -1)")
    }

    @Test(arguments: ["1", "1000", "999999937/999999936", "999999937/1000001", "125/3"])
    func `odd rates are exact too, below zero and far out`(name: String) throws {
        let rate = try rate(name)
        for frame in [-5_000_000_000, -1001, -1, 0, 1, 1001, 86_399, 5_000_000_000] as [Int64] {
            let time = Timecode.nanoseconds(ofFrame: frame, rate: rate)
            #expect(Timecode.frame(at: time, rate: rate) == frame)
            #expect(Timecode.frame(at: time - 1, rate: rate) == frame - 1)
        }
    }

    @Test func `nothing traps at the ends of the integers`() throws {
        let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
        for rate in FrameRate.all {
            for value in extremes {
                _ = Timecode.nanoseconds(ofFrame: value, rate: rate)
                _ = Timecode.frame(at: value, rate: rate)
                _ = Timecode.clock(nanoseconds: value)
                for start in extremes {
                    _ = Timecode.label(
                        nanoseconds: value, rate: rate, start: start, dropFrame: true)
                    _ = try? Timecode.parse("23:59:59:00", rate: rate, start: start)
                }
            }
        }
        #expect(Timecode.nanoseconds(ofFrame: .max, rate: try rate("24")) == .max)
        #expect(Timecode.nanoseconds(ofFrame: .min, rate: try rate("24")) == .min)
    }

    // MARK: Published vectors

    @Test(arguments: [
        ("01;00;02;05", "29.97", 107957), ("00;10;00;00", "29.97", 17982),
        ("01;00;00;00", "29.97", 107892), ("23;59;59;29", "29.97", 2_589_407),
        ("00;01;00;04", "59.94", 3600), ("00;10;00;00", "59.94", 35964),
        ("01;00;00;00", "59.94", 215_784), ("01:00:00:00", "23.976", 86400),
    ])
    func `published labels stand for their frames`(
        label: String, name: String, frames: Int64
    ) throws {
        let rate = try rate(name)
        let read = try Timecode.frames(label: label, rate: rate)
        #expect(read.frames == frames)
        #expect(read.dropFrame == label.contains(";"))
        let written = Timecode.label(frames: frames, rate: rate, dropFrame: read.dropFrame)
        #expect(written == label.replacingSemicolonsButLast)
    }

    @Test func `an hour of labels at 23.976 lasts 3603.6 seconds`() throws {
        let time = Timecode.nanoseconds(ofFrame: 86400, rate: try rate("23.976"))
        #expect(time == 3_603_600_000_000)
        #expect(Timecode.clock(nanoseconds: time) == "01:00:03.600")
    }

    // MARK: Forms people type

    @Test(arguments: [
        ("0", 0), ("0s", 0), ("62.5s", 62_500_000_000), ("62500ms", 62_500_000_000),
        ("1488f", 62_000_000_000), ("5m", 300_000_000_000), ("1h", 3_600_000_000_000),
        ("1.5h", 5_400_000_000_000), ("0.5m", 30_000_000_000), ("0.000001ms", 1),
        ("0.000000001s", 1), ("00:01:02.500", 62_500_000_000), ("01:02.500", 62_500_000_000),
        ("1:02", 62_000_000_000), ("00:01:02", 62_000_000_000), ("120:00:00", 432_000_000_000_000),
        ("00:00:00.123456789", 123_456_789), ("01:00:01:12", 1_500_000_000),
        ("01:00:00:00", 0), ("1:0:2:0", 2_000_000_000), ("0000000f", 0),
    ])
    func `a time is read`(text: String, nanoseconds: Int64) throws {
        #expect(try Timecode.parse(text, rate: rate("24"), start: 86400) == nanoseconds)
    }

    @Test func `the point before the decimals is a clock, never drop-frame`() throws {
        let rate = try rate("29.97")
        let start: Int64 = 107_892
        #expect(try Timecode.parse("01:00:00.10", rate: rate, start: start) == 3_600_100_000_000)
        let frame10 = Timecode.nanoseconds(ofFrame: 10, rate: rate)
        for text in ["01:00:00;10", "01;00;00;10", "01;00:00:10"] {
            #expect(try Timecode.parse(text, rate: rate, start: start) == frame10)
        }
        let nonDrop = Timecode.nanoseconds(ofFrame: 108 + 10, rate: rate)
        #expect(try Timecode.parse("01:00:00:10", rate: rate, start: start) == nonDrop)
    }

    @Test(arguments: [
        ("333.3333333333333ms", 333_333_333), ("12.333333333333334s", 12_333_333_333),
        ("0.0000000001s", 0), ("0.0000000005s", 1), ("0.00000049999999999999999999ms", 0),
        ("0.30000000000000004s", 300_000_000), ("00:00:37.33333333333333", 37_333_333_333),
        ("01:02.9999999999", 63_000_000_000), ("0.00000000000000000000000000001h", 0),
        ("0.1234567890123456789012345m", 7_407_407_341),
        ("1e3ms", 1_000_000_000), ("1.5e-05s", 15_000), ("1E+2s", 100_000_000_000),
        ("12.5e-1m", 75_000_000_000), ("3e-300ms", 0), ("0.00625e4s", 62_500_000_000),
    ])
    func `what programs print is rounded to a nanosecond`(
        text: String, nanoseconds: Int64
    ) throws {
        #expect(try Timecode.parse(text, rate: nil, start: 0) == nanoseconds)
    }

    @Test(arguments: FrameRate.all)
    func `the number of a frame divided by the rate is that frame`(rate: FrameRate) throws {
        let fps = Double(rate.numerator) / Double(rate.denominator)
        var wrong: [String] = []
        for frame in Array(0..<2_000) + Array(stride(from: 2_000, to: 2_000_000, by: 7_919)) {
            for text in ["\(Double(frame) / fps)s", "\(Double(frame) * 1_000 / fps)ms"] {
                let time = try Timecode.parse(text, rate: rate, start: 0)
                let isNear =
                    abs(time - Timecode.nanoseconds(ofFrame: Int64(frame), rate: rate)) <= 1
                if !isNear || Timecode.frame(at: time, rate: rate) != frame { wrong.append(text) }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    @Test(arguments: FrameRate.all)
    func `a printed label reads back to the time its frame begins`(rate: FrameRate) throws {
        for start in [0, 3600 * rate.nominal, 23 * 3600 * rate.nominal] {
            for frame in stride(from: 0, to: 2 * 3600 * rate.nominal, by: 7919) {
                let time = Timecode.nanoseconds(ofFrame: frame, rate: rate)
                let dropFrame = rate.allowsDropFrame
                let label = Timecode.label(
                    nanoseconds: time, rate: rate, start: start, dropFrame: dropFrame)
                #expect(try Timecode.parse(label, rate: rate, start: start) == time)
            }
        }
    }

    @Test(arguments: [
        (0, "00:00:00.000"), (499_999, "00:00:00.000"), (500_000, "00:00:00.001"),
        (62_500_000_000, "00:01:02.500"), (3_599_999_500_000, "01:00:00.000"),
        (360_000_000_000_000, "100:00:00.000"), (-1_000_000, "-00:00:00.001"),
        (-500_000, "00:00:00.000"), (.max, "2562047:47:16.855"), (.min, "-2562047:47:16.855"),
    ])
    func `a clock rounds half up to the millisecond`(nanoseconds: Int64, text: String) {
        #expect(Timecode.clock(nanoseconds: nanoseconds) == text)
    }

    @Test func `rates above 100 have three digits of frames`() throws {
        let rate = try rate("120")
        #expect(Timecode.label(frames: 119, rate: rate, dropFrame: false) == "00:00:00:119")
        #expect(try Timecode.frames(label: "00:00:01:007", rate: rate).frames == 127)
    }
}

@Suite struct TimecodeErrorTests {
    @Test(arguments: [
        "", ":", "x", "1:", ":1", "1::2", "1:2:3:4:5", "1.2.3", "12:30s", "00:00:01:02.5", "1.f",
        ".5s", "5 s", " 5s", "5s ", "5ss", "5msx", "-5s", "+5s", "1.5f", "01;02;03", "00:01;02.5",
        "00:00:01,500", "٠", "e3s", "1.e3s", "1e", "1es", "1e3:00", "1e1000s", "1e-s", "\0",
        "00:00:00:00\0",
    ])
    func `what is no time is refused with the forms that are`(text: String) throws {
        let rate = try rate("24")
        let error = #expect(throws: TimecodeError.self) {
            _ = try Timecode.parse(text, rate: rate, start: 0)
        }
        #expect(error == .notATime(text))
        #expect(error?.description.contains("HH:MM:SS:FF") == true)
    }

    @Test(arguments: [
        ("00:00:10:24", "24", "00:00:11:00"), ("00:00:10:30", "24", "00:00:11:06"),
        ("00:60:00:00", "24", "01:00:00:00"), ("00:00:75:00", "24", "00:01:15:00"),
        ("00:59:59:30", "29.97", "01:00:00:00"), ("00;00;59;30", "29.97", "00:01:00;02"),
        ("00;01;00;00", "29.97", "00:01:00;02"), ("00;01;00;01", "29.97", "00:01:00;02"),
        ("00;11;00;03", "59.94", "00:11:00;04"), ("00;01;00;00", "24", "00:01:00:00"),
        ("00:75:30", "24", "01:15:30.000"), ("75:30.25", "24", "01:15:30.250"),
        ("00:00:61", "24", "00:01:01.000"),
    ])
    func `the nearest right label is named and can be read`(
        text: String, name: String, nearest: String
    ) throws {
        let rate = try rate(name)
        let error = try #require(
            throws: TimecodeError.self,
            performing: { _ = try Timecode.parse(text, rate: rate, start: 0) })
        #expect(error.description.contains(nearest), "\(error)")
        _ = try Timecode.parse(nearest, rate: rate, start: 0)
    }

    @Test func `an error says what to do`() throws {
        let ntsc = try rate("29.97")
        func message(_ text: String, _ rate: FrameRate?, start: Int64 = 0) -> String {
            do {
                return "read: \(try Timecode.parse(text, rate: rate, start: start))"
            } catch {
                return error.description
            }
        }
        #expect(message("01:00:00:00", nil).contains("set fps"))
        #expect(message("10f", nil).contains("set fps"))
        #expect(message("62", ntsc).contains("unit"))
        #expect(message("24:00:00:00", ntsc).contains("hours go from 0 to 23"))
        #expect(message("00:00:00:30", ntsc).contains("frames go from 0 to 29"))
        #expect(message("1e3", ntsc).contains("'1e3' has no unit"))
        #expect(message("1e300s", ntsc).contains("'1e300s' is too large"))
        #expect(message("00;01;00;00", ntsc).contains("skips frames 00 to 01"))
        #expect(message("00;59;59;29", ntsc, start: 107_892).contains("01:00:00;00"))
        #expect(message("9999999999s", ntsc).contains("too large"))
        #expect(message("999999999999999999f", ntsc).contains("too large"))
        #expect(message("1000000000000000000h", ntsc).contains("too large"))
        #expect(message("999999999999999999:00:00", ntsc).contains("too large"))
        #expect(message("0:999999999999999999:00:00", ntsc).contains("minutes go from 0 to 59"))
        #expect(message(String(repeating: "a\n", count: 999), ntsc).utf8.count < 200)
    }

    @Test func `in a title that counts in drop-frame every label does`() throws {
        let (rate, pal) = (try rate("29.97"), try rate("25"))
        let start = try Timecode.frames(label: "01:00:00;00", rate: rate).frames
        for text in ["01:01:00:02", "01:10:00:00", "01:59:59:29", "02:00:00:00"] {
            let dropped = text.dropLast(3) + ";" + text.suffix(2)
            #expect(
                try Timecode.parse(text, rate: rate, start: start, dropFrame: true)
                    == Timecode.parse(String(dropped), rate: rate, start: start))
            #expect(
                try Timecode.parse(text, rate: rate, start: start, dropFrame: true)
                    != Timecode.parse(text, rate: rate, start: start))
        }
        let skipped = try #require(throws: TimecodeError.self) {
            _ = try Timecode.parse("01:01:00:00", rate: rate, start: start, dropFrame: true)
        }
        #expect(skipped.description.contains("01:01:00;02"))
        // Elsewhere it means nothing.
        #expect(
            try Timecode.parse("00:01:00:00", rate: pal, start: 0, dropFrame: true)
                == 60 * 1_000_000_000)
    }

    @Test func `a label after midnight belongs to a title that began before it`() throws {
        let rate = try rate("25")
        let start: Int64 = 23 * 3600 * 25
        let quarterPast = try Timecode.parse("00:15:00:00", rate: rate, start: start)
        #expect(quarterPast == 75 * 60 * 1_000_000_000)
        #expect(throws: TimecodeError.self) {
            _ = try Timecode.parse("22:59:59:24", rate: rate, start: start)
        }
    }
}

/// The slow and obvious way to count labels: one frame after another, as on a tape.
private struct LabelCounter {
    let rate: FrameRate
    let dropFrame: Bool
    var hours: Int64 = 0
    var minutes: Int64 = 0
    var seconds: Int64 = 0
    var frames: Int64 = 0

    init(rate: FrameRate, dropFrame: Bool) {
        self.rate = rate
        self.dropFrame = dropFrame
    }

    var isZero: Bool { hours == 0 && minutes == 0 && seconds == 0 && frames == 0 }

    var label: String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let separator = dropFrame ? ";" : ":"
        return "\(two(hours)):\(two(minutes)):\(two(seconds))\(separator)\(two(frames))"
    }

    mutating func advance() {
        frames += 1
        if frames == rate.nominal { (frames, seconds) = (0, seconds + 1) }
        if seconds == 60 { (seconds, minutes) = (0, minutes + 1) }
        if minutes == 60 { (minutes, hours) = (0, hours + 1) }
        if hours == 24 { hours = 0 }
        guard dropFrame, frames == 0, seconds == 0, minutes % 10 != 0 else { return }
        frames = rate.nominal == 30 ? 2 : 4
    }
}

extension String {
    /// Labels are printed with one semicolon, the last separator.
    fileprivate var replacingSemicolonsButLast: String {
        guard let last = lastIndex(of: ";") else { return self }
        return self[..<last].map { $0 == ";" ? ":" : String($0) }.joined() + self[last...]
    }
}
