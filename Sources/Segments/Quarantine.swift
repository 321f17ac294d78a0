// Tracks whose manifest, segments or deletions are damaged or missing when a folder is opened. Such
// a track is set aside so that the others can be served: its files are left as they are, requests
// to it are refused with the reason, and the logs that hold acknowledged rows for it are kept until
// it is dropped, or opens again with its files repaired.

import Storage
import TextIndex

/// Why a track was set aside.
struct Quarantine {
    /// What is wrong: always `.corrupt`.
    let reason: StorageError
    /// Operations up to this one are in the track's own files; 0 when nobody knows.
    let covered: UInt64
    /// What the track's manifest covers at least, or a later manifest is missing.
    let bound: UInt64
}

extension Recovery {
    /// Opens a track, or sets it aside when its files are damaged.
    ///
    /// One that no checkpoint names may have no files yet.
    mutating func open(_ track: UInt32, _ content: TrackContent = TrackContent())
        throws(StorageError)
    {
        do throws(StorageError) {
            let loaded = try load(track)
            guard loaded != nil || bounds[track] == nil else {
                throw .corrupt(
                    file: folder.track(track), offset: 0,
                    what: "the catalog names this track, but it has no manifest")
            }
            let opened = loaded ?? newTrack(track, content)
            guard opened.manifest.covered >= bounds[track] ?? 0 else {
                throw .corrupt(
                    file: folder.manifest(track, opened.generation), offset: 0,
                    what: "it is older than the catalog: a later manifest is missing")
            }
            state.tracks[track] = opened
        } catch { try setAside(track, error) }
    }

    /// Sets a track aside whose files are damaged; throws any other error on.
    mutating func setAside(_ track: UInt32, _ error: StorageError) throws(StorageError) {
        guard let damage = error.damage else { throw error }
        state.tracks[track] = nil
        state.quarantined[track] = Quarantine(
            reason: damage, covered: covered(by: track), bound: bounds[track] ?? 0)
        settings.log(
            "track number \(track) is set aside: \(damage). The other tracks are served; "
                + "restore it from a snapshot, or drop it")
    }

    /// The last operation that a track's newest manifest covers, as far as it can be read.
    private func covered(by track: UInt32) -> UInt64 {
        guard let names = try? fs.list(folder.track(track)),
            let newest = Folder.newestManifest(names),
            let manifest = try? Manifest.read(
                folder.manifest(track, newest), generation: newest, in: fs)
        else { return 0 }
        return manifest.covered
    }
}

extension StorageError {
    /// The error, when it says that a file is not as it was written, or is gone.
    fileprivate var damage: StorageError? {
        if case .corrupt = self { return self }
        guard isMissing, case .system(_, let path, _) = self else { return nil }
        return .corrupt(file: path, offset: 0, what: "the file is missing")
    }
}

extension StoreWriter {
    /// Why operations cannot be carried out: the first that writes to a track set aside, or to an
    /// operation that is not open.
    func refusal(of operations: [Operation]) -> StoreError? {
        for operation in operations {
            if let refusal = operationRefusal(operation) { return refusal }
            if case .drop = operation { continue }
            if let track = operation.track, let reason = view.quarantined[track] {
                return .damagedTrack(track, reason)
            }
        }
        return nil
    }

    /// Lets go of a track set aside that is dropped, and of the logs kept for it alone.
    func dropQuarantined(_ track: UInt32) {
        guard quarantined.removeValue(forKey: track) != nil else { return }
        view.quarantined[track] = nil
        log.release(track)
    }
}
