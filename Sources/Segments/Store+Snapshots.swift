// Snapshots of an open store: made beside its requests, listed, checked, dropped.

import Storage

extension Store {
    /// Makes a snapshot of everything acknowledged before, on a thread of its own.
    package func createSnapshot(
        _ name: SnapshotName,
        finish: @escaping @Sendable (Result<Snapshot, StoreError>) -> Void
    ) {
        let maker = SnapshotMaker(
            name: name, folder: folder, fs: fs, time: settings.now(), program: settings.program)
        upkeepSnapshots(finish) { (_) throws(StoreError) in
            guard try !self.exists(name) else { throw .snapshotExists(name.text) }
            let linked = Monitor<Result<FlushedState, StoreError>?>(nil)
            self.flush { result in
                let outcome: Result<FlushedState, StoreError>
                do throws(StoreError) {
                    let state = try result.get()
                    try maker.link(state)
                    outcome = .success(state)
                } catch { outcome = .failure(error) }
                linked.update { $0 = outcome }
            }
            return try maker.finish(linked.wait { $0 }.get())
        }
    }

    /// The snapshots by name, each with the bytes that it shares with the store as it is now.
    package func snapshots() throws(StoreError) -> [(snapshot: Snapshot, shared: UInt64)] {
        do throws(StorageError) {
            var all: [(snapshot: Snapshot, shared: UInt64)] = []
            for text in try snapshotNames() {
                guard let name = SnapshotName(text) else { continue }
                let snapshot = try Snapshot.read(folder.snapshot(name), in: fs)
                var shared: UInt64 = 0
                for file in snapshot.files {
                    let live = try fs.size(of: "\(folder.path)/\(file.path)")
                    if live == file.length { shared += file.length }
                }
                all.append((snapshot, shared))
            }
            return all
        } catch { throw .storage(error) }
    }

    /// Reads and checks a snapshot, on a thread of its own.
    package func verifySnapshot(
        _ name: SnapshotName,
        finish: @escaping @Sendable (Result<Verification, StoreError>) -> Void
    ) {
        upkeepSnapshots(finish) { (pace) throws(StoreError) in
            try self.checkExists(name)
            var verifier = Verifier(
                self.folder.snapshot(name), in: self.fs, isLive: false, pace)
            let result: Verification
            do throws(StorageError) { result = try verifier.run() } catch {
                throw .storage(error)
            }
            if pace.wasCancelled { throw self.upkeep.reason }
            return result
        }
    }

    /// Removes a snapshot; what the store shares with it stays.
    package func dropSnapshot(
        _ name: SnapshotName, finish: @escaping @Sendable (Result<Void, StoreError>) -> Void
    ) {
        upkeepSnapshots(finish) { (_) throws(StoreError) in
            try self.checkExists(name)
            let gone = "\(self.folder.snapshots)/.\(name.text).gone"
            do throws(StorageError) {
                // Without its name first, so that no half of it is ever taken for a snapshot.
                try self.fs.rename(self.folder.snapshot(name), to: gone)
                try self.fs.syncDirectory(self.folder.snapshots)
                try self.fs.removeTree(gone)
                try self.fs.syncDirectory(self.folder.snapshots)
            } catch { throw .storage(error) }
        }
    }

    private func snapshotNames() throws(StorageError) -> [String] {
        do { return try fs.list(folder.snapshots) } catch  where error.isMissing { return [] }
    }

    private func exists(_ name: SnapshotName) throws(StoreError) -> Bool {
        do { return try snapshotNames().contains(name.text) } catch { throw .storage(error) }
    }

    private func checkExists(_ name: SnapshotName) throws(StoreError) {
        guard try exists(name) else { throw .noSnapshot(name.text) }
    }

    /// Runs a job on the one thread that works on snapshots.
    private func upkeepSnapshots<Value: Sendable>(
        _ finish: @escaping @Sendable (Result<Value, StoreError>) -> Void,
        _ body: @escaping @Sendable (Pace) throws(StoreError) -> Value
    ) {
        let rate = settings.verifyBytesPerSecond
        let refusal = upkeep.begin(.snapshot, bytesPerSecond: rate) { pace in
            do throws(StoreError) {
                let value = try body(pace)
                return { finish(.success(value)) }
            } catch { return { finish(.failure(error)) } }
        }
        if let refusal { finish(.failure(refusal)) }
    }
}
