// The store as one would write it without files, segments or postings: dictionaries. What every
// test here holds the real one against.

import Segments
import Storage
import TextIndex

/// A live annotation, or one that was deleted and still counts in the statistics.
struct ModelRow {
    var annotation: Annotation
    var sequence: UInt64
    /// How many times the track had been sealed when the row came.
    var epoch = 0
    /// And when it went.
    var diedEpoch = 0
    /// Numbers of the words of its text.
    var words: [Int] = []
    /// At some positions other forms of what stands there, such as a hyphenated word as one.
    var others: [Int: [Int]] = [:]

    /// Whether a word or another form of it stands at a position.
    func has(_ word: Int, at position: Int) -> Bool {
        words[position] == word || others[position]?.contains(word) ?? false
    }
}

/// Names an annotation within its track.
struct ModelKey: Hashable {
    var title: [UInt8]
    var key: [UInt8]
}

/// One track of the model.
struct ModelTrack {
    var live: [UInt64: ModelRow] = [:]
    var dead: [ModelRow] = []
    /// For each title what its last commit replaced, and the rows that went by it.
    var commits: [[UInt8]: (scope: Scope, gone: [ModelRow])] = [:]
    private var keyed: [ModelKey: UInt64] = [:]

    mutating func put(_ row: ModelRow, epoch: Int) -> Bool {
        var replaced = false
        if !row.annotation.key.isEmpty {
            let key = ModelKey(title: row.annotation.title, key: row.annotation.key)
            replaced = keyed[key].map { kill($0, epoch: epoch) } ?? false
            keyed[key] = row.sequence
        }
        live[row.sequence] = row
        return replaced
    }

    mutating func kill(_ sequence: UInt64, epoch: Int) -> Bool {
        guard var row = live.removeValue(forKey: sequence) else { return false }
        row.diedEpoch = epoch
        dead.append(row)
        if !row.annotation.key.isEmpty {
            keyed[ModelKey(title: row.annotation.title, key: row.annotation.key)] = nil
        }
        return true
    }

    func row(title: [UInt8], key: [UInt8]) -> ModelRow? {
        keyed[ModelKey(title: title, key: key)].flatMap { live[$0] }
    }

    /// A lane in timeline order; nil for all lanes.
    func rows(of title: [UInt8]?) -> [ModelRow] {
        live.values.filter { title == nil || $0.annotation.title == title }.sorted(
            by: Self.precedes)
    }

    /// Title, in, out, key, sequence.
    static func precedes(_ a: ModelRow, _ b: ModelRow) -> Bool {
        let (first, second) = (a.annotation, b.annotation)
        if first.title != second.title {
            return first.title.lexicographicallyPrecedes(second.title)
        }
        if first.start != second.start { return first.start < second.start }
        if first.end != second.end { return first.end < second.end }
        if first.key != second.key { return first.key.lexicographicallyPrecedes(second.key) }
        return a.sequence < b.sequence
    }
}

/// An operation that has begun.
struct ModelOperation {
    var track: UInt32
    var scope: Scope
    var rows: [(annotation: Annotation, sequence: UInt64)] = []
    var bytes = 0
}

/// Everything that a store shows, comparable.
struct StoreState: Equatable {
    struct Row: Equatable {
        var sequence: UInt64
        var annotation: Annotation
    }

    var tracks: [UInt32: [Row]] = [:]
    var catalog: [[UInt8]: [UInt8]] = [:]
}

/// All tracks and the catalog.
struct StoreModel {
    var tracks: [UInt32: ModelTrack] = [:]
    var catalog: [[UInt8]: [UInt8]] = [:]
    var sequence: UInt64 = 0
    /// Open operations.
    var open: [UInt64: ModelOperation] = [:]
    /// Seals so far.
    private(set) var epoch = 0
    private var flushed = 0
    /// Whether texts are taken apart, for searches by words.
    var splitsText = false
    private(set) var vocabulary: [[UInt8]: Int] = [:]
    private let analyzer = Analyzer()

    /// What an operation should answer.
    @discardableResult
    mutating func apply(_ operations: [Segments.Operation]) -> Applied {
        var sum = Applied()
        for operation in operations {
            switch operation {
            case .put(let track, let rows):
                for annotation in decoded(rows) {
                    sequence += 1
                    sum.put += 1
                    var row = ModelRow(
                        annotation: annotation, sequence: sequence, epoch: epoch)
                    if splitsText { split(annotation.text ?? [], into: &row) }
                    if tracks[track]?.put(row, epoch: epoch) ?? false { sum.replaced += 1 }
                }
                continue
            case .delete(let track, let title, let key):
                if let row = tracks[track]?.row(title: title, key: key),
                    tracks[track]?.kill(row.sequence, epoch: epoch) ?? false
                {
                    sum.deleted += 1
                }
            case .clear(let track, let title, let name, let value):
                sum.deleted += clear(track, title, name, value)
                if name.isEmpty { tracks[track]?.commits[title] = nil }
            case .set(let name, let value): catalog[name] = value
            case .setIfAbsent(let name, let value):
                if catalog[name] == nil { catalog[name] = value }
            case .unset(let name): catalog[name] = nil
            case .drop(let track):
                tracks[track] = nil
                open = open.filter { $0.value.track != track }
            case .begin(let track, let scope):
                sum.operation = sequence + 1
                open[sequence + 1] = ModelOperation(track: track, scope: scope)
            case .stage(let id, let rows):
                for annotation in decoded(rows) {
                    sequence += 1
                    open[id]?.rows.append((annotation, sequence))
                }
                open[id]?.bytes += rows.bytes.bytes.count
                sum.put += rows.count
                continue
            case .skip, .replace, .request: preconditionFailure("no request has these")
            case .create(let track, _): if tracks[track] == nil { tracks[track] = ModelTrack() }
            }
            sequence += 1
        }
        return sum
    }

