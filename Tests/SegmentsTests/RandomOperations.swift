// Random operations on few titles, keys and words, so that they meet often.

import Segments
import TestSupport

extension [UInt8] {
    init(text: String) { self = Array(text.utf8) }
}

/// A batch of annotations.
func batch(_ annotations: [Annotation]) -> RowBatch {
    var rows = RowBatch()
    for annotation in annotations { rows.append(annotation) }
    return rows
}

/// Makes operations that fit the tracks that are there.
struct RandomOperations {
    var random: SeededRandom
    var titles = 5
    var keys = 12
    var words = 30
    var longestText = 25
    private(set) var tracks: [UInt32] = []
    private var nextTrack: UInt32 = 1

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func title() -> [UInt8] { [UInt8](text: "t\(below(titles))") }
    mutating func key() -> [UInt8] { [UInt8](text: "k\(below(keys))") }
    mutating func source() -> [UInt8] {
        [UInt8](text: ["Ann", "ann", "Bob", "a b", "É"][below(5)])
    }
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    /// Frequent words are much more frequent than rare ones.
    mutating func word() -> [UInt8] {
        let x = Double.random(in: 0..<1, using: &random)
        return [UInt8](text: "w\(Int(x * x * x * Double(words)))")
    }

    mutating func text() -> [UInt8]? {
        if random.oneIn(12) { return nil }
        if random.oneIn(20) { return [UInt8](text: "...") }
        var text: [UInt8] = []
        let count = random.oneIn(3) ? below(longestText * 8) : below(longestText)
        for _ in 0..<count { text += word() + [UInt8(ascii: " ")] }
        return text
    }

    mutating func annotation(withText text: [UInt8]?? = nil) -> Annotation {
        let start = Int64(below(40)) * 1_000_000_000
        var annotation = Annotation(
            title: title(), start: start, end: start + Int64(below(4)) * 500_000_000)
        if !random.oneIn(2) { annotation.key = key() }
        annotation.text = text ?? self.text()
        if random.oneIn(2) {
            annotation.attributes.append(
                Attribute(name: [UInt8](text: "by"), type: .keyword, value: source()))
        }
        if random.oneIn(8) {
            annotation.attributes.append(
                Attribute(name: [UInt8](text: "x"), type: .blob, value: random.bytes(below(40))))
            annotation.vector = [1, -2.5]
        }
        return annotation
    }

    mutating func track() -> UInt32 { tracks[below(tracks.count)] }

    /// One request.
    mutating func request() -> [Segments.Operation] {
        if tracks.isEmpty || (tracks.count < 4 && random.oneIn(60)) { return [create()] }
        switch below(100) {
        case ..<55:
            return [.put(track: track(), rows: batch((0...below(6)).map { _ in annotation() }))]
        case ..<75: return [.delete(track: track(), title: title(), key: key())]
        case ..<80:
            return [
                .clear(track: track(), title: title(), name: [UInt8](text: "by"), value: source())
            ]
        case ..<84: return [.clear(track: track(), title: title(), name: [], value: [])]
        case ..<90:
            let (track, title) = (track(), title())
            var rows = (0...below(6)).map { _ in annotation() }
            for index in rows.indices { rows[index].title = title }
            return [
                .clear(track: track, title: title, name: [], value: []),
                .put(track: track, rows: batch(rows)),
            ]
        case ..<94: return [.set(name: key(), value: random.bytes(below(9)))]
        case ..<96: return [.setIfAbsent(name: key(), value: random.bytes(below(9)))]
        case ..<98: return [.unset(name: key())]
        case ..<99: return tracks.count > 1 ? [drop()] : [create()]
        default: return [.put(track: track(), rows: batch([annotation()])), create()]
        }
    }

    mutating func create() -> Segments.Operation {
        let track = nextTrack
        nextTrack += 1
        tracks.append(track)
        return .create(track: track)
    }

    private mutating func drop() -> Segments.Operation {
        .drop(track: tracks.remove(at: below(tracks.count)))
    }
}
