// Blocks packed whole by LZ4 or Zstandard.
//
// Damaged input never makes more than the declared count of bytes, which the caller has bounded; a
// block that does not unpack to exactly that count is damaged.

import CLZ4
import CZstd

/// How a block is packed; the raw values are on disk and never change.
package enum Codec: UInt8, Sendable, CaseIterable {
    /// As it is.
    case raw = 0
    /// LZ4 block format: for what is written once and soon rewritten.
    case lz4 = 1
    /// Zstandard frame: for what stays.
    case zstd = 2
}

/// Packs and unpacks blocks.
package enum BlockCompression {
    /// Zstandard's own default: most of the gain at a tenth of the time of the high levels.
    package static let zstdLevel: Int32 = 3

    /// Packs bytes; falls back to `.raw` when that saves less than a sixteenth.
    ///
    /// A dictionary, which decides the level, is for Zstandard only.
    package static func compress(
        _ bytes: RawSpan, with codec: Codec, _ dictionary: ZstdDictionary? = nil
    ) -> (Codec, [UInt8]) {
        let limit = bytes.byteCount - bytes.byteCount / 16
        let packed = unsafe bytes.withUnsafeBytes { source in
            unsafe pack(source, with: codec, dictionary)
        }
        if let packed, packed.count < limit { return (codec, packed) }
        return (.raw, unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) })
    }

    /// Unpacks to exactly `rawCount` bytes, which the caller has bounded; nil when damaged.
    ///
    /// What was packed by Zstandard with a dictionary needs the same one.
    package static func decompress(
        _ bytes: RawSpan, codec: Codec, rawCount: Int, _ dictionary: ZstdDictionary? = nil
    ) -> [UInt8]? {
        guard rawCount >= 0, canHold(rawCount, bytes, codec) else { return nil }
        var isGood = false
        let unpacked = unsafe [UInt8](unsafeUninitializedCapacity: rawCount) { target, count in
            let target = unsafe UnsafeMutableRawBufferPointer(
                start: target.baseAddress, count: rawCount)
            isGood = unsafe decompress(bytes, codec: codec, into: target, dictionary)
            count = isGood ? rawCount : 0
        }
        return isGood ? unpacked : nil
    }

    /// Whether a block can unpack to so many bytes, as far as is known before memory is taken.
    private static func canHold(_ rawCount: Int, _ bytes: RawSpan, _ codec: Codec) -> Bool {
        switch codec {
        case .raw: return bytes.byteCount == rawCount
        // A byte of LZ4 stands for at most 255 others.
        case .lz4: return rawCount / 255 <= bytes.byteCount
        // One call packs a block, which writes its length in the frame's header.
        case .zstd:
            return unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_getFrameContentSize(source.baseAddress, source.count)
                    == UInt64(rawCount)
            }
        }
    }

    /// Unpacks to exactly fill `target`; false when damaged, with `target` in any state.
    @unsafe package static func decompress(
        _ bytes: RawSpan, codec: Codec, into target: UnsafeMutableRawBufferPointer,
        _ dictionary: ZstdDictionary? = nil
    ) -> Bool {
        unsafe bytes.withUnsafeBytes { source in
            // An empty block is never packed.
            guard let from = source.baseAddress, source.count > 0,
                let to = target.baseAddress, target.count > 0
            else { return codec == .raw && source.count == target.count }
            switch codec {
            case .raw:
                guard source.count == target.count else { return false }
                unsafe to.copyMemory(from: from, byteCount: source.count)
                return true
            case .lz4:
                guard let count = Int32(exactly: source.count),
                    let room = Int32(exactly: target.count)
                else { return false }
                return unsafe LZ4_decompress_safe(
                    from.assumingMemoryBound(to: CChar.self),
                    to.assumingMemoryBound(to: CChar.self), count, room) == room
            case .zstd:
                guard let context = unsafe ZstdContexts.unpacker() else { return false }
                if let dictionary {
                    return unsafe dictionary.decompress(context, into: target, source)
                        == target.count
                }
                return unsafe ZSTD_decompressDCtx(
                    context, to, target.count, from, source.count) == target.count
            }
        }
    }

    private static func pack(
        _ source: UnsafeRawBufferPointer, with codec: Codec, _ dictionary: ZstdDictionary?
    ) -> [UInt8]? {
        guard let from = source.baseAddress, source.count > 0 else { return nil }
        switch codec {
        case .raw:
            return nil
        case .lz4:
            guard source.count <= Int(LZ4_MAX_INPUT_SIZE) else { return nil }
            let room = LZ4_compressBound(Int32(source.count))
            return unsafe [UInt8](unsafeUninitializedCapacity: Int(room)) { target, count in
                guard let to = target.baseAddress else { return }
                count = Int(
                    unsafe LZ4_compress_default(
                        from.assumingMemoryBound(to: CChar.self),
                        UnsafeMutableRawPointer(to).assumingMemoryBound(to: CChar.self),
                        Int32(source.count), room))
            }
        case .zstd:
            guard let context = unsafe ZstdContexts.packer() else { return nil }
            let room = ZSTD_compressBound(source.count)
            var isGood = false
            let packed = unsafe [UInt8](unsafeUninitializedCapacity: room) { target, count in
                let size =
                    unsafe dictionary?.compress(
                        context, into: UnsafeMutableRawBufferPointer(target), source)
                    ?? ZSTD_compressCCtx(
                        context, target.baseAddress, room, from, source.count, zstdLevel)
                isGood = ZSTD_isError(size) == 0 && size > 0
                count = isGood ? size : 0
            }
            return isGood ? packed : nil
        }
    }
}