    private mutating func clear(
        _ track: UInt32, _ title: [UInt8], _ name: [UInt8], _ value: [UInt8]
    ) -> Int {
        let gone = (tracks[track]?.live.values).map { rows in
            rows.filter { row in
                row.annotation.title == title
                    && (name.isEmpty || row.annotation.has(name, value, analyzer))
            }
        }
        for row in gone ?? [] { _ = tracks[track]?.kill(row.sequence, epoch: epoch) }
        return gone?.count ?? 0
    }

    /// What a commit should leave; `smallBytes` as in the store's settings.
    mutating func commit(_ id: UInt64, smallBytes: Int) {
        guard let operation = open.removeValue(forKey: id) else { return }
        let (track, scope) = (operation.track, operation.scope)
        let before = tracks[track]?.live ?? [:]
        sequence += 1
        _ = clear(track, scope.title, scope.name, scope.value)
        for (annotation, staged) in operation.rows {
            var place = staged
            if operation.bytes <= smallBytes {
                sequence += 1
                place = sequence
            }
            var row = ModelRow(annotation: annotation, sequence: place, epoch: epoch)
            if splitsText { split(annotation.text ?? [], into: &row) }
            _ = tracks[track]?.put(row, epoch: epoch)
        }
        let gone = before.values.filter { tracks[track]?.live[$0.sequence] == nil }
        tracks[track]?.commits[scope.title] = (scope, Array(gone))
    }

    /// What a rollback should leave; false when there is nothing to take back.
    mutating func rollBack(_ track: UInt32, _ title: [UInt8]) -> Bool {
        guard let (scope, gone) = tracks[track]?.commits.removeValue(forKey: title) else {
            return false
        }
        sequence += 1
        _ = clear(track, scope.title, scope.name, scope.value)
        for row in gone { _ = tracks[track]?.put(row, epoch: epoch) }
        return true
    }

    /// The memtables are sealed; what is deleted from now on stays in the statistics.
    mutating func seal() { epoch += 1 }

    /// Everything sealed has been written: what had been deleted by then counts no more.
    mutating func finishFlush() {
        for track in tracks.keys {
            tracks[track]?.dead.removeAll {
                $0.epoch >= flushed && $0.epoch < epoch && $0.diedEpoch == $0.epoch
            }
        }
        flushed = epoch
    }

    mutating func forgetDead() {
        for track in tracks.keys { tracks[track]?.dead = [] }
    }

    private mutating func split(_ text: [UInt8], into row: inout ModelRow) {
        var terms: [(term: [UInt8], place: TokenPlace)] = []
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe analyzer.forEachToken(bytes) { term, place in
                unsafe terms.append((Array(term), place))
            }
        }
        for (term, place) in terms {
            let number = vocabulary[term] ?? vocabulary.count
            vocabulary[term] = number
            if place.isOtherForm {
                row.others[place.position, default: []].append(number)
            } else {
                row.words.append(number)
            }
        }
    }

    var state: StoreState {
        var state = StoreState(catalog: catalog)
        for (id, track) in tracks {
            state.tracks[id] = track.rows(of: nil).map {
                StoreState.Row(sequence: $0.sequence, annotation: $0.annotation)
            }
        }
        return state
    }
}

extension Annotation {
    func has(_ name: [UInt8], _ value: [UInt8], _ analyzer: Analyzer) -> Bool {
        let wanted = analyzer.fold(value)
        return attributes.contains {
            $0.type == .keyword && $0.name == name && analyzer.fold($0.value) == wanted
        }
    }
}

/// The annotations of a batch.
func decoded(_ rows: RowBatch) -> [Annotation] {
    var annotations: [Annotation] = []
    var rest = rows.bytes.bytes[...]
    while !rest.isEmpty {
        var count = 0
        var shift = 0
        while let byte = rest.popFirst() {
            count |= Int(byte & 127) << shift
            shift += 7
            if byte < 128 { break }
        }
        let row = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        if let annotation = try? Annotation(row: row.rawSpan) { annotations.append(annotation) }
    }
    return annotations
}

extension View {
    /// Everything there is, by a search that matches all.
    func state() throws -> StoreState {
        if let (_, reason) = quarantined.first { throw reason }
        var state = StoreState(catalog: catalog)
        for track in tracks.keys {
            var request = SearchRequest(TextQuery(), limit: 10_000_000)
            request.order = .timeline
            let found = try search([track], request)
            state.tracks[track] = found.hits.map {
                StoreState.Row(sequence: $0.sequence, annotation: $0.annotation)
            }
        }
        return state
    }
}
