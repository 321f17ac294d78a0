// Long runs of random operations with flushes, restarts and power cuts in between: the store must
// show what the model shows. MSPD_SOAK makes the run longer.

import Glibc
import Segments
import Storage
import TestSupport
import Testing
import TextIndex

@Suite struct StoreModelTests {
    @Test func `a store shows what was written, through flushes, restarts and power cuts`() throws {
        let steps = unsafe getenv("MSPD_SOAK") == nil ? 100_000 : 1_000_000
        let seed = SeededRandom.fresh()
        var run = try ModelRun(seed: seed)
        while run.steps < steps {
            do { try run.round() } catch {
                Issue.record("seed \(seed), step \(run.steps): \(error)")
                break
            }
            let difference = try run.difference()
            #expect(difference == nil, "seed \(seed), step \(run.steps)")
            guard difference == nil else { break }
        }
        run.store.close()
        #expect(run.stops.errors.isEmpty)
        print("store model: seed \(seed), \(run.steps) steps, \(run.restarts) restarts")
    }
}

/// One run of random operations.
private struct ModelRun {
    var source: RandomOperations
    var fs = FaultyFileSystem()
    var store: Store
    var model = StoreModel()
    let stops = StopRecorder()
    private(set) var steps = 0
    private(set) var restarts = 0
    private let settings: StoreSettings

    init(seed: UInt64) throws {
        source = RandomOperations(seed: seed)
        var settings = StoreSettings.small(memtableBytes: 60_000, stops)
        settings.policy.fanout = 2
        settings.policy.smallestTierBytes = 4_000
        settings.mergeBytes = 3_000
        settings.smallOperationBytes = 600
        settings.operationBytes = 40_000
        self.settings = settings
        store = try Store(opening: "/data", in: fs, settings)
    }

    /// Some operations, and perhaps an upheaval.
    mutating func round() throws {
        for _ in 0..<40 {
            let operations = source.request()
            steps += operations.count
            let expected = model.apply(operations)
            let applied = try store.write(operations)
            #expect(applied == expected)
        }
        switch source.below(16) {
        case 0: try store.flush()
        case 5...8: try operate()
        case 9: try rollBack()
        case 4: try store.merge(source.track())
        case 1: try restart(cleanly: true)
        case 2: try restart(cleanly: false)
        case 3:
            let missing = UInt32(source.below(10)) + 1_000_000
            #expect(throws: StoreError.noTrack(missing)) {
                try store.write([
                    .set(name: [1], value: [1]), .delete(track: missing, title: [1], key: [1]),
                ])
            }
        default: break
        }
        model.forgetDead()
    }

    /// Begins an operation, fills one, or ends one.
    private mutating func operate() throws {
        let open = model.open.keys.sorted()
        guard let id = open.randomElement(using: &source.random) else {
            for _ in 0..<3 { try begin() }
            return
        }
        switch source.below(8) {
        case ..<2: try begin()
        case ..<6:
            for _ in 0..<source.below(12) { try stage(id) }
        case ..<7:
            model.commit(id, smallBytes: settings.smallOperationBytes)
            #expect(try store.commit(id).operation == id)
            #expect(try store.commit(id).isRepeated)
        default:
            model.open[id] = nil
            try store.abort(id)
        }
    }

    private mutating func begin() throws {
        let isWhole = source.random.oneIn(2)
        let scope = Scope(
            title: source.title(), name: isWhole ? [] : [UInt8](text: "by"),
            value: isWhole ? [] : source.source())
        let operation = Segments.Operation.begin(track: source.track(), scope: scope)
        do throws(StoreError) {
            let applied = try store.write([operation])
            let expected = model.apply([operation])
            #expect(applied == expected)
        } catch {
            guard case .laneTaken(let other) = error else { throw error }
            #expect(model.open[other]?.scope.title == scope.title)
        }
    }

    private mutating func stage(_ id: UInt64) throws {
        guard let scope = model.open[id]?.scope else { return }
        let rows = (0...source.below(6)).map { _ in
            var row = source.annotation()
            row.title = scope.title
            if !scope.name.isEmpty {
                row.attributes = [
                    Attribute(name: scope.name, type: .keyword, value: scope.value)
                ]
            }
            return row
        }
        let operation = Segments.Operation.stage(operation: id, rows: batch(rows))
        let expected = model.apply([operation])
        #expect(try store.write([operation]) == expected)
    }

    private mutating func rollBack() throws {
        let track = source.track()
        let titles = model.tracks[track]?.commits.keys.sorted { $0.lexicographicallyPrecedes($1) }
        guard let title = titles?.randomElement(using: &source.random) else {
            #expect(throws: StoreError.noCommit) {
                try store.rollBack(track, title: [UInt8](text: "none"))
            }
            return
        }
        let isPossible = model.rollBack(track, title)
        #expect(isPossible)
        try store.rollBack(track, title: title)
    }

    private mutating func restart(cleanly: Bool) throws {
        restarts += 1
        if cleanly { store.close() }
        let found = fs.powerCut(.dropAll)
        if !cleanly { store.close() }
        fs = found
        store = try Store(opening: "/data", in: fs, settings)
        model.open = [:]
    }

    /// In what the store differs from the model; nil when it does not.
    func difference() throws -> String? {
        let view = store.view
        guard try view.state() == model.state else { return "the state" }
        guard view.sequence == model.sequence else { return "the last operation" }
        var source = source
        for _ in 0..<6 {
            let (track, title, key) = (source.track(), source.title(), source.key())
            let wanted = model.tracks[track]?.row(title: title, key: key)
            guard try view.annotation(track, title: title, key: key) == wanted?.annotation else {
                return "the annotation of a key"
            }
            let lane = model.tracks[track]?.rows(of: title) ?? []
            guard view.count(track, title: title) == lane.count else { return "a lane's count" }
            let time = Int64(source.below(42)) * 1_000_000_000
            let (before, after) = (source.below(4), source.below(4))
            let split = lane.firstIndex { $0.annotation.start > time } ?? lane.count
            let around = lane[max(0, split - before - 1)..<min(lane.count, split + after)]
            let context = try view.context(
                track, title: title, at: time, before: before, after: after)
            guard context == around.map(\.annotation) else { return "the context" }
            guard try agrees(view, track, source.word()) else { return "a search" }
        }
        return nil
    }

    /// Whether a search for a word finds the rows that have it.
    private func agrees(_ view: View, _ track: UInt32, _ word: [UInt8]) throws -> Bool {
        var request = SearchRequest(
            TextQuery(clauses: [TextQuery.Clause(.must, [TermKey.word(word)])]), limit: 100_000)
        request.order = .timeline
        let found = try view.search([track], request)
        let rows = model.tracks[track]?.rows(of: nil) ?? []
        let wanted = rows.filter { row in
            (row.annotation.text ?? []).split(separator: UInt8(ascii: " ")).contains(word[...])
        }
        return found.hits.map(\.sequence) == wanted.map(\.sequence)
            && found.count == HitCount(count: wanted.count)
    }
}
