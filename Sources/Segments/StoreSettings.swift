// What can be set about a store. Every bound has a default that suits one box.

package import Storage

/// Bounds and hooks of a store.
package struct StoreSettings: Sendable {
    /// A memtable is flushed when it takes this much memory; at most 512 MiB, since a start replays
    /// two of them into one.
    package var memtableBytes = 128 << 20
    /// The same for the memory of its vectors alone, since a search looks at each of them.
    package var vectorBytes = 24 << 20
    /// The log is cut by a flush when it has this many bytes.
    package var logBytes: UInt64 = 256 << 20
    /// Rows in memory that nothing was added to for so long are flushed, since searches find rows
    /// faster in a segment.
    package var restMilliseconds = 5_000
    /// Where they take this much memory at least.
    package var restBytes = 1 << 20
    /// The log's file grows by so many zeros at a time, which makes syncs short.
    package var logStepBytes = 1 << 20
    /// A clean stop flushes when the next start would replay more than this.
    package var replayBytes: UInt64 = 1 << 20
    /// Requests are written together up to this many bytes.
    package var batchBytes = 8 << 20
    /// The largest single request, in bytes of log.
    package var requestBytes = 24 << 20
    /// Requests wait outside when this many bytes wait inside.
    package var queueBytes = 64 << 20
    /// Writes are refused when the disk has less than this left.
    package var reserveBytes: UInt64 = 64 << 20
    /// When segments are merged without being asked.
    package var policy = MergePolicy()
    /// A merge keeps this much of what it gathers in memory, and the rest in files.
    package var mergeBytes = 64 << 20
    /// Rows of open operations take this much memory before they go to files.
    package var operationBytes = 64 << 20
    /// An operation with fewer bytes of rows has no files; its commit is one record of the log.
    package var smallOperationBytes = 1 << 20
    /// So many operations may be open.
    package var openOperations = 64
    /// An operation that was not used for so long may be given up for another.
    package var operationIdleMilliseconds: UInt64 = 3_600_000
    /// Files are verified at most so fast beside requests; 0 for no bound.
    package var verifyBytesPerSecond: UInt64 = 64 << 20
    /// Milliseconds since 1970, for the time of snapshots.
    package var now: @Sendable () -> UInt64 = { 0 }
    /// The program's name and version, for snapshots.
    package var program = "mspd"
    /// Told what recovery and flushes did.
    package var log: @Sendable (String) -> Void = { _ in }
    /// Called when a sync has failed: what is on disk is not known, so the process must stop.
    package var stop: @Sendable (StorageError) -> Void = { error in
        preconditionFailure("stopping, since the disk did not take what was written: \(error)")
    }

    /// The defaults.
    package init() {}
}
