// What many small blocks have in common, learnt from a sample of them: with it a block of a few
// kilobytes packs about as well as one of hundreds (Zstandard's dictionaries, RFC 8878, section 5).

import CZstd

/// A dictionary for packing and unpacking blocks; safe to share.
@safe package final class ZstdDictionary: Sendable {
    // The library reads them only; made here, freed at the end.
    private nonisolated(unsafe) let packing: OpaquePointer?
    private nonisolated(unsafe) let unpacking: OpaquePointer
    /// Its bytes, for a section of their own.
    package let bytes: [UInt8]

    /// Takes a dictionary over; nil when there is no memory for it.
    ///
    /// `level` is how hard to pack with it (1 to 19), nil when it is for unpacking only.
    package init?(_ bytes: [UInt8], level: Int32? = nil) {
        guard let unpacking = unsafe ZSTD_createDDict(bytes, bytes.count) else { return nil }
        let packing = unsafe level.flatMap { unsafe ZSTD_createCDict(bytes, bytes.count, $0) }
        self.bytes = bytes
        unsafe self.packing = packing
        unsafe self.unpacking = unpacking
    }

    deinit {
        unsafe ZSTD_freeCDict(packing)
        unsafe ZSTD_freeDDict(unpacking)
    }

    /// Learns a dictionary of at most `limit` bytes; nil when the samples are too few or alike.
    package static func train(_ samples: [[UInt8]], limit: Int) -> [UInt8]? {
        var dictionary = [UInt8](repeating: 0, count: limit)
        let sizes = samples.map(\.count)
        let joined = Array(samples.joined())
        let size = unsafe ZDICT_trainFromBuffer(
            &dictionary, limit, joined, sizes, UInt32(sizes.count))
        guard ZDICT_isError(size) == 0 else { return nil }
        return Array(dictionary[..<size])
    }

    /// As ZSTD_compressCCtx, with the dictionary; 0 when it is for unpacking only.
    @unsafe func compress(
        _ context: OpaquePointer, into target: UnsafeMutableRawBufferPointer,
        _ source: UnsafeRawBufferPointer
    ) -> Int {
        guard let packing = unsafe packing else { return 0 }
        return unsafe ZSTD_compress_usingCDict(
            context, target.baseAddress, target.count, source.baseAddress, source.count, packing)
    }

    /// As ZSTD_decompressDCtx, with the dictionary.
    @unsafe func decompress(
        _ context: OpaquePointer, into target: UnsafeMutableRawBufferPointer,
        _ source: UnsafeRawBufferPointer
    ) -> Int {
        unsafe ZSTD_decompress_usingDDict(
            context, target.baseAddress, target.count, source.baseAddress, source.count, unpacking)
    }
}
