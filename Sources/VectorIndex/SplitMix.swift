// Random numbers for training: the same seed gives the same index everywhere.

/// SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// `count` different numbers below `bound`, ascending (Vitter's method of one pass).
    mutating func sample(_ count: Int, below bound: Int) -> [Int] {
        var left = min(count, bound)
        var chosen: [Int] = []
        chosen.reserveCapacity(left)
        for number in 0..<bound where left > 0 {
            guard Int.random(in: 0..<(bound - number), using: &self) < left else { continue }
            chosen.append(number)
            left -= 1
        }
        return chosen
    }
}
