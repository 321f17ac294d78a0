// CRC32C, the checksum of every frame, page and header.
//
// It finds every error burst of up to 32 bits, hence every damaged byte. Seeding it with a place
// (`CRC32C.place`) makes good bytes in the wrong place fail too.

import CKernels

/// CRC32C as in RFC 3720, by the fastest routine of this machine.
///
/// MSPD_SIMD=portable in the environment chooses the plain one.
package enum CRC32C {
    /// The checksum of bytes that follow those summed in `seed`.
    package static func checksum(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe mspd_crc32c(seed, buffer.baseAddress, buffer.count)
        }
    }

    /// The checksum of `count` bytes at `base` that follow those summed in `seed`.
    @unsafe package static func checksum(
        _ base: UnsafeRawPointer, _ count: Int, seed: UInt32 = 0
    ) -> UInt32 {
        unsafe mspd_crc32c(seed, base, count)
    }

    /// The same by the plain routine: the twin that the fast one is held against.
    package static func portable(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe mspd_crc32c_portable(seed, buffer.baseAddress, buffer.count)
        }
    }

    /// Adds one word of a place (a file's number, an offset) to a seed, as its little-endian bytes.
    package static func place(_ word: UInt64, seed: UInt32 = 0) -> UInt32 {
        unsafe withUnsafeBytes(of: word.littleEndian) { bytes in
            unsafe mspd_crc32c(seed, bytes.baseAddress, bytes.count)
        }
    }

    /// "sse4.2" or "portable".
    package static var name: String { unsafe String(cString: mspd_crc32c_name()) }
}
