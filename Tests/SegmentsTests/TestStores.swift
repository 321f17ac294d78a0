// Opening stores in tests: small memtables, no reserve, and a record of what would have stopped the
// process.

import Glibc
import Segments
import Storage
import Synchronization
import TestSupport
import VectorIndex

/// Collects the errors that stop a store.
final class StopRecorder: Sendable {
    private let recorded = Mutex<[StorageError]>([])
    var errors: [StorageError] { recorded.withLock { $0 } }
    func record(_ error: StorageError) { recorded.withLock { $0.append(error) } }
}

extension StoreSettings {
    static func small(
        memtableBytes: Int = 100_000, _ stops: StopRecorder = StopRecorder()
    ) -> StoreSettings {
        var settings = StoreSettings()
        settings.memtableBytes = memtableBytes
        settings.replayBytes = 1 << 14
        settings.reserveBytes = 0
        // Small, so that simulated disks are quick and the log grows often.
        settings.logStepBytes = 1 << 12
        settings.stop = { stops.record($0) }
        return settings
    }
}

extension Store {
    /// A store for the vectors of one track, which flushes when it is told to and merges only when
    /// it is asked to, and its settings.
    static func withVectors(
        _ shape: VectorShape?, in fs: FaultyFileSystem
    ) throws -> (store: Store, settings: StoreSettings) {
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.logBytes = 1 << 40
        settings.policy.fanout = 0
        let store = try Store(opening: "/data", in: fs, settings)
        try store.write([.create(track: 1, content: TrackContent(vectors: shape))])
        return (store, settings)
    }
}

/// A file system that refuses what a test says, and passes the rest on.
final class RefusingFileSystem: FileSystem {
    private let base: any FileSystem
    private let refusal = Mutex<(@Sendable (String) -> Int32?)?>(nil)

    init(_ base: any FileSystem) { self.base = base }

    /// Asked before a file is opened, mapped or renamed; an errno refuses.
    func refuse(_ rule: (@Sendable (_ path: String) -> Int32?)?) {
        refusal.withLock { $0 = rule }
    }

    private func check(_ operation: String, _ path: String) throws(StorageError) {
        guard let code = refusal.withLock({ $0?(path) }) else { return }
        throw .system(operation: operation, path: path, errno: code)
    }

    func open(_ path: String, _ mode: OpenMode) throws(StorageError) -> any File {
        try check("open", path)
        return try base.open(path, mode)
    }
    func map(_ path: String) throws(StorageError) -> MappedFile {
        try check("map", path)
        return try base.map(path)
    }
    func rename(_ from: String, to: String) throws(StorageError) {
        try check("rename", from)
        try base.rename(from, to: to)
    }
    func link(_ from: String, to: String) throws(StorageError) { try base.link(from, to: to) }
    func remove(_ path: String) throws(StorageError) { try base.remove(path) }
    func createDirectory(_ path: String) throws(StorageError) { try base.createDirectory(path) }
    func list(_ path: String) throws(StorageError) -> [String] { try base.list(path) }
    func syncDirectory(_ path: String) throws(StorageError) { try base.syncDirectory(path) }
    func size(of path: String) throws(StorageError) -> UInt64? { try base.size(of: path) }
    func lock(_ path: String) throws(StorageError) -> any FileLock { try base.lock(path) }
    func available(_ path: String) throws(StorageError) -> UInt64 { try base.available(path) }
}

/// Starts something that answers later, and waits for the answer.
func outcome<Value: Sendable>(
    _ start: (@escaping @Sendable (Result<Value, StoreError>) -> Void) -> Void
) -> Result<Value, StoreError> {
    let box = Mutex<Result<Value, StoreError>?>(nil)
    start { result in box.withLock { $0 = result } }
    while true {
        if let result = box.withLock({ $0 }) { return result }
        usleep(200)
    }
}
