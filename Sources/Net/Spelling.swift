// What somebody may have meant by a word that is not known, and how input is shown in an error.

/// Help with words that are not known.
package enum Spelling {
    /// The candidate nearest to a word, when it is at most two edits away and not a different word
    /// altogether; the first in byte order of several.
    package static func nearest(to word: String, among candidates: some Collection<String>)
        -> String?
    {
        let letters = Array(word.utf8)
        guard letters.count <= LineHead.idBytes else { return nil }
        var best: (distance: Int, name: String)?
        for name in candidates {
            let distance = edits(letters, Array(name.utf8))
            guard distance <= 2, distance * 2 <= letters.count else { continue }
            if let (least, first) = best, (least, first) <= (distance, name) { continue }
            best = (distance, name)
        }
        return best?.name
    }

    /// The number of letters to insert, delete, replace or swap with a neighbour (optimal string
    /// alignment).
    package static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let same = left[row] == right[column]
                var cost = min(
                    last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            before = last
            last = current
        }
        return last[right.count]
    }

    /// At most 64 bytes of input between single quotes, whole characters, what cannot be shown as
    /// `\xNN`.
    package static func shown(_ bytes: some Collection<UInt8>) -> String {
        var kept = Array(bytes.prefix(64))
        let isCut = bytes.count > kept.count
        while isCut, let last = kept.last, last & 0xC0 == 0x80 { kept.removeLast() }
        if isCut, let last = kept.last, last >= 0xC0 { kept.removeLast() }
        var text = ""
        for scalar in String(decoding: kept, as: UTF8.self).unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return "'\(text)\(isCut ? "…" : "")'"
    }
}
