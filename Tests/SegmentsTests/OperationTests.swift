// Operations as their users meet them: all or nothing for readers, gone after a restart, more of
// them than memory holds, retries, refusals, and the way back.

import Segments
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct OperationTests {
    private let fs = FaultyFileSystem()
    private let stops = StopRecorder()
    private let lane = Scope(title: [UInt8](text: "film"))

    private func open(_ change: (inout StoreSettings) -> Void = { _ in }) throws -> Store {
        var settings = StoreSettings.small(memtableBytes: 1 << 30, stops)
        settings.smallOperationBytes = 2_000
        change(&settings)
        let store = try Store(opening: "/data", in: fs, settings)
        if store.view.tracks[1] == nil { try store.write([.create(track: 1)]) }
        return store
    }

    private func rows(_ range: Range<Int>, _ text: String, source: String = "") -> RowBatch {
        batch(
            range.map { number in
                var row = Annotation(
                    title: [UInt8](text: "film"), start: Int64(number), end: Int64(number) + 1,
                    key: [UInt8](text: "k\(number)"), text: [UInt8](text: "\(text) \(number)"))
                if !source.isEmpty {
                    row.attributes = [
                        Attribute(
                            name: [UInt8](text: "source"), type: .keyword,
                            value: [UInt8](text: source))
                    ]
                }
                return row
            })
    }

    private func begin(_ store: Store, _ scope: Scope? = nil) throws -> UInt64 {
        try store.write([.begin(track: 1, scope: scope ?? lane)]).operation
    }

    /// The first words of all lines, in timeline order.
    private func words(_ store: Store) throws -> [String] {
        try store.view.state().tracks[1]?.map { row in
            let text = String(decoding: row.annotation.text ?? [], as: UTF8.self)
            return String(text.prefix { $0 != " " })
        } ?? []
    }

    private func all(_ word: String, _ count: Int) -> [String] {
        [String](repeating: word, count: count)
    }

    private func names() throws -> [String] {
        try fs.list("/data/tracks/1/segments").filter { $0.hasSuffix(".seg") }
    }

    @Test(arguments: [5, 300]) func `a commit replaces the lane at once`(count: Int) throws {
        let store = try open()
        try store.write([.put(track: 1, rows: rows(0..<40, "old"))])
        let id = try begin(store)
        for start in stride(from: 0, to: count, by: 50) {
            let part = rows(start..<min(start + 50, count), "new")
            try store.write([.stage(operation: id, rows: part)])
            #expect(try words(store) == all("old", 40))
        }
        #expect(store.operation(id)?.rows == count)
        let before = store.view
        let applied = try store.commit(id)
        #expect(applied.put == count && applied.deleted == 40 && applied.operation == id)
        #expect(try words(store) == all("new", count))
        #expect(try before.state().tracks[1]?.count == 40)
        #expect(store.operations.isEmpty)
        store.close()
        let again = try open()
        defer { again.close() }
        #expect(try words(again) == all("new", count))
    }

    @Test func `an operation larger than memory goes to files and comes back as one`() throws {
        let store = try open {
            $0.operationBytes = 30_000
            $0.smallOperationBytes = 100
        }
        let id = try begin(store)
        for _ in 0..<2 {
            for start in stride(from: 0, to: 2_000, by: 100) {
                try store.write([.stage(operation: id, rows: rows(start..<start + 100, "new"))])
            }
        }
        #expect(try names().count > 3)
        #expect(try words(store) == [])
        // The second time replaced all keys of the first.
        #expect(try store.commit(id).put == 2_000)
        #expect(try words(store) == all("new", 2_000))
        #expect(try names().count == 1)
        store.close()
        let again = try open()
        defer { again.close() }
        #expect(try words(again) == all("new", 2_000))
    }

    @Test func `an operation that was not committed is gone after a restart`() throws {
        let store = try open { $0.operationBytes = 10_000 }
        try store.write([.put(track: 1, rows: rows(0..<5, "old"))])
        let id = try begin(store)
        try store.write([.stage(operation: id, rows: rows(0..<500, "new"))])
        let found = fs.powerCut(.keepAll)
        store.close()
        let again = try Store(opening: "/data", in: found, .small())
        defer { again.close() }
        #expect(try words(again) == all("old", 5))
        #expect(again.operations.isEmpty)
        #expect(throws: StoreError.noOperation(id)) { try again.commit(id) }
        #expect(try found.list("/data/tracks/1/segments").isEmpty)
        let next = try again.write([.begin(track: 1, scope: lane)]).operation
        #expect(next > id)
    }

    @Test func `an aborted operation leaves nothing`() throws {
        let store = try open { $0.operationBytes = 10_000 }
        defer { store.close() }
        let id = try begin(store)
        try store.write([.stage(operation: id, rows: rows(0..<500, "new"))])
        try store.abort(id)
        try store.flush()
        #expect(try words(store) == [])
        #expect(throws: StoreError.noOperation(id)) { try store.abort(id) }
        #expect(throws: StoreError.noOperation(id)) {
            try store.write([.stage(operation: id, rows: rows(0..<1, "new"))])
        }
        // A file that was being written goes as soon as it is.
        for _ in 0..<1_000 where try !names().isEmpty { try store.write([]) }
        #expect(try names() == [])
    }

    @Test func `one lane has one operation, its sources one each`() throws {
        let store = try open { $0.openOperations = 3 }
        defer { store.close() }
        let source = { Scope(title: lane.title, name: [1], value: [$0]) }
        let first = try begin(store, source(1))
        let second = try begin(store, source(2))
        #expect(throws: StoreError.laneTaken(by: second)) { try begin(store, source(2)) }
        #expect(throws: StoreError.self) { try begin(store) }
        try store.abort(first)
        try store.abort(second)
        for title: UInt8 in 1...3 { _ = try begin(store, Scope(title: [title])) }
        #expect(throws: StoreError.tooManyOperations(limit: 3)) { try begin(store) }
    }

    @Test func `a commit of one source leaves the others alone`() throws {
        let store = try open()
        defer { store.close() }
        let name = [UInt8](text: "source")
        for (file, range) in [("a", 0..<10), ("b", 10..<30)] {
            try store.write([.put(track: 1, rows: rows(range, file, source: file))])
        }
        let id = try begin(store, Scope(title: lane.title, name: name, value: [UInt8](text: "a")))
        try store.write([.stage(operation: id, rows: rows(0..<3, "c", source: "a"))])
        try store.commit(id)
        #expect(try words(store) == all("c", 3) + all("b", 20))
        try store.rollBack(1, title: lane.title)
        #expect(try words(store) == all("a", 10) + all("b", 20))
    }

    @Test(arguments: [5, 300]) func `a rollback brings back what a commit replaced, once`(
        count: Int
    ) throws {
        var store = try open()
        try store.write([.put(track: 1, rows: rows(0..<40, "old"))])
        let id = try begin(store)
        try store.write([.stage(operation: id, rows: rows(0..<count, "new"))])
        try store.commit(id)
        try store.write([.put(track: 1, rows: rows(count..<count + 2, "late"))])
        // Rows that are needed survive flushes, merges and restarts.
        try store.flush()
        try store.merge(1)
        store.close()
        store = try open()
        defer { store.close() }
        #expect(try words(store) == all("new", count) + all("late", 2))
        let applied = try store.rollBack(1, title: lane.title)
        #expect(applied.put == 40 && applied.deleted == count + 2)
        #expect(try words(store) == all("old", 40))
        #expect(throws: StoreError.noCommit) { try store.rollBack(1, title: lane.title) }
        let row = try store.view.annotation(
            1, title: lane.title, key: [UInt8](text: "k3"))
        #expect(row?.text == [UInt8](text: "old 3"))
        try store.flush()
        try store.merge(1)
        #expect(store.view.tracks[1]?.documentCount == 40)
    }

    @Test func `rows kept for a rollback go after the next commit`() throws {
        let store = try open()
        defer { store.close() }
        for word in ["one", "two", "three"] {
            let id = try begin(store)
            try store.write([.stage(operation: id, rows: rows(0..<10, word))])
            try store.commit(id)
        }
        try store.flush()
        try store.merge(1)
        // The newest, and the one before it.
        #expect(store.view.tracks[1]?.documentCount == 20)
        try store.rollBack(1, title: lane.title)
        #expect(try words(store) == all("two", 10))
    }

    @Test func `a lane that is deleted cannot come back`() throws {
        let store = try open()
        defer { store.close() }
        let id = try begin(store)
        try store.write([.stage(operation: id, rows: rows(0..<5, "new"))])
        try store.commit(id)
        try store.write([.clear(track: 1, title: lane.title, name: [], value: [])])
        #expect(throws: StoreError.noCommit) { try store.rollBack(1, title: lane.title) }
    }

    @Test func `a request that is sent again changes nothing, also after a restart`() throws {
        let token = [UInt8](text: "t-1")
        let row = batch([Annotation(title: lane.title, start: 1, end: 2, text: [65])])
        var store = try open()
        #expect(try !store.write([.put(track: 1, rows: row)], token: token).isRepeated)
        #expect(try store.write([.put(track: 1, rows: row)], token: token).isRepeated)
        for isFlushed in [false, true] {
            if isFlushed { try store.flush() }
            store.close()
            store = try open()
            let applied = try store.write([.put(track: 1, rows: row)], token: token)
            #expect(applied.isRepeated && applied.put == 1)
            #expect(try words(store).count == 1)
        }
        let begun = try store.write([.begin(track: 1, scope: lane)], token: [66])
        let again = try store.write([.begin(track: 1, scope: lane)], token: [66])
        #expect(again.operation == begun.operation && again.isRepeated)
        try store.commit(begun.operation, token: [67])
        #expect(try store.commit(begun.operation, token: [67]).isRepeated)
        store.close()
    }

    @Test func `a disk without room loses nothing of an operation`() throws {
        let fs = RefusingFileSystem(self.fs)
        var settings = StoreSettings.small(memtableBytes: 1 << 30, stops)
        settings.smallOperationBytes = 10
        let store = try Store(opening: "/data", in: fs, settings)
        defer { store.close() }
        try store.write([.create(track: 1)])
        let id = try begin(store)
        try store.write([.stage(operation: id, rows: rows(0..<50, "new"))])
        fs.refuse { $0.contains(".seg") ? 28 : nil }
        #expect(throws: StoreError.self) { try store.commit(id) }
        fs.refuse(nil)
        #expect(try store.commit(id).put == 50)
        #expect(try words(store) == all("new", 50))
    }

    @Test func `damage in a segment that only the log names is found`() throws {
        let store = try open()
        let id = try begin(store)
        try store.write([.stage(operation: id, rows: rows(0..<300, "new"))])
        try store.commit(id)
        let disk = fs.powerCut(.keepAll)
        store.close()
        let pace = Pace(bytesPerSecond: 0)
        var verifier = Verifier("/data", in: disk, isLive: false, pace)
        #expect(try verifier.run().damage.isEmpty)
        let name = try #require(try disk.list("/data/tracks/1/segments").first)
        let path = "/data/tracks/1/segments/\(name)"
        var bytes = try #require(disk.contents(path))
        bytes[bytes.count / 2] ^= 1
        disk.place(bytes, at: path)
        verifier = Verifier("/data", in: disk, isLive: false, pace)
        #expect(try verifier.run().damage.first?.file == "tracks/1/segments/\(name)")
    }

    @Test func `operations nobody uses make room for others`() throws {
        let clock = SteppedClock()
        let store = try open {
            $0.now = { clock.now }
            $0.openOperations = 1
        }
        defer { store.close() }
        let first = try begin(store)
        clock.advance(3_600_001)
        let second = try begin(store)
        #expect(throws: StoreError.noOperation(first)) { try store.commit(first) }
        try store.commit(second)
    }
}

/// A clock that a test moves.
private final class SteppedClock: Sendable {
    private let time = Mutex<UInt64>(1_000)
    var now: UInt64 { time.withLock { $0 } }
    func advance(_ milliseconds: UInt64) { time.withLock { $0 += milliseconds } }
}
