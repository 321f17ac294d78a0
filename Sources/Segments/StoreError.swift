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
    /// There is no open operation of this number.
    case noOperation(UInt64)
    /// Another operation is open on the same lane.
    case laneTaken(by: UInt64)
    /// So many operations are open already.
    case tooManyOperations(limit: Int)
    /// Nothing was ever committed to the lane, or it was taken back.
    case noCommit
    /// The lane was committed to while a rollback was under way.
    case changedMeanwhile
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
        case .noOperation(let id):
            return "operation \(id) is not open; BEGIN opens one, and a restart ends all"
        case .laneTaken(let id):
            return "operation \(id) is open on this lane: COMMIT \(id) or ABORT \(id) ends it"
        case .tooManyOperations(let limit):
            return "\(limit) operations are open; JOBS shows them, COMMIT or ABORT ends one"
        case .noCommit: return "there is no commit to this lane to take back"
        case .changedMeanwhile:
            return "the lane was committed to meanwhile; nothing was taken back"
        case .cancelled: return "it was cancelled; nothing changed"
        case .stopped: return "the store is closed"
        }
    }
}
