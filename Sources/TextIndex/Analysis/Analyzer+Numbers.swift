// Numbers as they are written where a comma stands before decimals and full stops part thousands:
// `3,5` is `3.5` too, and `1.000` is `1000`, as another form of the word. A comma before groups of
// three digits parts thousands everywhere; a full stop does not where it stands before decimals.

extension Analyzer {
    /// Puts a number at `out` as English has it, and returns its length; 0 where that is no other
    /// than the folded word at hand, or it is no number.
    func plainNumber(
        _ word: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var count = 0
        var digits = 0
        var groups = 0
        var hasComma = false
        for index in word.indices {
            let byte = unsafe word[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "."):
                guard !hasComma, groups == 0 ? (1...3).contains(digits) : digits == 3 else {
                    return 0
                }
                (groups, digits) = (groups + 1, 0)
                continue
            case UInt8(ascii: ","):
                guard !hasComma, digits > 0, groups == 0 || digits == 3 else { return 0 }
                (hasComma, digits) = (true, 0)
            default: return 0
            }
            unsafe out[count] = byte == UInt8(ascii: ",") ? UInt8(ascii: ".") : byte
            count += 1
        }
        guard !hasComma else { return digits > 0 ? count : 0 }
        let hasGroups = unsafe groups > 0 && digits == 3 && word[0] != UInt8(ascii: "0")
        return hasGroups && !hasDecimalPoint ? count : 0
    }

    /// Whether a full stop before three digits is taken to stand before decimals, and a space to
    /// part two numbers.
    var hasDecimalPoint: Bool {
        switch language {
        case .bn, .cy, .en, .ga, .he, .hi, .ja, .ko, .mr, .ms, .my, .ne, .plain, .ta, .te, .th,
            .ur, .zh:
            true
        default: false
        }
    }
}
