// The order of byte strings that every sorted structure here uses: unsigned bytes, shorter first.

import Glibc

/// Below zero when `a` comes first, zero when they are equal.
func compareBytes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
    if let first = a.baseAddress, let second = b.baseAddress {
        let order = unsafe memcmp(first, second, min(a.count, b.count))
        if order != 0 { return Int(order) }
    }
    return a.count - b.count
}

/// Whether two byte strings are the same.
func equalBytes(_ a: UnsafeBufferPointer<UInt8>, _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    guard let first = a.baseAddress else { return true }
    return unsafe memcmp(first, b, b.count) == 0
}
