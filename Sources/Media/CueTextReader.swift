// The words of a cue without their markup: tags, override blocks and character references become
// plain text, and `<v Name>` says who speaks. How characters are read, which stands small beside
// them (`<rt>` within `<ruby>`), is not said a second time: it is left out. Follows WebVTT's
// tokenizer (section 6.4): an unknown tag is a tag all the same, and a tag without its ">" takes
// the rest of the cue with it. SubRip is looser, "I <3 you" is text there: only tags with a known
// name and an end are markup.
//
// What must always hold: one pass, work and memory in proportion to the cue's bytes.

/// Reads the bodies of cues; keeps its buffer from one to the next.
struct CueTextReader {
    /// What one person says in a cue.
    struct Voice: Equatable {
        var speaker: String?
        var text: String
    }

    private let markup: SubtitleFormat
    private var buffer: [UInt8] = []
    private var lineStart = 0
    private var voices: [Voice] = []
    private var speaker: String?
    private var hasVoice = false
    private var isRuby = false
    /// Within ruby, what stands beside the words; until its line ends, should its tag have no end.
    private var isAside = false
    private var tagEnds = ByteFinder(UInt8(ascii: ">"))
    private var overrideEnds = ByteFinder(UInt8(ascii: "}"))

    init(markup: SubtitleFormat) { self.markup = markup }

    /// The voices of a body that say something, in order.
    ///
    /// Words belong to the last `<v>` before them, those before the first one to that one.
    mutating func read(_ text: [UInt8], _ body: Range<Int>) -> [Voice] {
        voices.removeAll(keepingCapacity: true)
        (speaker, hasVoice) = (nil, false)
        (isRuby, isAside) = (false, false)
        tagEnds.reset()
        overrideEnds.reset()
        startVoice()
        var position = body.lowerBound
        while position < body.upperBound {
            let byte = text[position]
            switch byte {
            case 0x0A, 0x0D:
                isAside = false
                endLine()
            case UInt8(ascii: "<"):
                if let next = takeTag(text, at: position, end: body.upperBound) {
                    position = next
                    continue
                }
                append(byte)
            case UInt8(ascii: "{"):
                if let next = overrideEnd(text, at: position, end: body.upperBound) {
                    position = next
                    continue
                }
                append(byte)
            case UInt8(ascii: "&"):
                if let reference = CharacterReference.decode(
                    text, at: position, end: body.upperBound)
                {
                    append(scalar: reference.value)
                    position = reference.next
                    continue
                }
                append(byte)
            case 0: append(scalar: 0xFFFD)
            default: append(byte)
            }
            position += 1
        }
        endVoice()
        return voices
    }

    // MARK: Lines and voices

    private mutating func startVoice() {
        buffer.removeAll(keepingCapacity: true)
        lineStart = 0
    }

    /// Appends a byte; blanks at the start of a line are left out.
    private mutating func append(_ byte: UInt8) {
        if isAside || byte.isBlank && buffer.count == lineStart { return }
        buffer.append(byte)
    }

    private mutating func append(scalar: UInt32) {
        if isAside { return }
        if scalar == 0x0A { endLine() } else { buffer.appendScalar(scalar) }
    }

    /// Ends a line; one without words leaves no trace.
    private mutating func endLine() {
        trimLine()
        guard buffer.count > lineStart else { return }
        buffer.append(0x0A)
        lineStart = buffer.count
    }

    private mutating func trimLine() {
        while buffer.count > lineStart, buffer[buffer.count - 1].isBlank { buffer.removeLast() }
    }

    private mutating func endVoice() {
        endLine()
        if !buffer.isEmpty { buffer.removeLast() }
        if buffer.hasVisibleCharacter {
            voices.append(Voice(speaker: speaker, text: String(decoding: buffer, as: UTF8.self)))
        }
        startVoice()
    }

    private mutating func takeVoice(_ name: String?) {
        if hasVoice, name != speaker { endVoice() }
        (speaker, hasVoice) = (name, true)
    }

    // MARK: Tags

