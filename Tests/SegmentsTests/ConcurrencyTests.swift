// Readers beside a writer: a view shows a request whole or not at all, and goes on showing the same
// while memtables are sealed, flushed and freed behind it.

import Glibc
import Segments
import Storage
import Synchronization
import TestSupport
import Testing
import TextIndex

@Suite struct ConcurrencyTests {
    @Test func `a view shows each request whole or not at all`() throws {
        let store = try Store(
            opening: "/data", in: FaultyFileSystem(), .small(memtableBytes: 400_000))
        let lane = [UInt8](text: "lane")
        try store.write([.create(track: 1)] + Self.replacement(0, lane))
        let race = Race()
        let readers = (0..<2).map { _ in
            TestThread { race.read(store, lane) }
        }
        let end = ContinuousClock.now + .seconds(3)
        var generation = 0
        while ContinuousClock.now < end {
            generation += 1
            try store.write(Self.replacement(generation, lane))
        }
        race.isOver.store(true, ordering: .relaxed)
        for reader in readers { reader.join() }
        #expect(race.problems.withLock { $0 } == [])
        #expect(race.rounds.load(ordering: .relaxed) > 100)
        #expect((store.view.tracks[1]?.segments.count ?? 0) > 2)
        print("\(generation) replacements, \(race.rounds.load(ordering: .relaxed)) reads")
        store.close()
    }

    /// Seven or 23 rows, all of one generation, in the place of those before, and other rows too.
    private static func replacement(_ generation: Int, _ lane: [UInt8]) -> [Segments.Operation] {
        let rows = (0..<(generation % 2 == 0 ? 7 : 23)).map { number in
            Annotation(
                title: lane, start: Int64(number), end: Int64(number) + 1,
                key: number % 3 == 0 ? [UInt8](text: "k\(number)") : [],
                text: [UInt8](text: "all of generation g\(generation % 50)"))
        }
        let others = (0..<20).map { number in
            Annotation(
                title: [UInt8](text: "other"), start: Int64(generation), end: Int64(generation),
                text: [UInt8](text: "all others w\(number)"))
        }
        return [
            .clear(track: 1, title: lane, name: [], value: []),
            .put(track: 1, rows: batch(rows + others)),
        ]
    }
}

/// What the readers share.
private final class Race: Sendable {
    let isOver = Atomic<Bool>(false)
    let rounds = Atomic<Int>(0)
    let problems = Mutex<[String]>([])

    func read(_ store: Store, _ lane: [UInt8]) {
        while !isOver.load(ordering: .relaxed) {
            do {
                let view = store.view
                let first = try look(view, lane)
                let second = try look(view, lane)
                if first != second { report("a view changed: \(first), \(second)") }
            } catch { report("\(error)") }
            rounds.wrappingAdd(1, ordering: .relaxed)
        }
    }

    private func report(_ problem: String) { problems.withLock { $0.append(problem) } }

    private func look(_ view: View, _ lane: [UInt8]) throws -> [UInt64] {
        var request = SearchRequest(
            TextQuery(clauses: [TextQuery.Clause(.should, [TermKey.word([UInt8](text: "all"))])]),
            limit: 100)
        request.titles = [lane]
        let found = try view.search([1], request)
        let texts = Set(found.hits.map { $0.annotation.text ?? [] })
        if texts.count != 1 { report("\(texts.count) generations at once") }
        if found.hits.count != 7, found.hits.count != 23 { report("\(found.hits.count) rows") }
        if view.count(1, title: lane) != found.hits.count { report("count differs") }
        let keyed = try view.annotation(1, title: lane, key: [UInt8](text: "k3"))
        if keyed?.text != texts.first { report("the key leads to another generation") }
        return found.hits.map(\.sequence)
    }
}

/// A thread of its own: readers must not share the few of the test runner.
@safe final class TestThread {
    // Set once, in the initializer.
    private let thread: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    init(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(Body(run)).toOpaque())
        precondition(status == 0, "no thread for a test")
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}
