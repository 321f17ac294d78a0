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
        let (moved, failure) = unsafe bytes.withUnsafeBytes { buffer in
            SystemCall.transfer(buffer.count) { done in
                let position = off_t(clamping: offset) &+ off_t(done)
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                return unsafe .init(pwrite(descriptor, rest.baseAddress, rest.count, position))
            }
        }
        if let failure { throw error("write", failure) }
        guard moved == bytes.byteCount else { throw error("write", EIO) }
    }

    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        let descriptor = descriptor.load(ordering: .relaxed)
        var failure: Int32?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, moved in
            guard let base = buffer.baseAddress else { return }
            (moved, failure) = SystemCall.transfer(count) { done in
                let position = off_t(clamping: offset) &+ off_t(done)
                return unsafe .init(pread(descriptor, base + done, count - done, position))
            }
        }
        if let failure { throw error("read", failure) }
        return bytes
    }

    func size() throws(StorageError) -> UInt64 {
        var status = stat()
        try RealFileSystem.check("stat", path) {
            unsafe fstat(descriptor.load(ordering: .relaxed), &status)
        }
        return UInt64(status.st_size)
    }

    func sync() throws(StorageError) {
        // After any error but an interruption it is never repeated: the kernel may then hold pages
        // for clean that it could not write.
        try RealFileSystem.check("sync", path) {
            fdatasync(descriptor.load(ordering: .relaxed))
        }
    }

    func truncate(to size: UInt64) throws(StorageError) {
        try RealFileSystem.check("truncate", path) {
            ftruncate(descriptor.load(ordering: .relaxed), off_t(clamping: size))
        }
    }

    func close() {
        let open = descriptor.exchange(-1, ordering: .relaxed)
        // Never repeated: on Linux the descriptor is gone even when the call is interrupted.
        if open >= 0 { _ = Glibc.close(open) }
    }

    func release() { close() }

    private func error(_ operation: String, _ code: Int32) -> StorageError {
        .system(operation: operation, path: path, errno: code)
    }
}
