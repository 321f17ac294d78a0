// The hash table of a memtable's terms: open addressing, one writer, readers without a lock.
// A slot holds hash and number of a term in one word, stored only after the term itself is written.
// Growing makes a new table and publishes it whole; the old ones stay until the memtable goes.

import Glibc
import Synchronization

/// Numbers terms from 0 in the order they were first seen.
@safe final class TermTable: @unchecked Sendable {
    // Unchecked: the writer alone changes `tables`; what readers touch is atomic.

    private typealias Slot = Atomic<UInt64>

    /// One published table: `mask` + 1 slots.
    @safe private final class Slots {
        let mask: Int
        let slots: UnsafeMutablePointer<Slot>

        init(capacity: Int) {
            mask = capacity - 1
            unsafe slots = .allocate(capacity: capacity)
            for index in 0..<capacity { unsafe (slots + index).initialize(to: Slot(0)) }
        }

        deinit { unsafe slots.deallocate() }
    }

    private let current: Atomic<UInt>
    private var tables: [Slots]
    private let published = Atomic(0)

    init() {
        let first = Slots(capacity: 1 << 12)
        tables = [first]
        unsafe current = Atomic(UInt(bitPattern: Unmanaged.passUnretained(first).toOpaque()))
    }

    /// Terms published before.
    var count: Int { published.load(ordering: .acquiring) }

    private var table: Slots {
        // The pointer is to an element of `tables`, which only grows.
        let pointer = unsafe UnsafeRawPointer(bitPattern: current.load(ordering: .acquiring))
        guard let pointer = unsafe pointer else { preconditionFailure("the table is never nil") }
        return unsafe Unmanaged<Slots>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The number of the term with this hash for which `matches` says yes.
    @inline(__always)
    func find(_ hash: UInt32, _ matches: (Int) -> Bool) -> Int? {
        let table = self.table
        var index = Int(hash) & table.mask
        while true {
            let slot = unsafe table.slots[index].load(ordering: .acquiring)
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == hash {
                let number = Int(UInt32(truncatingIfNeeded: slot)) - 1
                if matches(number) { return number }
            }
            index = (index + 1) & table.mask
        }
    }

    /// Publishes the term numbered `count` under this hash.
    ///
    /// Writer only.
    func insert(_ hash: UInt32) {
        let count = self.count + 1
        if count * 2 > table.mask { grow() }
        Self.place(UInt64(hash) << 32 | UInt64(count), in: table)
        published.store(count, ordering: .releasing)
    }

    private static func place(_ slot: UInt64, in table: Slots) {
        var index = Int(slot >> 32) & table.mask
        while unsafe table.slots[index].load(ordering: .relaxed) != 0 {
            index = (index + 1) & table.mask
        }
        unsafe table.slots[index].store(slot, ordering: .releasing)
    }

    private func grow() {
        let old = table
        let new = Slots(capacity: (old.mask + 1) * 4)
        for index in 0...old.mask {
            let slot = unsafe old.slots[index].load(ordering: .relaxed)
            if slot != 0 { Self.place(slot, in: new) }
        }
        tables.append(new)
        unsafe current.store(
            UInt(bitPattern: Unmanaged.passUnretained(new).toOpaque()), ordering: .releasing)
    }

    /// A hash of a term's kind and bytes.
    ///
    /// not for hostile input, where chains only get longer.
    @inline(__always)
    static func hash(_ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash = UInt64(kind.rawValue) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            let word = unsafe UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index)
                .loadUnaligned(as: UInt64.self)
            hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            index += 8
        }
        var last: UInt64 = 0
        while index < bytes.count {
            last = unsafe last << 8 | UInt64(bytes[index])
            index += 1
        }
        hash = (hash ^ last) &* 0xC4CE_B9FE_1A85_EC53
        return UInt32(truncatingIfNeeded: hash >> 32)
    }
}
