// The hash tables of a memtable: open addressing, one writer, readers without a lock.
// A slot holds a hash and a number in one word, stored only after what the number stands for is
// written. Growing makes a new table and publishes it whole; the old ones stay until the memtable
// goes.

import Glibc
import Synchronization

/// Finds numbers by hashes of 32 bits.
@safe package final class HashTable: @unchecked Sendable {
    // Unchecked: the writer alone changes `tables`; what readers touch is atomic.

    private typealias Slot = Atomic<UInt64>

    private static let firstCapacity = 1 << 12
    /// Bytes of a large page of the system.
    private static let largePage = 2 << 20

    /// The published table: its mask in the first word, the slots behind it.
    private let current: Atomic<UInt>
    private var tables: [UnsafeMutablePointer<Slot>]
    private let published = Atomic(0)

    /// An empty table.
    package init() {
        let first = unsafe Self.make(Self.firstCapacity)
        unsafe tables = [first]
        current = Atomic(UInt(bitPattern: first))
    }

    deinit {
        for index in unsafe tables.indices { unsafe free(tables[index]) }
    }

    /// A table of empty slots.
    private static func make(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
        let count = (capacity + 1) * MemoryLayout<Slot>.stride
        // Slots are looked at in no order: with large pages few lookups wait for an address.
        let isLarge = count > largePage
        guard let memory = unsafe aligned_alloc(isLarge ? largePage : 64, (count + 63) & ~63) else {
            preconditionFailure("no memory for a memtable")
        }
        if isLarge { _ = unsafe madvise(memory, count, MADV_HUGEPAGE) }
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        let table = unsafe memory.bindMemory(to: Slot.self, capacity: capacity + 1)
        unsafe table[0].store(UInt64(capacity - 1), ordering: .relaxed)
        return unsafe table
    }

    /// Numbers published before.
    package var count: Int { published.load(ordering: .acquiring) }

    private var table: UnsafeMutablePointer<Slot> {
        // An element of `tables`, which only grows.
        let pointer = unsafe UnsafeMutablePointer<Slot>(
            bitPattern: current.load(ordering: .acquiring))
        guard let pointer = unsafe pointer else { preconditionFailure("the table is never nil") }
        return unsafe pointer
    }

    private static func mask(_ table: UnsafeMutablePointer<Slot>) -> Int {
        unsafe Int(truncatingIfNeeded: table[0].load(ordering: .relaxed))
    }

    /// The number under this hash for which `matches` says yes.
    @inline(__always)
    package func find(_ hash: UInt32, _ matches: (UInt32) -> Bool) -> UInt32? {
        let table = unsafe self.table
        let mask = unsafe Self.mask(table)
        var index = Int(hash) & mask
        while true {
            let slot = unsafe table[index + 1].load(ordering: .acquiring)
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == hash {
                let number = UInt32(truncatingIfNeeded: slot) &- 1
                if matches(number) { return number }
            }
            index = (index + 1) & mask
        }
    }

    /// Publishes a number under a hash.
    ///
    /// Writer only; the number is below `UInt32.max`.
    package func insert(_ hash: UInt32, _ number: UInt32) {
        let count = self.count + 1
        if unsafe count * 2 > Self.mask(table) { grow() }
        unsafe Self.place(Self.slot(hash, number), in: table)
        published.store(count, ordering: .releasing)
    }

    /// Publishes a number in the place of one that is there under the hash.
    ///
    /// Writer only.
    package func replace(_ hash: UInt32, _ old: UInt32, with new: UInt32) {
        let table = unsafe self.table
        let mask = unsafe Self.mask(table)
        let wanted = Self.slot(hash, old)
        var index = Int(hash) & mask
        while true {
            let slot = unsafe table[index + 1].load(ordering: .relaxed)
            precondition(slot != 0, "a number to be replaced is not there")
            if slot == wanted { break }
            index = (index + 1) & mask
        }
        unsafe table[index + 1].store(Self.slot(hash, new), ordering: .releasing)
    }

    private static func slot(_ hash: UInt32, _ number: UInt32) -> UInt64 {
        UInt64(hash) << 32 | UInt64(number &+ 1)
    }

    private static func place(_ slot: UInt64, in table: UnsafeMutablePointer<Slot>) {
        let mask = unsafe Self.mask(table)
        var index = Int(slot >> 32) & mask
        while unsafe table[index + 1].load(ordering: .relaxed) != 0 { index = (index + 1) & mask }
        unsafe table[index + 1].store(slot, ordering: .releasing)
    }

    private func grow() {
        let old = unsafe table
        let mask = unsafe Self.mask(old)
        let new = unsafe Self.make((mask + 1) * 2)
        for index in 0...mask {
            let slot = unsafe old[index + 1].load(ordering: .relaxed)
            if slot != 0 { unsafe Self.place(slot, in: new) }
        }
        unsafe tables.append(new)
        current.store(UInt(bitPattern: new), ordering: .releasing)
    }
}
