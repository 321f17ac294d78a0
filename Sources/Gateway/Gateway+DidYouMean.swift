// What may have been meant where nothing was found: the query with each word that occurs nowhere
// replaced by the nearest one that does.

import Segments
import Storage
import TextIndex

extension Gateway {
    /// Words of one query that are corrected in a track; with more in doubt, it is no slip.
    private static let correctionsMax = 3
    /// Words and phrases that are looked at.
    private static let wordsMax = 64
    /// The longest word that is corrected, in bytes.
    private static let wordBytesMax = 48

    /// A word of a query that a track has not.
    private struct Doubt {
        let place: Range<Int>
        let term: [UInt8]
    }

    /// The nearest word to a doubtful one.
    private struct Correction {
        let place: Range<Int>
        let word: Expansion.Word
        let track: Track
    }

    /// What the last line of a search says that found nothing.
    func correction(
        _ arguments: Arguments, _ tracks: [Track], _ view: View, _ count: HitCount
    ) throws(GatewayError) -> [AnswerField] {
        guard count.count == 0 else { return [] }
        do {
            let text = arguments.bytes("q") ?? arguments.text ?? []
            var meant = try didYouMean(text, tracks, view)
            if meant == nil { meant = try nearValue(arguments, tracks, view) }
            return meant.map { [AnswerField("did_you_mean", .bytes($0))] } ?? []
        } catch { throw GatewayError(error) }
    }

    /// A query that may have been meant; nil when every word occurs, or nothing is near.
    func didYouMean(
        _ text: [UInt8], _ tracks: [Track], _ view: View
    ) throws(StorageError) -> [UInt8]? {
        let spoken = QuerySyntax(text).spoken
        var known: [Range<Int>] = []
        var corrections: [Correction] = []
        for track in tracks where view.quarantined[track.id] == nil {
            let doubts = try doubts(text, spoken, track, view, &known)
            guard doubts.count <= Self.correctionsMax else { return nil }
            for doubt in doubts {
                let edits = QueryReader.edits(doubt.term)
                guard edits > 0, doubt.term.count <= Self.wordBytesMax,
                    let word = try view.word(track.id, nearest: doubt.term, edits: edits)
                else { continue }
                corrections.append(Correction(place: doubt.place, word: word, track: track))
            }
        }
        corrections.removeAll { correction in known.contains { $0.overlaps(correction.place) } }
        corrections.sort { a, b in
            if a.word.distance != b.word.distance { return a.word.distance < b.word.distance }
            return a.word.documentFrequency > b.word.documentFrequency
        }
        var chosen: [Correction] = []
        for correction in corrections
        where !chosen.contains(where: { $0.place.overlaps(correction.place) }) {
            chosen.append(correction)
        }
        return chosen.isEmpty ? nil : try corrected(text, chosen, view)
    }

    /// The words of a query that a track has not; adds those that it has to `known`.
    private func doubts(
        _ text: [UInt8], _ spoken: [Range<Int>], _ track: Track, _ view: View,
        _ known: inout [Range<Int>]
    ) throws(StorageError) -> [Doubt] {
        var doubts: [Doubt] = []
        for place in spoken.prefix(Self.wordsMax)
        where doubts.count <= Self.correctionsMax && place.count <= QueryReader.bytesMax {
            for token in track.analyzer.tokens(Array(text[place])) where token.place.kind == .word {
                let start = place.lowerBound + token.range.lowerBound
                let place = start..<start + token.range.count
                let term = TermKey.word(token.term)
                var holds = try view.holds(track.id, term)
                if !holds, let stem = token.stem {
                    holds = try view.holds(track.id, TermKey.stem(stem))
                }
                if holds {
                    known.append(place)
                } else {
                    doubts.append(Doubt(place: place, term: term))
                }
            }
        }
        return doubts
    }

    private func corrected(
        _ text: [UInt8], _ corrections: [Correction], _ view: View
    ) throws(StorageError) -> [UInt8] {
        var corrected: [UInt8] = []
        var copied = 0
        for correction in corrections.sorted(by: { $0.place.lowerBound < $1.place.lowerBound }) {
            let (word, track) = (Array(correction.word.term.dropFirst()), correction.track)
            let spelled = try view.spelling(track.id, of: word, track.analyzer) ?? word
            corrected += text[copied..<correction.place.lowerBound] + spelled
            copied = correction.place.upperBound
        }
        return corrected + text[copied...]
    }
}
