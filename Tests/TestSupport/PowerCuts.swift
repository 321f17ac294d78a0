// Goes through a journal and makes the disks that a power cut may leave at every point of it:
// each write that was not synced is lost, kept, torn at sectors of 512 bytes or 4 KiB, or has only
// made its file longer; each change of names that was not synced is lost or kept. Whatever was not
// synced may be there or not, whatever came before or after it.
//
// The first pass makes every subset where at most `subsetLimit` changes are pending, and each
// pending write torn; further passes draw at random. Disks that were made before are left out.

import Storage

/// The disks that power cuts may leave.
package struct PowerCuts {
    /// Where the power was cut.
    package struct Point: Sendable {
        /// Changes of the journal that had happened.
        package let change: Int
        /// Of those, how many were notes.
        package let notes: Int
        /// What became of the pending changes, for messages.
        package let fates: String
    }

    /// All subsets are tried of up to so many pending changes.
    package static let subsetLimit = 6

    /// Disks made.
    package private(set) var count = 0
    /// Disks that were the same as one before.
    package private(set) var repeated = 0

    private let journal: DiskJournal
    private var random: SeededRandom
    private var seen: Set<Int> = []

    /// The power cuts of a journal; `seed` decides the random ones.
    package init(_ journal: DiskJournal, seed: UInt64) {
        self.journal = journal
        random = SeededRandom(seed: seed)
    }

    /// Calls `body` with the disks of one pass over all points, until it returns false.
    ///
    /// Returns whether the pass was completed.
    package mutating func pass(
        exhaustive: Bool, _ body: (FaultyFileSystem, Point) -> Bool
    ) -> Bool {
        var disk = journal.base
        var notes = 0
        var version = 0
        for change in 0...journal.changes.count {
            let pending = disk.pending
            let fates = exhaustive ? all(pending) : [drawn(pending)]
            for fates in fates {
                let (image, key) = disk.image(pending, fates, version, notes)
                guard seen.insert(key).inserted else {
                    repeated += 1
                    continue
                }
                count += 1
                let point = Point(change: change, notes: notes, fates: "\(fates)")
                guard body(FaultyFileSystem(image), point) else { return false }
            }
            guard change < journal.changes.count else { break }
            switch journal.changes[change] {
            case .note: notes += 1
            case .sync, .syncNames, .forget: version += 1
            default: break
            }
            disk.redo(journal.changes[change])
        }
        return true
    }

    /// One disk at a random point.
    package mutating func any() -> (FaultyFileSystem, Point) {
        var disk = journal.base
        let change = Int.random(in: 0...journal.changes.count, using: &random)
        for change in journal.changes[..<change] { disk.redo(change) }
        let pending = disk.pending
        let fates = drawn(pending)
        let image = disk.image(pending, fates, 0, 0).image
        return (FaultyFileSystem(image), Point(change: change, notes: 0, fates: "\(fates)"))
    }

    /// All subsets of a few pending changes, or nothing and all of many; and each write torn.
    private mutating func all(_ pending: [PendingChange]) -> [[Fate]] {
        var all: [[Fate]] = []
        if pending.count <= Self.subsetLimit {
            for subset in 0..<(1 << pending.count) {
                all.append(pending.indices.map { subset >> $0 & 1 == 1 ? .kept : .lost })
            }
        } else {
            all = [pending.map { _ in .lost }, pending.map { _ in .kept }]
            for _ in 0..<(1 << Self.subsetLimit) { all.append(drawn(pending)) }
        }
        for (index, change) in pending.enumerated() where change.isWrite {
            for torn in Fate.torn(using: &random) {
                for others in [Fate.lost, .kept] {
                    var fates = pending.map { _ in others }
                    fates[index] = torn
                    all.append(fates)
                }
            }
        }
        return all
    }

    private mutating func drawn(_ pending: [PendingChange]) -> [Fate] {
        pending.map { change in
            if random.oneIn(3) { return .lost }
            guard change.isWrite, random.oneIn(2) else { return .kept }
            return Fate.torn(using: &random).randomElement(using: &random) ?? .kept
        }
    }
}

