// Makes one snapshot in two steps: the links on the writer's thread, right after a flush, so that
// nothing changes between them; then, on a thread of its own, the file that names them, the syncs,
// and the name. A failure at any point removes what there is.

import Storage

/// One snapshot being made.
struct SnapshotMaker: Sendable {
    let name: SnapshotName
    let folder: Folder
    let fs: any FileSystem
    /// Milliseconds since 1970.
    let time: UInt64
    let program: String

    private var staging: Folder { Folder("\(folder.snapshots)/.\(name.text).new") }
    private var target: String { folder.snapshot(name) }

    /// Gives every file its second name.
    ///
    /// On the writer's thread.
    func link(_ state: FlushedState) throws(StoreError) {
        if let (track, reason) = state.quarantined { throw .damagedTrack(track, reason) }
        do throws(StorageError) {
            try fs.createDirectory(folder.snapshots)
            try fs.removeTree(staging.path)
            try fs.createDirectory(staging.path)
            for path in state.layout(staging).folders { try fs.createDirectory(path) }
            let (from, to) = (state.layout(folder).files, state.layout(staging).files)
            for (from, to) in zip(from, to) { try fs.link(from, to: to) }
        } catch {
            abandon()
            throw .storage(error)
        }
    }

    /// Names the links, makes all durable, and gives the snapshot its name.
    func finish(_ state: FlushedState) throws(StoreError) -> Snapshot {
        do throws(StorageError) {
            let (folders, files) = state.layout(staging)
            var snapshot = Snapshot(
                name: name.text, sequence: state.sequence, time: time, program: program)
            for path in files {
                let found = try SectionFile.fingerprint(of: path, in: fs)
                snapshot.files.append(
                    Snapshot.Entry(
                        path: String(path.dropFirst(staging.path.utf8.count + 1)),
                        length: found.length, directory: found.directory))
            }
            try snapshot.write("\(staging.path)/\(Snapshot.fileName)", in: fs)
            for path in folders.reversed() { try fs.syncDirectory(path) }
            try fs.syncDirectory(staging.path)
            try fs.rename(staging.path, to: target)
            try fs.syncDirectory(folder.snapshots)
            try fs.syncDirectory(folder.path)
            return snapshot
        } catch {
            abandon()
            try? fs.removeTree(target)
            throw .storage(error)
        }
    }

    private func abandon() { try? fs.removeTree(staging.path) }
}
