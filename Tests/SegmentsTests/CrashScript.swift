// The life of a data folder as a list of steps, with what a store must show after each request:
// what the fault sweep and the power cuts run. A new kind of step is a case here, its place in
// `init`, and what it does in `CrashRun.perform`.

import Glibc
import Segments
import Storage
import Synchronization
import TestSupport

/// Something done to a store, one after the other.
enum CrashStep {
    /// Requests sent one after the other without waiting: they may share a record of the log.
    case write([[Segments.Operation]])
    case flush
    case merge(UInt32)
    /// Begun, filled and committed.
    case replace(UInt32, Scope, RowBatch)
    case rollBack(UInt32, [UInt8])
    case snapshot
    /// Closed and opened again.
    case restart
}

/// Steps, and the states that they lead through.
struct CrashScript {
    let steps: [CrashStep]
    /// What a store shows after each request; the first is the empty store.
    let states: [StoreState]
    static let smallOperationBytes = 1_500
    /// For each of them how many requests may be under way then.
    private let underWay: [Int]

    /// `requests` random requests, with upkeep in between.
    init(seed: UInt64, requests: Int) {
        var source = RandomOperations(seed: seed)
        source.titles = 3
        source.keys = 6
        source.longestText = 8
        var model = StoreModel()
        var steps: [CrashStep] = []
        var states = [model.state]
        var underWay: [Int] = []
        while states.count <= requests {
            let group = (0..<(source.random.oneIn(3) ? 3 : 1)).map { place in
                let request = Self.request(&source, isLarge: (states.count + place) % 8 == 5)
                model.apply(request)
                states.append(model.state)
                return request
            }
            underWay += group.indices.map { group.count - $0 }
            steps.append(.write(group))
            if steps.count % 6 == 5 { steps.append(.flush) }
            if steps.count % 11 == 10, !source.tracks.isEmpty {
                steps.append(.merge(source.track()))
            }
            if steps.count % 13 == 12 { steps.append(.snapshot) }
            if steps.count % 7 == 3, !source.tracks.isEmpty {
                let step = Self.operation(&source, model, isLarge: steps.count % 2 == 0)
                guard model.apply(step) else { continue }
                steps.append(step)
                states.append(model.state)
                underWay.append(1)
            }
            if steps.count % 9 == 8 { steps.append(.restart) }
        }
        self.steps = steps
        self.states = states
        self.underWay = underWay + [0]
    }

    /// A commit, or a rollback where there is something to take back.
    private static func operation(
        _ source: inout RandomOperations, _ model: StoreModel, isLarge: Bool
    ) -> CrashStep {
        let track = source.track()
        if source.random.oneIn(2),
            let title = model.tracks[track]?.commits.keys.min(by: {
                $0.lexicographicallyPrecedes($1)
            })
        {
            return .rollBack(track, title)
        }
        let title = source.title()
        let rows = (0..<(isLarge ? 30 : 3)).map { _ in
            var row = source.annotation(withText: source.random.bytes(isLarge ? 60 : 6))
            row.title = title
            return row
        }
        return .replace(track, Scope(title: title), batch(rows))
    }

    /// A random request, or one that takes several pages of the disk.
    private static func request(
        _ source: inout RandomOperations, isLarge: Bool
    ) -> [Segments.Operation] {
        guard isLarge, !source.tracks.isEmpty else { return source.request() }
        let rows = (0..<10).map { _ in source.annotation(withText: source.random.bytes(500)) }
        return [.put(track: source.track(), rows: batch(rows))]
    }

    /// The states that a store may be in once so many requests were acknowledged.
    func states(acknowledged: Int) -> ArraySlice<StoreState> {
        states[acknowledged...acknowledged + underWay[acknowledged]]
    }

    var requests: Int { states.count - 1 }
}

/// One run of a script on a disk.
struct CrashRun {
    /// What a store must show: all requests that were acknowledged.
    private(set) var model = StoreModel()
    /// And what it may show instead: the requests whose fate is unknown carried out too.
    private(set) var alternatives: [StoreModel] = []
    /// Requests acknowledged.
    private(set) var acknowledged = 0
    /// Steps that failed.
    private(set) var failures: [String] = []
    let stops = StopRecorder()

    private let fs: FaultyFileSystem
    private var store: Store?

    init(_ fs: FaultyFileSystem) { self.fs = fs }

    /// Carries out steps until the end or until the store stops for good.
    mutating func run(_ steps: [CrashStep]) {
        open()
        for step in steps {
            guard store != nil, stops.errors.isEmpty else { break }
            perform(step)
        }
        store?.close()
        store = nil
    }