/// What becomes of a pending change.
enum Fate: Sendable, CustomStringConvertible {
    case lost
    case kept
    /// The file has its new length, with zeros.
    case length
    /// Of each 64 sectors those with a bit in `kept`; the length as the last of them makes it.
    case torn(sector: Int, kept: UInt64)

    /// Ways for a write to be half done: its beginning, its end, any parts.
    static func torn(using random: inout SeededRandom) -> [Fate] {
        [512, 4_096].flatMap { sector in
            [1, ~1, random.next()].map { .torn(sector: sector, kept: $0) }
        } + [.length]
    }

    var description: String {
        switch self {
        case .lost: return "lost"
        case .kept: return "kept"
        case .length: return "length"
        case .torn(let sector, let kept): return "\(sector):" + String(kept, radix: 16)
        }
    }
}

/// A change that a power cut may undo.
struct PendingChange {
    enum Place { case file(Int), folder(Int) }

    /// Where it is pending; several of one place follow each other in their order.
    let place: Place
    let isWrite: Bool
}

extension SimulatedDisk {
    /// Everything that is not durable.
    var pending: [PendingChange] {
        var pending: [PendingChange] = []
        for (inode, file) in inodes.enumerated() {
            for change in file.unsynced {
                var isWrite = false
                if case .write = change { isWrite = true }
                pending.append(PendingChange(place: .file(inode), isWrite: isWrite))
            }
        }
        for (folder, changes) in unsyncedNames.sorted(by: { $0.key < $1.key }) {
            for _ in changes {
                pending.append(PendingChange(place: .folder(folder), isWrite: false))
            }
        }
        return pending
    }

    /// The disk found after a power cut, and what tells it from others.
    func image(
        _ pending: [PendingChange], _ fates: [Fate], _ version: Int, _ notes: Int
    ) -> (image: SimulatedDisk, key: Int) {
        var hasher = Hasher()
        hasher.combine(version)
        hasher.combine(notes)
        var bytes: [Int: [UInt8]] = [:]
        var found = syncedNames
        var touched: [Name] = []
        var index: [Int: Int] = [:]
        var folderIndex: [Int: Int] = [:]
        for (change, fate) in zip(pending, fates) {
            switch change.place {
            case .file(let inode):
                let number = index[inode, default: 0]
                index[inode] = number + 1
                fate.apply(
                    inodes[inode].unsynced[number],
                    to: &bytes[inode, default: inodes[inode].synced])
            case .folder(let folder):
                let number = folderIndex[folder, default: 0]
                folderIndex[folder] = number + 1
                for (name, node) in unsyncedNames[folder]?[number] ?? [] {
                    touched.append(name)
                    if case .kept = fate { found[name] = node }
                }
            }
        }
        for (inode, bytes) in bytes.sorted(by: { $0.key < $1.key }) {
            hasher.combine(inode)
            hasher.combine(bytes.count)
            hasher.combine(CRC32C.checksum(bytes.rawSpan))
        }
        for name in touched {
            switch found[name] {
            case .file(let inode)?: hasher.combine(inode)
            case .folder(let folder)?: hasher.combine(-1 - folder)
            case nil: hasher.combine(Int.max)
            }
        }
        var image = SimulatedDisk()
        image.inodes = inodes.enumerated().map { inode, file in
            SimulatedInode(synced: bytes[inode] ?? file.synced)
        }
        image.setNames(found, folderCount: folderCount)
        return (image, hasher.finalize())
    }
}

extension Fate {
    fileprivate func apply(_ change: SimulatedInode.Change, to bytes: inout [UInt8]) {
        switch (self, change) {
        case (.lost, _): return
        case (.kept, _), (_, .truncate): SimulatedInode.apply(change, to: &bytes)
        case (.length, .write(let offset, let source)):
            SimulatedInode.extend(&bytes, to: offset + source.count)
        case (.torn(let sector, let kept), .write(let offset, let source)):
            var start = offset
            while start < offset + source.count {
                let end = min((start / sector + 1) * sector, offset + source.count)
                // Sectors count from the first that the write touches.
                let number = (start / sector - offset / sector) % 64
                if kept >> UInt64(number) & 1 == 1 {
                    let part = Array(source[start - offset..<end - offset])
                    SimulatedInode.apply(.write(start, part), to: &bytes)
                }
                start = end
            }
        }
    }
}
