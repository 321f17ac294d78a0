// What every fuzz target needs of its input: an array, and a file system with one file.

import Storage
import TestSupport

/// The bytes that the fuzzer made.
func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: start, count: count))
}

/// A file system with a file "/f".
func folder(_ bytes: [UInt8]) -> FaultyFileSystem {
    let fs = FaultyFileSystem()
    fs.place(bytes, at: "/f")
    return fs
}
