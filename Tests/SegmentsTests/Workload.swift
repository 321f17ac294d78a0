// A small workload with the state after each of its steps: what durability tests look up a
// recovered state in.

import Segments
import Storage
import TestSupport

/// Requests, and what a store shows after each.
struct Workload {
    let requests: [[Segments.Operation]]
    /// One more than requests: the first is the empty store.
    let states: [StoreState]

    init(seed: UInt64, count: Int) {
        var source = RandomOperations(seed: seed)
        source.titles = 3
        source.keys = 6
        var model = StoreModel()
        var requests: [[Segments.Operation]] = []
        var states = [model.state]
        for _ in 0..<count {
            let request = source.request()
            model.apply(request)
            requests.append(request)
            states.append(model.state)
        }
        self.requests = requests
        self.states = states
    }
}

/// Opens a data folder, reads everything, and closes it again.
func recoveredState(_ fs: any FileSystem, _ stops: StopRecorder = StopRecorder()) throws
    -> StoreState
{
    let store = try Store(opening: "/data", in: fs, .small(stops))
    defer { store.close() }
    return try store.view.state()
}
