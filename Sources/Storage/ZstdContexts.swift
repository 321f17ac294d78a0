// Zstandard's working memory, one packer and one unpacker for each thread that needs them.
//
// Making a context costs more than unpacking a small block, so a thread makes its own once and the
// system frees it when the thread ends. A context never leaves its thread.

import CZstd
import Glibc

enum ZstdContexts {
    /// This thread's unpacker; nil only when there is no memory for one.
    @unsafe static func unpacker() -> OpaquePointer? {
        if let known = unsafe pthread_getspecific(unpackerKey) { return OpaquePointer(known) }
        let fresh = unsafe ZSTD_createDCtx()
        _ = unsafe pthread_setspecific(unpackerKey, UnsafeRawPointer(fresh))
        return unsafe fresh
    }

    /// This thread's packer; nil only when there is no memory for one.
    @unsafe static func packer() -> OpaquePointer? {
        if let known = unsafe pthread_getspecific(packerKey) { return OpaquePointer(known) }
        let fresh = unsafe ZSTD_createCCtx()
        _ = unsafe pthread_setspecific(packerKey, UnsafeRawPointer(fresh))
        return unsafe fresh
    }

    private static let unpackerKey: pthread_key_t = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { context in
            _ = unsafe ZSTD_freeDCtx(OpaquePointer(context))
        }
        precondition(status == 0, "no thread-specific keys left")
        return key
    }()

    private static let packerKey: pthread_key_t = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { context in
            _ = unsafe ZSTD_freeCCtx(OpaquePointer(context))
        }
        precondition(status == 0, "no thread-specific keys left")
        return key
    }()
}
