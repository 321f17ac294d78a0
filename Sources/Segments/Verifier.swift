// Checks a data folder or a snapshot: reads every byte of every file that counts, sees that the
// checksums hold, that gaps are zero, and that what is in the files makes sense together.
//
// Of a folder that a server has open, files may come and go meanwhile: a file that has gone counts
// as missing only if the newest manifest or checkpoint still names it.

package import Storage

/// One walk through the files of a folder.
package struct Verifier {
    let folder: Folder
    let fs: any FileSystem
    let pace: Pace
    /// Whether a server has the folder open: its newest log is being written then.
    let isLive: Bool
    /// Told of every file when it has been checked.
    private let report: (CheckedFile) -> Void
    private(set) var result = Verification()
    private var checked: Set<String> = []
    private(set) var isCheckpointSound = true
    /// The newest checkpoint; without anything when it is damaged.
    package private(set) var checkpoint = Checkpoint()

    /// A check of the folder at `path`.
    package init(
        _ path: String, in fs: any FileSystem, isLive: Bool, _ pace: Pace,
        report: @escaping (CheckedFile) -> Void = { _ in }
    ) {
        folder = Folder(path)
        self.fs = fs
        self.isLive = isLive
        self.pace = pace
        self.report = report
    }

    /// Whether a folder has something to check.
    package static func isCheckable(_ path: String, in fs: any FileSystem) -> Bool {
        let names = (try? fs.list(path)) ?? []
        return !Set(names).isDisjoint(with: ["catalog", "tracks", "wal", Snapshot.fileName])
    }

    /// Whether a folder is a snapshot.
    package static func isSnapshot(_ path: String, in fs: any FileSystem) -> Bool {
        ((try? fs.list(path)) ?? []).contains(Snapshot.fileName)
    }

    /// The file to lock while a data folder is checked.
    package static func lockPath(_ path: String) -> String { Folder(path).lock }

    /// Checks everything, or only the tracks given.
    ///
    /// Throws when the folder cannot be listed, or a newer mspd wrote it; all other trouble is in
    /// the result. Gives up early when its pace was cancelled.
    package mutating func run(tracks only: [UInt32]? = nil) throws(StorageError) -> Verification {
        if only == nil { try checkSnapshot() }
        let named = try checkCatalog(isReported: only == nil)
        let present = try names(in: folder.tracks).compactMap { UInt32($0) }
        for track in only ?? Set(named + present).sorted() where !pace.wasCancelled {
            try check(track: track)
        }
        if only == nil, !pace.wasCancelled { try checkLogs() }
        return result
    }

    /// The names in a folder, none when it is not there.
    func names(in path: String) throws(StorageError) -> [String] {
        do { return try fs.list(path) } catch  where error.isMissing { return [] }
    }

    // MARK: Catalog

    private mutating func checkCatalog(isReported: Bool) throws(StorageError) -> [UInt32] {
        while let newest = try newestCheckpoint() {
            let path = folder.checkpoint(newest)
            do throws(StorageError) {
                var checkpoint = Checkpoint()
                let file = try checkSections(path, Checkpoint.kind, newest, of: nil) {
                    () throws(StorageError) in
                    checkpoint = try Checkpoint.read(path, generation: newest, in: fs)
                }
                if isReported { add(file) }
                self.checkpoint = checkpoint
                isCheckpointSound = file.damage.isEmpty
                return checkpoint.tracks
            } catch  where error.isMissing {
                // A newer one has taken its place.
                if try newestCheckpoint() == newest { throw error }
            }
        }
        return []
    }

    private func newestCheckpoint() throws(StorageError) -> UInt64? {
        Folder.numbers(try names(in: folder.catalog), prefix: "CATALOG-").last
    }

    /// Whether the newest checkpoint names a track.
    private func isNamed(_ track: UInt32) throws(StorageError) -> Bool {
        guard let newest = try newestCheckpoint(),
            let checkpoint = try? Checkpoint.read(
                folder.checkpoint(newest), generation: newest, in: fs)
        else { return false }
        return checkpoint.tracks.contains(track)
    }

    // MARK: Tracks

    func newestManifest(of track: UInt32) throws(StorageError) -> UInt64? {
        Folder.newestManifest(try names(in: folder.track(track)))
    }

    /// Checks the files that the newest manifest names, until none is left that was not read: by
    /// then there may be a newer manifest.
    private mutating func check(track: UInt32) throws(StorageError) {
        var missing: [String] = []
        while !pace.wasCancelled {
            guard let newest = try newestManifest(of: track) else {
                if try isNamed(track) {
                    addMissing(folder.track(track), of: track, "the track has no manifest")
                }
                return
            }
            let path = folder.manifest(track, newest)
            guard !checked.contains(path) || !missing.isEmpty else { return }
            guard let manifest = try checkManifest(path, newest, of: track) else { continue }
            let named = manifest.segments.flatMap { folder.files($0, of: track) }
            for path in missing where named.contains(path) {
                addMissing(path, of: track, "the manifest names it, but it is not there")
            }
            missing = []
            for entry in manifest.segments where !pace.wasCancelled {
                missing += try check(entry, of: track)
                try checkIndex(of: entry.id, of: track)
            }
            if missing.isEmpty { return }
        }
    }

    /// The operation that the manifest of a track covers at least.
    private func bound(of track: UInt32) -> UInt64 {
        guard checkpoint.tracks.contains(track) else { return 0 }
        return checkpoint.aside[track] ?? checkpoint.covered
    }

    /// Nil when a newer manifest has taken its place meanwhile; one without segments when it is
    /// damaged.
    private mutating func checkManifest(
        _ path: String, _ generation: UInt64, of track: UInt32
    ) throws(StorageError) -> Manifest? {
        var manifest = Manifest()
        do throws(StorageError) {
            let file = try checkSections(path, Manifest.kind, generation, of: track) {
                () throws(StorageError) in
                let read = try Manifest.read(path, generation: generation, in: fs)
                try read.check(path, covers: bound(of: track))
                manifest = read
            }
            if checked.insert(path).inserted { add(file) }
            return manifest
        } catch  where error.isMissing {
            if try newestManifest(of: track) == generation { throw error }
            return nil
        }
    }

    /// Checks a segment and its deletions; returns which of the files were not there.
    mutating func check(
        _ entry: Manifest.Entry, of track: UInt32
    ) throws(StorageError) -> [String] {
        var missing: [String] = []
        let wanted = [
            (entry.length, entry.fingerprint),
            (entry.tombstoneLength, entry.tombstoneFingerprint),
        ]
        for (path, (length, fingerprint)) in zip(folder.files(entry, of: track), wanted)
        where !checked.contains(path) && !pace.wasCancelled {
            do throws(StorageError) {
                var file =
                    path.hasSuffix(".seg")
                    ? try checkSegment(path, entry.id, of: track)
                    : try checkTombstones(path, entry.id, of: track)
                if file.bytes != length, file.damage.isEmpty {
                    let what = "it has \(file.bytes) bytes, the manifest says \(length)"
                    file.damage.append(damage(path, track, "", min(file.bytes, length), what))
                } else if file.damage.isEmpty,
                    try SectionFile.fingerprint(of: path, in: fs).directory != fingerprint
                {
                    let what = "it is another file than the manifest names"
                    file.damage.append(damage(path, track, "", 0, what))
                }
                checked.insert(path)
                add(file)
            } catch  where error.isMissing { missing.append(path) }
        }
        return missing
    }

    /// Checks the index of a segment's vectors, which may or may not be there.
    private mutating func checkIndex(
        of id: UInt64, of track: UInt32
    ) throws(StorageError) {
        let path = folder.index(track, id)
        guard !checked.contains(path), !pace.wasCancelled, try fs.size(of: path) != nil else {
            return
        }
        do throws(StorageError) {
            let file = try checkSections(path, SegmentIndex.kind, id, of: track) {
                () throws(StorageError) in
                // A segment that does not open has been told of.
                guard let segment = try? Segment(folder.segment(track, id), id: id, in: fs) else {
                    return
                }
                _ = try SegmentIndex.read(path, of: segment, in: fs)
            }
            checked.insert(path)
            add(file)
        } catch  where error.isMissing { return }
    }

    private func checkSegment(
        _ path: String, _ id: UInt64, of track: UInt32
    ) throws(StorageError) -> CheckedFile {
        var found: [SectionDamage] = []
        var file = try checkSections(path, SegmentFormat.kind, id, of: track) {
            () throws(StorageError) in
            var check = SegmentCheck(try Segment(path, id: id, in: fs), pace)
            found = check.run()
        }
        file.damage += found.map { damage(path, track, $0) }
        return file
    }

    private func checkTombstones(
        _ path: String, _ id: UInt64, of track: UInt32
    ) throws(StorageError) -> CheckedFile {
        try checkSections(path, Manifest.tombstoneKind, id, of: track) { () throws(StorageError) in
            // A segment that does not open has been told of.
            guard let segment = try? Segment(folder.segment(track, id), id: id, in: fs) else {
                return
            }
            try Manifest.readTombstones(path, into: segment, in: fs)
        }
    }

    // MARK: Files

    /// Checks a section file; `content` reads what is in it once every byte is known to be good.
    func checkSections(
        _ path: String, _ kind: FileKind, _ id: UInt64?, of track: UInt32?,
        _ content: () throws(StorageError) -> Void
    ) throws(StorageError) -> CheckedFile {
        let (length, found) = try SectionFileCheck.run(path, kind: kind, fileID: id, in: fs, pace)
        var damage = found.map { self.damage(path, track, $0) }
        if damage.isEmpty, !pace.wasCancelled {
            do throws(StorageError) { try content() } catch {
                guard case .corrupt(path, let offset, let what) = error else { throw error }
                damage.append(self.damage(path, track, "", offset, what))
            }
        }
        return CheckedFile(track: track, file: relative(path), bytes: length, damage: damage)
    }

    private func damage(_ path: String, _ track: UInt32?, _ found: SectionDamage) -> Damage {
        let name = found.section.map { id in
            if path.hasSuffix(".seg") { return SegmentFormat.sectionName(id) }
            return path.hasSuffix(".vec") ? SegmentIndex.sectionName(id) : "content"
        }
        return damage(path, track, name ?? "", found.offset, found.what)
    }

    func damage(
        _ path: String, _ track: UInt32?, _ section: String, _ offset: UInt64, _ what: String
    ) -> Damage {
        Damage(track: track, file: relative(path), section: section, offset: offset, what: what)
    }

    func relative(_ path: String) -> String { String(path.dropFirst(folder.path.count + 1)) }

    mutating func add(_ file: CheckedFile) {
        result.add(file)
        report(file)
    }

    mutating func addMissing(_ path: String, of track: UInt32, _ what: String) {
        guard checked.insert(path).inserted else { return }
        add(
            CheckedFile(
                track: track, file: relative(path), bytes: 0,
                damage: [damage(path, track, "", 0, what)]))
    }
}

extension Manifest {
    /// Throws when the manifest says what cannot be.
    fileprivate func check(_ path: String, covers bound: UInt64) throws(StorageError) {
        let ids = segments.map(\.id)
        guard Set(ids).count == ids.count, ids.allSatisfy({ $0 > 0 && $0 < nextSegment }) else {
            throw .corrupt(file: path, offset: 0, what: "it numbers its segments impossibly")
        }
        guard covered >= bound else {
            throw .corrupt(
                file: path, offset: 0,
                what: "it is older than the catalog: a later manifest is missing")
        }
    }
}
