// What may have been meant where nothing was found: the query with each word that occurs nowhere
// replaced by a near one that does, and each value of a keyword that no row has by one that some
// have. Only what finds something is offered; several are tried, for a while.

import Segments
import Storage
import TextIndex

extension Gateway {
    /// Words of one query that are corrected in a track; with more in doubt, it is no slip.
    private static let correctionsMax = 3
    /// Words that are tried in the place of each.
    private static let choicesMax = 4
    /// Words and phrases that are looked at.
    private static let wordsMax = 64
    /// The longest word that is corrected, in bytes.
    private static let wordBytesMax = 48

    /// A word of a query that a track has not.
    private struct Doubt {
        let place: Range<Int>
        let term: [UInt8]
    }

    /// A word that is near to a doubtful one.
    private struct Correction {
        let place: Range<Int>
        let word: Expansion.Word
        let track: Track
    }

    /// What the last line of a search says that found nothing.
    func correction(
        _ arguments: Arguments, _ plan: SearchPlan, _ count: HitCount
    ) throws(GatewayError) -> [AnswerField] {
        guard count.count == 0 else { return [] }
        var trials = Trials(self, arguments, plan)
        do {
            let meant = try didYouMean(arguments, plan, &trials)
            return meant.map { [AnswerField("did_you_mean", .bytes($0))] } ?? []
        } catch { throw GatewayError(error) }
    }

    private func didYouMean(
        _ arguments: Arguments, _ plan: SearchPlan, _ trials: inout Trials
    ) throws(StorageError) -> [UInt8]? {
        let typed = arguments.bytes("q") ?? arguments.text ?? []
        if let text = try corrected(typed, plan, &trials) { return text }
        if let text = try withNearValues(typed, plan) {
            if trials.finds(text) { return text }
            if let text = try corrected(text, plan, &trials) { return text }
        }
        guard let near = try nearValue(arguments, plan.tracks, plan.view),
            trials.finds(near.value, as: near.name)
        else { return nil }
        return Array("\(near.name)=\"".utf8) + near.value + [UInt8(ascii: "\"")]
    }

    /// A query of words that occur, which finds something; nil when every word occurs, or nothing
    /// is near.
    private func corrected(
        _ text: [UInt8], _ plan: SearchPlan, _ trials: inout Trials
    ) throws(StorageError) -> [UInt8]? {
        let choices = try choices(text, plan.tracks, plan.view)
        guard !choices.isEmpty else { return nil }
        // All ways to take one for each, those with the nearest first.
        var ways: [[Int]] = [[]]
        for some in choices { ways = ways.flatMap { way in some.indices.map { way + [$0] } } }
        let ranked = ways.enumerated().sorted { a, b in
            let (first, second) = (a.element.reduce(0, +), b.element.reduce(0, +))
            return (first, a.offset) < (second, b.offset)
        }
        for (_, way) in ranked {
            guard trials.areLeft else { return nil }
            let text = try corrected(text, zip(choices, way).map { $0[$1] }, plan.view)
            if trials.finds(text) { return text }
        }
        return nil
    }

    /// For each place of a query with a word that occurs nowhere those that may have been meant,
    /// the nearest first.
    private func choices(
        _ text: [UInt8], _ tracks: [Track], _ view: View
    ) throws(StorageError) -> [[Correction]] {
        let spoken = QuerySyntax(text).spoken
        var known: [Range<Int>] = []
        var corrections: [Correction] = []
        for track in tracks where view.quarantined[track.id] == nil {
            let doubts = try doubts(text, spoken, track, view, &known)
            guard doubts.count <= Self.correctionsMax else { return [] }
            for doubt in doubts {
                let edits = QueryReader.edits(doubt.term)
                guard edits > 0, doubt.term.count <= Self.wordBytesMax else { continue }
                let words = try view.words(track.id, nearest: doubt.term, edits: edits)
                corrections += words.prefix(Self.choicesMax).map {
                    Correction(place: doubt.place, word: $0, track: track)
                }
            }
        }
        corrections.removeAll { correction in known.contains { $0.overlaps(correction.place) } }
        corrections.sort { a, b in
            if a.word.distance != b.word.distance { return a.word.distance < b.word.distance }
            return a.word.documentFrequency > b.word.documentFrequency
        }
        var choices: [[Correction]] = []
        for correction in corrections {
            if let index = choices.firstIndex(where: { $0[0].place == correction.place }) {
                let isNew = !choices[index].contains { $0.word.term == correction.word.term }
                if isNew, choices[index].count < Self.choicesMax {
                    choices[index].append(correction)
                }
            } else if !choices.contains(where: { $0[0].place.overlaps(correction.place) }),
                choices.count < Self.correctionsMax
            {
                choices.append([correction])
            }
        }
        return choices
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
