// An open file of the simulated disk. It goes on working after its name is renamed or removed.

import Glibc
import Storage
import Synchronization

/// Refers to an inode; every call is counted and may fail.
final class SimulatedFile: File {
    let path: String
    private let inode: Int
    private let fs: FaultyFileSystem
    private let isClosed = Atomic(false)

    init(path: String, inode: Int, fs: FaultyFileSystem) {
        self.path = path
        self.inode = inode
        self.fs = fs
    }

    func write(_ bytes: RawSpan, at offset: UInt64) throws(StorageError) {
        let copy = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        try checkOpen("write")
        let (_, failure) = transfer("write", copy.count) { done, count in
            let part = Array(copy[done..<done + count])
            return fs.disk.withLock { disk in
                let position = offset + UInt64(done)
                let written = disk.write(part, at: position, inode: inode, path: path)
                return written == 0 ? .failed(ENOSPC) : .moved(written)
            }
        } failing: { done in
            // Half of it had been written by then.
            fs.disk.withLock { disk in
                let part = Array(copy[done...].prefix((copy.count - done) / 2))
                _ = disk.write(part, at: offset + UInt64(done), inode: inode, path: path)
            }
        }
        if let failure { throw .system(operation: "write", path: path, errno: failure) }
    }

    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        try checkOpen("read")
        var bytes: [UInt8] = []
        let (_, failure) = transfer("read", count) { _, count in
            let content = fs.disk.withLock { $0.inodes[inode].content }
            let part = content.dropFirst(Int(clamping: offset) + bytes.count).prefix(count)
            bytes += part
            return .moved(part.count)
        }
        if let failure { throw .system(operation: "read", path: path, errno: failure) }
        return bytes
    }

    /// Counts a call and moves bytes by attempts that meet with its fault.
    ///
    /// `move` is told how many bytes were moved before and how many it may move at most.
    private func transfer(
        _ operation: String, _ count: Int, _ move: (Int, Int) -> SystemCall.Outcome,
        failing: (Int) -> Void = { _ in }
    ) -> (moved: Int, failure: Int32?) {
        let fault = fs.beginCall(operation)
        var attempts = 0
        return SystemCall.transfer(count) { done in
            attempts += 1
            switch fault {
            case .error(EINTR) where attempts > 1: break
            case .error(let code):
                if code != EINTR { failing(done) }
                return .failed(code)
            case .shortTransfer: return move(done, max(1, (count - done) / 2))
            case nil: break
            }
            return move(done, count - done)
        }
    }

    func size() throws(StorageError) -> UInt64 {
        try checkOpen("stat")
        return try fs.call("stat", path) { (disk) throws(StorageError) in
            UInt64(disk.inodes[inode].content.count)
        }
    }

    func sync() throws(StorageError) {
        try checkOpen("sync")
        do throws(StorageError) {
            try fs.call("sync", path) { (disk) throws(StorageError) in
                disk.events.append(.sync(path))
                disk.sync(inode: inode, path: path)
            }
        } catch {
            // The kernel takes the pages for clean: no later sync will write them.
            fs.disk.withLock { disk in
                disk.inodes[inode].forgetUnsynced()
                disk.record(.forget(inode: inode))
            }
            throw error
        }
    }

    func truncate(to size: UInt64) throws(StorageError) {
        try checkOpen("truncate")
        try fs.call("truncate", path) { (disk) throws(StorageError) in
            disk.events.append(.truncate(path, size: size))
            disk.change(inode, .truncate(Int(size)))
        }
    }

    func close() { isClosed.store(true, ordering: .relaxed) }

    private func checkOpen(_ operation: String) throws(StorageError) {
        guard !isClosed.load(ordering: .relaxed) else {
            throw .system(operation: operation, path: path, errno: EBADF)
        }
    }
}
