// Frame rates: the names editors use, the fractions behind them, and what is refused.

import Media
import Testing

@Suite struct FrameRateTests {
    @Test(arguments: [
        ("24", 24, 1), ("23.976", 24000, 1001), ("23.98", 24000, 1001), ("29.97", 30000, 1001),
        ("59.94", 60000, 1001), ("47.952", 48000, 1001), ("48", 48, 1), ("50", 50, 1),
        ("60", 60, 1), ("30000/1001", 30000, 1001), ("25/1", 25, 1), ("50/2", 25, 1),
        ("1", 1, 1), ("1000", 1000, 1), ("125/3", 125, 3),
        ("999999937/999999936", 999_999_937, 999_999_936),
    ])
    func `a name or a fraction is a rate in lowest terms`(
        text: String, numerator: Int64, denominator: Int64
    ) throws {
        let rate = try #require(FrameRate(text))
        #expect(rate.numerator == numerator)
        #expect(rate.denominator == denominator)
    }

    @Test(arguments: [
        "", "0", "-24", "+24", " 24", "24 ", "24.0", "23.9", "29.970", "30000/1001/1", "/", "24/",
        "/1001", "1001/30000", "1001", "0/0", "24/0", "99999999999999999999", "2147483648000/2",
        "1000001/1000", "NTSC", "24fps", "２４", "23,976",
    ])
    func `anything else is refused`(text: String) {
        #expect(FrameRate(text) == nil)
    }

    @Test func `every rate reads back from its description`() {
        let names = ["23.976", "24", "25", "29.97", "30", "47.952", "48", "50", "59.94", "60"]
        #expect(FrameRate.all.map(\.description) == names)
        for rate in FrameRate.all { #expect(FrameRate(rate.description) == rate) }
        for numerator in 1...2000 as ClosedRange<Int64> {
            for denominator in [1, 2, 3, 7, 1000, 1001] as [Int64] {
                guard let rate = FrameRate(numerator: numerator, denominator: denominator) else {
                    #expect(numerator < denominator || numerator > 1000 * denominator)
                    continue
                }
                #expect(FrameRate(rate.description) == rate)
                #expect(rate.nominal * denominator >= numerator)
                #expect((rate.nominal - 1) * denominator < numerator)
            }
        }
    }

    @Test func `drop-frame exists at 29.97 and 59.94 only`() {
        let dropping = FrameRate.all.filter(\.allowsDropFrame).map(\.description)
        #expect(dropping == ["29.97", "59.94"])
        #expect(FrameRate("15000/1001")?.allowsDropFrame == false)
        #expect(FrameRate("30")?.allowsDropFrame == false)
    }

    @Test func `the nominal rate is the rate rounded up`() {
        #expect(FrameRate.all.map(\.nominal) == [24, 24, 25, 30, 30, 48, 48, 50, 60, 60])
    }
}