    private mutating func open() {
        do {
            var settings = StoreSettings.small(memtableBytes: 1 << 30, stops)
            settings.policy.fanout = 0
            settings.smallOperationBytes = CrashScript.smallOperationBytes
            store = try Store(opening: "/data", in: fs, settings)
        } catch {
            failures.append("\(error)")
            store = nil
        }
    }

    private mutating func perform(_ step: CrashStep) {
        do {
            switch step {
            case .write(let requests): write(requests)
            case .flush: try store?.flush()
            case .merge(let track): try store?.merge(track)
            case .snapshot: try snapshot()
            case .replace, .rollBack: operate(step)
            case .restart:
                store?.close()
                if stops.errors.isEmpty { open() }
            }
        } catch { failures.append("\(error)") }
    }

    private func snapshot() throws {
        guard let store, let name = SnapshotName("s\(acknowledged)") else { return }
        let answers = Answers()
        store.createSnapshot(name) { answers.add($0.map { _ in Applied() }, to: 0) }
        _ = try answers.wait(for: 1)[0].get()
    }

    /// A commit or a rollback: like one request, but for what goes before.
    private mutating func operate(_ step: CrashStep) {
        guard let store else { return }
        var begun: UInt64 = 0
        var after = model
        do {
            if case .replace(let track, let scope, let rows) = step {
                begun = try write(.begin(track: track, scope: scope), store).operation
                _ = try write(.stage(operation: begun, rows: rows), store)
                after = model
                after.commit(begun, smallBytes: CrashScript.smallOperationBytes)
                try store.commit(begun)
            } else if case .rollBack(let track, let title) = step {
                _ = after.rollBack(track, title)
                try store.rollBack(track, title: title)
            }
            fs.note("acknowledged")
            acknowledged += 1
            model = after
        } catch StoreError.noTrack, StoreError.noCommit {
            // What it builds on has failed.
        } catch {
            failures.append("\(error)")
            if !stops.errors.isEmpty { alternatives.append(after) }
            try? store.abort(begun)
            model.open[begun] = nil
        }
    }

    private mutating func write(
        _ operation: Segments.Operation, _ store: Store
    ) throws -> Applied {
        let applied = try store.write([operation])
        model.apply([operation])
        return applied
    }

    private mutating func write(_ requests: [[Segments.Operation]]) {
        let answers = Answers()
        for (number, request) in requests.enumerated() {
            store?.submit(request) { [fs] answer in
                if case .success = answer { fs.note("acknowledged") }
                answers.add(answer, to: number)
            }
        }
        let all = answers.wait(for: requests.count)
        for (request, result) in zip(requests, all) {
            switch result {
            case .success:
                acknowledged += 1
                model.apply(request)
            case .failure(.noTrack): break  // The request that would have made it has failed.
            case .failure(let error):
                failures.append("\(error)")
                guard !stops.errors.isEmpty else { continue }
                // Some may have been refused before what stopped the store.
                for state in [model] + alternatives {
                    var alternative = state
                    alternative.apply(request)
                    alternatives.append(alternative)
                }
            }
        }
    }

    /// Whether a store that shows `state` lost nothing and made nothing up.
    func allows(_ state: StoreState) -> Bool {
        state == model.state || alternatives.contains { $0.state == state }
    }
}

/// Gathers answers from the writing thread.
private final class Answers: Sendable {
    private let answers = Mutex<[Int: Result<Applied, StoreError>]>([:])

    func add(_ answer: Result<Applied, StoreError>, to request: Int) {
        answers.withLock { $0[request] = answer }
    }

    /// All answers in the order of the requests, once there are so many.
    func wait(for count: Int) -> [Result<Applied, StoreError>] {
        while true {
            let all = answers.withLock { $0 }
            if all.count == count { return all.sorted { $0.key < $1.key }.map(\.value) }
            usleep(20)
        }
    }
}

extension StoreModel {
    /// Carries out a commit or a rollback; false when there is nothing to take back.
    @discardableResult
    mutating func apply(_ step: CrashStep) -> Bool {
        switch step {
        case .replace(let track, let scope, let rows):
            let begun = apply([.begin(track: track, scope: scope)]).operation
            apply([.stage(operation: begun, rows: rows)])
            commit(begun, smallBytes: CrashScript.smallOperationBytes)
            return true
        case .rollBack(let track, let title): return rollBack(track, title)
        default: return false
        }
    }
}
