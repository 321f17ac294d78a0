// How many words a row says again of the end of the row before it, as captions that roll up do.
// Found from the texts, for rows that a phrase may go over. Whoever else speaks says it anew: rows
// that differ in a keyword repeat nothing.

import Storage
import TextIndex

/// Compares the ends of rows with the beginnings of those that follow; not thread safe.
struct RowOverlaps {
    private let sources: [Source]
    private let analyzer: Analyzer
    private var readers: [RowReader?]
    /// By the first of two rows.
    private var known: [RowPlace: Int] = [:]

    /// For rows of the parts of a track.
    init(_ sources: [Source], _ analyzer: Analyzer) {
        self.sources = sources
        self.analyzer = analyzer
        readers = sources.map { _ in nil }
    }

    /// The most words, up to 127, that one row ends with and the next begins with, in all forms
    /// that are found of them.
    mutating func words(_ row: RowPlace, _ next: RowPlace) throws(StorageError) -> Int {
        if let known = known[row] { return known }
        let before = analyzer.places(of: try text(row)).suffix(Crossings.wordsMax)
        let after = analyzer.places(of: try text(next)).prefix(Crossings.wordsMax)
        var count = (1...Crossings.wordsMax).last { Self.repeats(before, after, $0) } ?? 0
        if count > 0, try annotation(row).contradicts(try annotation(next)) { count = 0 }
        known[row] = count
        return count
    }

    /// Whether some places end with so many that others begin with.
    private static func repeats(
        _ before: ArraySlice<Place>, _ after: ArraySlice<Place>, _ count: Int
    ) -> Bool {
        guard count <= min(before.count, after.count) else { return false }
        let (again, said) = (after.prefix(count), before.suffix(count))
        // The last of the row before is no more than half a pair.
        return again.last?.first == said.last?.first
            && zip(again, said).dropLast().allSatisfy { $0.whole == $1.whole }
    }

    private mutating func text(_ row: RowPlace) throws(StorageError) -> [UInt8] {
        switch sources[row.part] {
        case .memtable(let view): return view.memtable.text(row.document)
        case .segment(let segment): return try reader(row.part, segment).text(row.document)
        }
    }

    private mutating func annotation(_ row: RowPlace) throws(StorageError) -> Annotation {
        guard case .segment(let segment) = sources[row.part] else {
            return try sources[row.part].annotation(row.document)
        }
        return try reader(row.part, segment).annotation(row.document)
    }

    private mutating func reader(_ part: Int, _ segment: Segment) -> RowReader {
        let reader = readers[part] ?? RowReader(segment)
        readers[part] = reader
        return reader
    }
}

/// What stands at a place of a text, as a number that all its forms make together.
private struct Place {
    var whole: UInt64 = 0
    /// The same, of pairs of characters the first alone.
    var first: UInt64 = 0
}

extension Analyzer {
    /// The places of a text.
    fileprivate func places(of text: [UInt8]) -> [Place] {
        var places: [Place] = []
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe forEachToken(bytes) { term, place in
                while places.count <= place.position { places.append(Place()) }
                // The pair that begins there says the same.
                guard place.kind != .head else { return }
                let whole = unsafe Self.number(term)
                var first: UInt64?
                if place.kind == .pair || place.kind == .bridge {
                    let pair = unsafe PhraseSplit.characters(of: TermKey.word(Array(term)))
                    first = pair.map {
                        unsafe $0.first.dropFirst().withUnsafeBufferPointer {
                            unsafe Self.number($0)
                        }
                    }
                }
                places[place.position].whole &+= whole
                places[place.position].first &+= first ?? whole
            }
        }
        return places
    }

    /// The number of some bytes.
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var number: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in bytes.indices {
            number = unsafe (number ^ UInt64(bytes[index])) &* 0x100_0000_01B3
        }
        return number
    }
}
