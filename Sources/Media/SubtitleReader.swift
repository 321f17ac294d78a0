// The one way into subtitles: bytes in, cues out. It refuses what is no text by name, finds the
// encoding and the format, and lets that format's reader work.
//
// What must always hold: no input traps, none takes more memory than a fixed multiple of the limits
// below, and a file that is returned has at least one cue.

/// Reads subtitle files.
package enum SubtitleReader {
    /// The longest file that is read, in bytes.
    package static let maximumBytes = 64 << 20
    /// The longest text of one cue, in bytes of UTF-8 after markup is removed.
    package static let maximumCueBytes = 64 << 10
    /// The most cues read from one file.
    package static let maximumCues = 1_000_000
    /// The most problems listed for one file; one more then says that there are others.
    package static let maximumProblems = 1000

    /// What a file is that is no text, by its first bytes, such as "a PNG image"; nil if it may be
    /// subtitles.
    package static func whatIsNoText(_ beginning: [UInt8]) -> String? {
        FileSignature.notText(beginning)
    }

    /// Reads a SubRip or WebVTT file in any encoding `TextEncoding` names.
    ///
    /// `format` is what the file's name promises; nil looks into the text. A file that carries
    /// WebVTT's signature is read as WebVTT whatever it is called. Throws if not one cue is found.
    package static func read(
        _ bytes: [UInt8], format: SubtitleFormat?
    ) throws(SubtitleError) -> SubtitleFile {
        guard bytes.count <= maximumBytes else { throw .tooLarge(bytes: bytes.count) }
        guard !bytes.isEmpty else { throw .empty }
        if let what = FileSignature.notText(bytes) { throw .notText(what: what) }
        let decoded = TextEncoding.decode(bytes)
        let text = decoded.text
        guard text.contains(where: { $0 > 0x20 }) else { throw .empty }
        let promised = SubtitleFormat.hasWebVTTSignature(text) ? .webVTT : format
        guard let format = promised ?? SubtitleFormat(sniffing: text) else { throw .unknownFormat }

        var collector = CueCollector(text: text, format: format)
        if let damage = decoded.damage { collector.report(damagedAt: damage) }
        switch format {
        case .srt: SRTReader.read(text, into: &collector)
        case .webVTT: WebVTTReader.read(text, into: &collector)
        }
        guard !collector.cues.isEmpty else { throw .noCues(problems: collector.problems) }
        let unrolled = RollUp.unrolled(collector.cues)
        return SubtitleFile(
            cues: unrolled ?? collector.cues, problems: collector.problems,
            rollsUp: unrolled != nil, encoding: decoded.encoding, format: format)
    }
}
