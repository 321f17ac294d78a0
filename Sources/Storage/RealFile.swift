// One open file of the machine.
//
// Owns its descriptor: closed once, by `close` or with the object. A lock is such a file too, since
// flock belongs to the open descriptor.

import Glibc
import Synchronization

/// An open descriptor; also the holder of a `flock`.
final class RealFile: File, FileLock {
    let path: String
    /// -1 once closed, so that a late call gets EBADF and never another file's descriptor.
    private let descriptor: Atomic<Int32>

    /// Takes over an open descriptor.
    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Atomic(descriptor)
    }

    deinit { close() }

    func write(_ bytes: RawSpan, at offset: UInt64) throws(StorageError) {
        let descriptor = descriptor.load(ordering: .relaxed)
        var done = 0
        var failure: Int32 = 0
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            while done < buffer.count {
                let position = off_t(clamping: offset) &+ off_t(done)
                let count = unsafe pwrite(descriptor, base + done, buffer.count - done, position)
                if count > 0 {
                    done += count
                } else if count == 0 || errno != EINTR {
                    failure = count == 0 ? EIO : errno
                    return
                }
            }
        }
        guard failure == 0 else { throw error("write", failure) }
    }

    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        let descriptor = descriptor.load(ordering: .relaxed)
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            guard let base = buffer.baseAddress else { return }
            while done < count {
                let position = off_t(clamping: offset) &+ off_t(done)
                let got = unsafe pread(descriptor, base + done, count - done, position)
                if got == 0 { return }
                if got > 0 {
                    done += got
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw error("read", failure) }
        return bytes
    }

    func size() throws(StorageError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor.load(ordering: .relaxed), &status) == 0 else {
            throw .last("stat", path)
        }
        return UInt64(status.st_size)
    }

    func sync() throws(StorageError) {
        // Never repeated: after a failed sync the kernel may hold the pages for clean.
        guard fdatasync(descriptor.load(ordering: .relaxed)) == 0 else { throw .last("sync", path) }
    }

    func truncate(to size: UInt64) throws(StorageError) {
        while ftruncate(descriptor.load(ordering: .relaxed), off_t(clamping: size)) != 0 {
            guard errno == EINTR else { throw .last("truncate", path) }
        }
    }

    func close() {
        let open = descriptor.exchange(-1, ordering: .relaxed)
        if open >= 0 { _ = Glibc.close(open) }
    }

    func release() { close() }

    private func error(_ operation: String, _ code: Int32) -> StorageError {
        .system(operation: operation, path: path, errno: code)
    }
}
