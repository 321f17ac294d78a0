// The life of a data folder as a list of steps, with what a store must show after each request:
// what the fault sweep and the power cuts run. A new kind of step is a case here, its place in
// `init`, and what it does in `CrashRun.perform`.

import Segments
import Storage
import TestSupport

/// Something done to a store, one after the other.
enum CrashStep {
    case write([Segments.Operation])
    case flush
    /// Closed and opened again.
    case restart
}

/// Steps, and the states that they lead through.
struct CrashScript {
    let steps: [CrashStep]
    /// What a store shows after each request; the first is the empty store.
    let states: [StoreState]

    /// `requests` random requests, with upkeep in between.
    init(seed: UInt64, requests: Int) {
        var source = RandomOperations(seed: seed)
        source.titles = 3
        source.keys = 6
        source.longestText = 8
        var model = StoreModel()
        var steps: [CrashStep] = []
        var states = [model.state]
        for number in 1...requests {
            let request = source.request()
            model.apply(request)
            steps.append(.write(request))
            states.append(model.state)
            if number % 7 == 0 { steps.append(.flush) }
            if number % 11 == 0 { steps.append(.restart) }
        }
        self.steps = steps
        self.states = states
    }

    var requests: Int { states.count - 1 }
}

/// One run of a script on a disk.
struct CrashRun {
    /// What a store must show: all requests that were acknowledged.
    private(set) var model = StoreModel()
    /// And what it may show instead: the one request whose fate is unknown carried out too.
    private(set) var ifLast: StoreModel?
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
            store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30, stops))
        } catch {
            failures.append("\(error)")
            store = nil
        }
    }

    private mutating func perform(_ step: CrashStep) {
        do {
            switch step {
            case .write(let request): try write(request)
            case .flush: try store?.flush()
            case .restart:
                store?.close()
                if stops.errors.isEmpty { open() }
            }
        } catch { failures.append("\(error)") }
    }

    private mutating func write(_ request: [Segments.Operation]) throws {
        do {
            try store?.write(request)
            acknowledged += 1
            model.apply(request)
            fs.note("acknowledged")
        } catch .noTrack {
            // The request that would have made the track has failed.
        } catch {
            if !stops.errors.isEmpty {
                ifLast = model
                ifLast?.apply(request)
            }
            throw error
        }
    }

    /// Whether a store that shows `state` lost nothing and made nothing up.
    func allows(_ state: StoreState) -> Bool {
        state == model.state || (ifLast != nil && state == ifLast?.state)
    }
}
