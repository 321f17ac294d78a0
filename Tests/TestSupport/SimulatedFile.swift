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
        do throws(StorageError) {
            try fs.call("write", path) { (disk) throws(StorageError) in
                let fits = disk.write(copy, at: offset, inode: inode, path: path)
                guard fits else { throw .system(operation: "write", path: path, errno: ENOSPC) }
            }
        } catch {
            // Half of it had been written by then.
            writeHalf(copy, at: offset)
            throw error
        }
    }

    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        try checkOpen("read")
        return try fs.call("read", path) { (disk) throws(StorageError) in
            let content = disk.inodes[inode].content
            guard offset < UInt64(content.count) else { return [] }
            return Array(content[Int(offset)...].prefix(count))
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
                if !disk.syncsAreLies { disk.inodes[inode].sync() }
            }
        } catch {
            // The kernel takes the pages for clean: no later sync will write them.
            fs.disk.withLock { $0.inodes[inode].forgetUnsynced() }
            throw error
        }
    }

    func truncate(to size: UInt64) throws(StorageError) {
        try checkOpen("truncate")
        try fs.call("truncate", path) { (disk) throws(StorageError) in
            disk.events.append(.truncate(path, size: size))
            disk.inodes[inode].apply(.truncate(Int(size)))
        }
    }

    func close() { isClosed.store(true, ordering: .relaxed) }

    private func writeHalf(_ bytes: [UInt8], at offset: UInt64) {
        fs.disk.withLock { disk in
            _ = disk.write(
                Array(bytes.prefix(bytes.count / 2)), at: offset, inode: inode, path: path)
        }
    }

    private func checkOpen(_ operation: String) throws(StorageError) {
        guard !isClosed.load(ordering: .relaxed) else {
            throw .system(operation: operation, path: path, errno: EBADF)
        }
    }
}