    /// Takes the tag at a "<" and gives the index after it; nil if it is no tag but text.
    private mutating func takeTag(_ text: [UInt8], at start: Int, end: Int) -> Int? {
        let close = tagEnds.next(in: text, from: start, end: end)
        if close == nil, markup == .srt { return nil }
        let tag = (start + 1)..<(close ?? end)
        var nameEnd = tag.lowerBound
        let isEnd = text[tag].first == UInt8(ascii: "/")
        if isEnd { nameEnd += 1 }
        let nameStart = nameEnd
        while nameEnd < tag.upperBound, text[nameEnd].isLetter || text[nameEnd].isDigit {
            nameEnd += 1
        }
        let name = ShortName(text, nameStart..<nameEnd, ignoringCase: true)
        let isWhole = nameEnd == tag.upperBound || text[nameEnd].endsTagName
        if markup == .srt {
            guard isWhole, CueTextReader.knownTags.contains(name) else { return nil }
        }
        if !isEnd, isWhole, name == CueTextReader.voiceTag {
            takeVoice(annotation(text, nameEnd..<tag.upperBound))
        } else if name == CueTextReader.lineBreakTag {
            endLine()
        } else if name == CueTextReader.rubyTag {
            (isRuby, isAside) = (!isEnd, false)
        } else if CueTextReader.asideTags.contains(name) {
            isAside = isRuby && !isEnd
        }
        return close.map { $0 + 1 } ?? end
    }

    /// The name in a `<v.class Name>`: after the classes, blanks joined, references decoded.
    private func annotation(_ text: [UInt8], _ range: Range<Int>) -> String? {
        var position = range.lowerBound
        while position < range.upperBound, text[position] > 0x20 { position += 1 }
        var name: [UInt8] = []
        while position < range.upperBound {
            if text[position] <= 0x20 {
                if name.last ?? 0x20 != 0x20 { name.append(0x20) }
                position += 1
            } else if text[position] == UInt8(ascii: "&"),
                let reference = CharacterReference.decode(
                    text, at: position, end: range.upperBound)
            {
                name.appendScalar(reference.value)
                position = reference.next
            } else {
                name.append(text[position])
                position += 1
            }
        }
        if name.last == 0x20 { name.removeLast() }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }

    /// The index after an override block such as `{\an8}`, which Advanced SubStation leaves behind.
    private mutating func overrideEnd(_ text: [UInt8], at start: Int, end: Int) -> Int? {
        guard start + 1 < end, text[start + 1] == UInt8(ascii: "\\") else { return nil }
        return overrideEnds.next(in: text, from: start, end: end).map { $0 + 1 }
    }

    private static let voiceTag = ShortName("v")
    private static let lineBreakTag = ShortName("br")
    private static let rubyTag = ShortName("ruby")
    private static let asideTags = [ShortName("rt"), ShortName("rp")]
    /// The tags SubRip files use.
    private static let knownTags = [
        "i", "b", "u", "s", "font", "br", "v", "c", "em", "strong", "span", "p", "div", "ruby",
        "rt", "rp", "lang", "small", "big", "sub", "sup", "center", "tt",
    ].map(ShortName.init)
}

/// Finds the next of a byte, looking at each place once however often it is asked.
private struct ByteFinder {
    private let byte: UInt8
    /// The place found last; the end of the range if there is none.
    private var found: Int?

    init(_ byte: UInt8) { self.byte = byte }

    /// Forgets the range searched so far.
    mutating func reset() { found = nil }

    /// The first place at or after `start`, which never goes back between two calls of `reset`.
    mutating func next(in text: [UInt8], from start: Int, end: Int) -> Int? {
        var position = found ?? start
        if position < start { position = start }
        while position < end, text[position] != byte { position += 1 }
        found = position
        return position < end ? position : nil
    }
}

extension UInt8 {
    /// Whether a tag's name may stop at this byte.
    fileprivate var endsTagName: Bool {
        self <= 0x20 || self == UInt8(ascii: ".") || self == UInt8(ascii: "/")
    }
}

extension [UInt8] {
    /// Whether anything would be seen: not only blanks, no-break spaces and invisible marks.
    fileprivate var hasVisibleCharacter: Bool {
        var index = 0
        while index < count {
            switch self[index] {
            case 0...0x20: index += 1
            case 0xC2 where index + 1 < count && self[index + 1] == 0xA0: index += 2
            case 0xE2 where index + 2 < count && isInvisible(self[index + 1], self[index + 2]):
                index += 3
            case 0xEF where index + 2 < count && self[index + 1] == 0xBB && self[index + 2] == 0xBF:
                index += 3
            default: return true
            }
        }
        return false
    }

    /// Joiners and marks of direction, U+200B...U+200F and U+202A...U+202E, by their last bytes.
    private func isInvisible(_ second: UInt8, _ third: UInt8) -> Bool {
        second == 0x80 && ((0x8B...0x8F).contains(third) || (0xAA...0xAE).contains(third))
    }
}
