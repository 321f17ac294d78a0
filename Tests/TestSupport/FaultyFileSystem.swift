// A file system in memory that knows what is durable, cuts the power, and fails on demand.
//
// It is stricter than real ones: a file's bytes are durable only after a sync of the file, and a
// name (created, renamed, removed) only after a sync of its folder; nothing else makes anything
// durable. After a failed sync the unsynced bytes stay readable but can never become durable by a
// later sync, as on Linux. Names of one folder are kept or lost in their order.
//
// Faults strike single system calls, below the loops of Storage's SystemCall: like the real one
// this file system goes on after an interruption and after a transfer of fewer bytes than asked.

import Glibc
package import Storage
import Synchronization

/// A simulated disk that begins with the folder "/" only.
package final class FaultyFileSystem: FileSystem {
    /// What a power cut does to what was not synced.
    package enum PowerCut: Sendable {
        /// All of it is lost.
        case dropAll
        /// All of it survives.
        case keepAll
        /// Each write is lost, kept, or torn at sectors of 512 bytes; names are kept up to a point.
        case random(seed: UInt64)
    }

    /// What a call meets with.
    package enum Fault: Equatable, Sendable {
        /// It fails with this errno; EINTR before it does anything, and only at the first attempt.
        case error(Int32)
        /// A write or a read moves half of its bytes, at least one; other calls are unharmed.
        case shortTransfer
    }

    /// Something that happened, in order.
    package enum Event: Equatable, Sendable {
        case create(String)
        case write(String, offset: UInt64, count: Int)
        case truncate(String, size: UInt64)
        case sync(String)
        case syncDirectory(String)
        case rename(String, to: String)
        case link(String, to: String)
        case remove(String)
        case createDirectory(String)
        /// Put there by the test, such as an acknowledgement.
        case note(String)
    }

    let disk: Mutex<SimulatedDisk>
    /// The disk as it was when recording began.
    let recordingBase = Mutex<SimulatedDisk?>(nil)

    /// An empty disk.
    package convenience init() { self.init(SimulatedDisk()) }

    init(_ disk: consuming sending SimulatedDisk) { self.disk = Mutex(disk) }

    // MARK: Faults

    /// The disk after the power was cut now: a new file system, without faults or locks.
    package func powerCut(_ mode: PowerCut = .dropAll) -> FaultyFileSystem {
        FaultyFileSystem(disk.withLock { $0.afterPowerCut(mode) })
    }

    /// Makes the `n`-th call from now (1 is the next) fail, and with `persistently` all after it.
    ///
    /// A failing write leaves its first half behind.
    package func failCall(_ n: Int, _ errno: Int32, persistently: Bool = false) {
        failCall(n, .error(errno), persistently: persistently)
    }

    /// Gives the `n`-th call from now a fault, and with `persistently` all after it.
    package func failCall(_ n: Int, _ fault: Fault, persistently: Bool = false) {
        disk.withLock {
            $0.fault = .init(call: $0.calls + n, fault: fault, isPersistent: persistently)
        }
    }

    /// Takes all faults away.
    package func heal() { disk.withLock { $0.fault = nil } }

    /// How many calls have been made.
    package var calls: Int { disk.withLock { $0.calls } }

    /// What each call was for, in order: "open", "write", "sync" and so on.
    package var operations: [String] { disk.withLock { $0.operations } }

    /// Bytes that all files together may have; writes beyond it are ENOSPC.
    package var capacity: UInt64 {
        get { disk.withLock { $0.capacity } }
        set { disk.withLock { $0.capacity = newValue } }
    }

    /// Takes the syncs out: they succeed and do nothing, a negative control for durability tests.
    package var syncsAreLies: Bool {
        get { disk.withLock { $0.syncsAreLies } }
        set { disk.withLock { $0.syncsAreLies = newValue } }
    }

    /// Everything that happened, oldest first.
    package var events: [Event] { disk.withLock { $0.events } }

    /// Puts a mark among the events.
    package func note(_ text: String) {
        disk.withLock { disk in
            disk.events.append(.note(text))
            disk.record(.note(text))
        }
    }

    // MARK: Material for tests

    /// All bytes of a file; nil when there is none.
    package func contents(_ path: String) -> [UInt8]? {
        disk.withLock { disk in disk.file(at: path)?.content }
    }

    /// Puts a durable file there, replacing what is.
    package func place(_ bytes: [UInt8], at path: String) {
        disk.withLock { $0.place(bytes, at: path) }
    }

    // MARK: FileSystem

    /// Opens or creates a file.
    package func open(_ path: String, _ mode: OpenMode) throws(StorageError) -> any File {
        let inode = try call("open", path) { (disk) throws(StorageError) in
            if mode == .create { try disk.create(path) }
            guard let inode = disk.inode(at: path) else {
                throw .system(operation: "open", path: path, errno: ENOENT)
            }
            return inode
        }
        return SimulatedFile(path: path, inode: inode, fs: self)
    }

    /// Copies a file's bytes.
    package func map(_ path: String) throws(StorageError) -> MappedFile {
        try call("map", path) { (disk) throws(StorageError) in
            guard let file = disk.file(at: path) else {
                throw .system(operation: "map", path: path, errno: ENOENT)
            }
            return MappedFile(path: path, copying: file.content)
        }
    }

    /// Renames a file or a folder.
    package func rename(_ from: String, to: String) throws(StorageError) {
        try call("rename", from) { (disk) throws(StorageError) in
            try disk.rename(from, to: to)
        }
    }

    /// Gives a file a second name.
    package func link(_ from: String, to: String) throws(StorageError) {
        try call("link", from) { (disk) throws(StorageError) in try disk.link(from, to: to) }
    }

    /// Removes a file or an empty folder.
    package func remove(_ path: String) throws(StorageError) {
        try call("remove", path) { (disk) throws(StorageError) in try disk.remove(path) }
    }

    /// Makes a folder unless it exists.
    package func createDirectory(_ path: String) throws(StorageError) {
        try call("create folder", path) { (disk) throws(StorageError) in
            try disk.createDirectory(path)
        }
    }

    /// The names in a folder.
    package func list(_ path: String) throws(StorageError) -> [String] {
        try call("list", path) { (disk) throws(StorageError) in try disk.list(path) }
    }

    /// Makes a folder's names durable.
    package func syncDirectory(_ path: String) throws(StorageError) {
        try call("sync folder", path) { (disk) throws(StorageError) in
            try disk.syncDirectory(path)
        }
    }

    /// The length of a file.
    package func size(of path: String) throws(StorageError) -> UInt64? {
        try call("stat", path) { (disk) throws(StorageError) in
            disk.file(at: path).map { UInt64($0.content.count) }
        }
    }

    /// Takes a lock, held by this instance until released.
    package func lock(_ path: String) throws(StorageError) -> any FileLock {
        try call("lock", path) { (disk) throws(StorageError) in
            if disk.inode(at: path) == nil { try disk.create(path) }
            guard disk.locks.insert(path).inserted else { throw .locked(path: path) }
        }
        return SimulatedLock(path: path, fs: self)
    }

    /// Capacity less what files take.
    package func available(_ path: String) throws(StorageError) -> UInt64 {
        try call("statvfs", path) { (disk) throws(StorageError) in
            disk.capacity - min(disk.used, disk.capacity)
        }
    }

    /// Counts a call and does it, unless it is its turn to fail.
    func call<Answer: Sendable>(
        _ operation: String, _ path: String,
        _ body: (inout SimulatedDisk) throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        let fault = beginCall(operation)
        var attempts = 0
        let failure = SystemCall.uninterrupted {
            attempts += 1
            guard case .error(let code)? = fault else { return nil }
            return code != EINTR || attempts == 1 ? code : nil
        }
        if let failure { throw .system(operation: operation, path: path, errno: failure) }
        let result = disk.withLock { disk -> Result<Answer, StorageError> in
            do throws(StorageError) {
                return .success(try body(&disk))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Counts a call and tells what it is to meet with.
    func beginCall(_ operation: String) -> Fault? {
        disk.withLock { $0.countCall(operation) }
    }
}

/// A lock held on a simulated disk.
private final class SimulatedLock: FileLock {
    private let path: String
    private let fs: FaultyFileSystem

    init(path: String, fs: FaultyFileSystem) {
        self.path = path
        self.fs = fs
    }

    deinit { release() }

    func release() { fs.disk.withLock { _ = $0.locks.remove(path) } }
}
