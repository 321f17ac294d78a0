// What can go wrong between a request and the disk.

package import Storage

/// A failure of a store.
package enum StoreError: Error, Equatable, CustomStringConvertible {
    /// Reading or writing failed, or a file is damaged.
    case storage(StorageError)
    /// The track was set aside, since its files are damaged.
    case damagedTrack(UInt32, StorageError)
    /// There is a snapshot of this name.
    case snapshotExists(String)
    /// There is no snapshot of this name.
    case noSnapshot(String)
    /// A folder to restore to that has something in it.
    case notEmpty(String)
    /// Such a thing is being done already.
    case busy(String)
    /// The track is not there (any more).
    case noTrack(UInt32)
    /// The disk has too little space left; nothing was written.
    case diskFull(available: UInt64, needed: UInt64)
    /// A request larger than the log takes.
    case tooLarge(bytes: Int, limit: Int)
    /// Someone cancelled it.
    case cancelled
    /// The store is closed, or stopped after a failed sync.
    case stopped

    package var description: String {
        switch self {
        case .storage(let error): return "\(error)"
        case .damagedTrack(let track, let reason): return "track number \(track): \(reason)"
        case .snapshotExists(let name): return "there is a snapshot '\(name)' already"
        case .noSnapshot(let name): return "there is no snapshot '\(name)'"
        case .notEmpty(let path):
            return "\(path) is not empty; restore to a folder that is not there yet"
        case .busy(let what): return what
        case .noTrack(let track): return "track number \(track) does not exist any more"
        case .diskFull(let available, let needed):
            return "the disk has \(available) bytes left and mspd keeps \(needed) free; "
                + "nothing was written: make room and send it again"
        case .tooLarge(let bytes, let limit):
            return "\(bytes) bytes in one request, at most \(limit) are taken; send it in parts"
        case .cancelled: return "it was cancelled; nothing changed"
        case .stopped: return "the store is closed"
        }
    }
}
