// What happened to a simulated disk, with all that is needed to do it again: the material of power
// cuts at every moment.

import Synchronization

/// One change of a disk, or a sync, or a mark of the test's.
enum DiskChange: Sendable {
    /// A file that has no name yet; files count from 0.
    case file
    case bytes(inode: Int, SimulatedInode.Change)
    case sync(inode: Int, path: String)
    /// A failed sync: what was not durable can never become so.
    case forget(inode: Int)
    case names(SimulatedDisk.NameChange)
    case syncNames(folder: Int, path: String)
    case note(String)
}

/// Everything that was done to a disk from a moment on.
package struct DiskJournal: Sendable {
    let base: SimulatedDisk
    var changes: [DiskChange] = []

    /// How many changes, syncs and notes there are.
    package var count: Int { changes.count }

    /// The journal as it would be had the program left out some syncs, by the path of the file or
    /// folder: a negative control.
    package func without(syncsOf isLeftOut: (String) -> Bool) -> DiskJournal {
        var journal = self
        journal.changes.removeAll { change in
            switch change {
            case .sync(_, let path), .syncNames(_, let path): return isLeftOut(path)
            default: return false
            }
        }
        return journal
    }

    /// The paths of all syncs, in order.
    package var syncs: [String] {
        changes.compactMap { change in
            switch change {
            case .sync(_, let path), .syncNames(_, let path): return path
            default: return nil
            }
        }
    }
}

extension SimulatedDisk {
    /// Does a recorded change again.
    mutating func redo(_ change: DiskChange) {
        switch change {
        case .file: inodes.append(SimulatedInode())
        case .bytes(let inode, let change): inodes[inode].apply(change)
        case .sync(let inode, _): inodes[inode].sync()
        case .forget(let inode): inodes[inode].forgetUnsynced()
        case .names(let names): self.change(names)
        case .syncNames(let folder, _): syncNames(of: folder)
        case .note: break
        }
    }
}

extension FaultyFileSystem {
    /// Records all changes from now on.
    package func beginRecording() {
        let base = disk.withLock { disk in
            disk.journal = []
            return disk.afterPowerCut(.keepAll)
        }
        recordingBase.withLock { $0 = base }
    }

    /// What was recorded; nil when nothing was.
    package var journal: DiskJournal? {
        guard let base = recordingBase.withLock({ $0 }) else { return nil }
        return DiskJournal(base: base, changes: disk.withLock { $0.journal ?? [] })
    }
}
