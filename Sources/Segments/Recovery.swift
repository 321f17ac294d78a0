// Opening a data folder: the newest checkpoint and manifests, then what the log adds to them.
// A torn tail of the newest log is cut and reported; a track whose files are damaged is set aside
// (Quarantine.swift); anything else that is damaged is an error.

import Glibc
import Storage
import TextIndex

/// The state of a store after its files have been read.
struct RecoveredState {
    var tracks: [UInt32: TrackState] = [:]
    var catalog: [[UInt8]: [UInt8]] = [:]
    /// The last operation replayed or covered.
    var sequence: UInt64 = 0
    var checkpointGeneration: UInt64 = 0
    var covered: UInt64 = 0
    /// Dropped, but still named by the checkpoint on disk: their files go after the next one.
    var droppedTracks: [UInt32] = []
    /// Set aside, since their files are damaged.
    var quarantined: [UInt32: Quarantine] = [:]
    /// Requests with tokens.
    let requests = RequestTable()
}

/// Reads a data folder.
struct Recovery {
    let folder: Folder
    let fs: any FileSystem
    let settings: StoreSettings
    var state = RecoveredState()
    /// The tracks that the checkpoint names, and what their manifests cover at least.
    var bounds: [UInt32: UInt64] = [:]
    /// The tracks that the logs make.
    private var made: Set<UInt32> = []
    /// The last operation in the logs so far.
    private var lastLogged: UInt64 = 0
    /// For each log, the tracks whose operations it holds that are not in files of their own.
    private var held: [UInt64: Set<UInt32>] = [:]
    /// The log being replayed.
    private var replaying: UInt64 = 0

    init(_ folder: Folder, _ fs: any FileSystem, _ settings: StoreSettings) {
        self.folder = folder
        self.fs = fs
        self.settings = settings
    }

    /// Reads everything, repairs what a crash left, and begins a new log.
    mutating func run() throws(StorageError) -> (RecoveredState, WriteAheadLog) {
        for path in [folder.path, folder.wal, folder.catalog, folder.tracks] {
            try fs.createDirectory(path)
        }
        try fs.syncDirectory(folder.path)
        try fs.syncDirectory(fs.folder(of: folder.path))
        try readCheckpoint()
        let (sealed, last) = try replayLogs()
        try sweep()
        let log = try WriteAheadLog(
            after: keptApart(sealed), lastNumber: last, folder, fs, stepBytes: settings.logStepBytes
        )
        return (state, log)
    }

    private mutating func readCheckpoint() throws(StorageError) {
        let generations = Folder.numbers(try fs.list(folder.catalog), prefix: "CATALOG-")
        guard let newest = generations.last else { return }
        let checkpoint = try Checkpoint.read(
            folder.checkpoint(newest), generation: newest, in: fs)
        state.checkpointGeneration = newest
        state.covered = checkpoint.covered
        state.sequence = checkpoint.covered
        state.catalog = checkpoint.catalog
        for request in checkpoint.requests { state.requests.add(request) }
        for track in checkpoint.tracks {
            // A flush writes the manifest of every track before the checkpoint.
            bounds[track] = checkpoint.aside[track] ?? checkpoint.covered
            try open(track)
        }
    }

    /// Opens a track by its newest manifest; nil when it has none.
    func load(_ track: UInt32) throws(StorageError) -> TrackState? {
        let names: [String]
        do { names = try fs.list(folder.track(track)) } catch  where error.isMissing { return nil }
        guard let newest = Folder.newestManifest(names) else { return nil }
        let manifest = try Manifest.read(
            folder.manifest(track, newest), generation: newest, in: fs)
        var segments: [Segment] = []
        for entry in manifest.segments {
            let segment = try entry.open(of: track, in: folder, fs)
            try segment.openIndex(
                folder.index(track, entry.id), knowing: segments.compactMap(\.index).epochs,
                in: fs, log: settings.log)
            segments.append(segment)
        }
        return TrackState(track, generation: newest, manifest, segments: segments)
    }

    /// The sealed logs, with the tracks set aside that some of them have to be kept for.
    private func keptApart(_ sealed: [(number: UInt64, size: UInt64)]) -> [SealedLog] {
        sealed.map { log in
            SealedLog(
                number: log.number, size: log.size,
                tracks: held[log.number, default: []].filter { state.quarantined[$0] != nil })
        }
    }

    /// A new track, as the log says.
    func newTrack(_ track: UInt32, _ content: TrackContent) -> TrackState {
        TrackState(track, Manifest(content: content))
    }

    /// Replays the logs in order; returns the sealed ones and the highest number in use.
    private mutating func replayLogs() throws(StorageError) -> (
        sealed: [(number: UInt64, size: UInt64)], last: UInt64
    ) {
        let names = try fs.list(folder.wal)
        let numbers = Folder.numbers(names, suffix: ".log")
        let ended = Folder.numbers(names, suffix: ".clean")
        if let missing = ended.first(where: { !numbers.contains($0) }) {
            throw .corrupt(file: folder.log(missing), offset: 0, what: "the log is missing")
        }
        var sealed: [(number: UInt64, size: UInt64)] = []
        var unsealed: UInt64?
        for number in numbers {
            let end = try replay(number)
            let isEmpty = end.recordCount == 0 && end.tail != .sealed
            if ended.contains(number) && end.tail != .sealed || isEmpty && number != numbers.last {
                throw .corrupt(
                    file: folder.log(number), offset: end.size, what: "the log's end is missing")
            }
            if isEmpty || end.recordCount == 0 && number == numbers.last {
                if case .torn = end.tail { try report(end, number) }
                try fs.remove(folder.log(number))
                continue
            }
            if let unsealed {
                throw .corrupt(
                    file: folder.log(unsealed), offset: 0,
                    what: "the log does not end as it should, though a later one follows")
            }
            if end.tail == .sealed { sealed.append((number, end.size)) } else { unsealed = number }
            try report(end, number)
        }
        if let unsealed { sealed.append((unsealed, try rewrite(unsealed))) }
        try fs.syncDirectory(folder.wal)
        return (sealed, numbers.last ?? 0)
    }

    private func report(_ end: RecordLogEnd, _ number: UInt64) throws(StorageError) {
        guard case .torn(let offset, let bytes) = end.tail else { return }
        settings.log(
            "\(folder.log(number)): cut \(bytes) bytes at offset \(offset) that a crash left "
                + "unfinished; they were never acknowledged")
    }

    /// Writes the accepted records of a log anew and sealed, and puts them in its place at once:
    /// what a crash left readable in memory need not be on disk.
    private func rewrite(_ number: UInt64) throws(StorageError) -> UInt64 {
        let path = folder.log(number)
        let copy = path + ".copy"
        if try fs.size(of: copy) != nil { try fs.remove(copy) }
        let writer = try RecordLogWriter(
            creating: copy, number: number, in: fs, zeroFill: settings.logStepBytes)
        _ = try RecordLogReader.read(path, in: fs) { frame in
            writer.append(kind: frame.kind, frame.payload.rawSpan)
        }
        try writer.seal()
        writer.close()
        try fs.rename(copy, to: path)
        return writer.size
    }

    private mutating func replay(_ number: UInt64) throws(StorageError) -> RecordLogEnd {
        let path = folder.log(number)
        replaying = number
        var this = self
        let end = try RecordLogReader.read(path, in: fs) { (frame) throws(StorageError) in
            do {
                let (first, operations) = try Operation.decode(frame.payload.rawSpan)
                guard first > this.lastLogged, first <= this.state.sequence + 1 else {
                    throw DecodeError(
                        offset: 0, expected: "operation \(this.state.sequence + 1), not \(first)")
                }
                try this.replay(first, operations)
            } catch let error as DecodeError {
                throw .corrupt(file: path, offset: frame.offset, what: "\(error)")
            } catch let error as StorageError {
                throw error
            } catch {
                throw .corrupt(file: path, offset: frame.offset, what: "\(error)")
            }
        }
        self = this
        guard end.number == number else {
            throw .corrupt(file: path, offset: 0, what: "it is log number \(end.number)")
        }
        return end
    }

    private mutating func replay(
        _ first: UInt64, _ operations: [Operation]
    ) throws(StorageError) {
        var sequence = first
        var request: (mark: RequestMark, applied: Applied)?
        for operation in operations {
            let isCovered = sequence <= state.covered
            if case .request(let mark) = operation {
                request = isCovered ? nil : (mark, Applied())
                continue
            }
            let applied = try replay(operation, sequence)
            request?.applied += applied
            request?.mark.operations -= 1
            if let (mark, applied) = request, mark.operations <= 0 {
                state.requests.add(
                    FinishedRequest(token: mark.token, time: mark.time, applied: applied))
                request = nil
            }
            // Cannot overflow: decoding bounded the first and, by their bytes, all others.
            sequence += operation.sequences
            state.sequence = max(state.sequence, sequence - 1)
        }
        lastLogged = sequence - 1
    }

    private mutating func replay(
        _ operation: Operation, _ sequence: UInt64
    ) throws(StorageError) -> Applied {
        guard let number = operation.track else {
            guard sequence > state.covered else { return Applied() }
            switch operation {
            case .set, .setIfAbsent, .unset: operation.apply(to: &state.catalog)
            case .create(let track, let content):
                made.insert(track)
                try open(track, content)
            default: break
            }
            return Applied()
        }
        if case .drop = operation {
            if sequence > state.covered {
                state.tracks[number] = nil
                state.quarantined[number] = nil
            }
            return Applied()
        }
        let covered = state.tracks[number]?.manifest.covered ?? state.quarantined[number]?.covered
        if let covered, sequence > covered { held[replaying, default: []].insert(number) }
        // A track that is not here was dropped later, before the last checkpoint.
        guard let track = state.tracks[number], sequence > track.manifest.covered else {
            return Applied()
        }
        if case .put(_, let rows) = operation {
            guard track.hasRoom(rows: rows.count, bytes: rows.bytes.count) else {
                throw .system(operation: "replay", path: folder.wal, errno: ENOMEM)
            }
        }
        do throws(StorageError) {
            guard case .replace(_, let replacement) = operation else {
                return try track.apply(operation, sequence)
            }
            var segments: [Segment] = []
            for entry in replacement.segments {
                segments.append(try entry.open(of: number, in: folder, fs))
            }
            return try track.replace(replacement, with: segments, sequence)
        } catch {
            try setAside(number, error)
            return Applied()
        }
    }

    /// Removes what no manifest and no checkpoint names: the leavings of a crash.
    private mutating func sweep() throws(StorageError) {
        for name in try fs.list(folder.tracks) {
            guard let track = UInt32(name) else { continue }
            if let live = state.tracks[track] {
                try sweep(live)
            } else if state.quarantined[track] != nil {
                continue
            } else if bounds[track] != nil {
                state.droppedTracks.append(track)
            } else if state.checkpointGeneration == 0, !made.contains(track) {
                throw .corrupt(
                    file: folder.catalog, offset: 0,
                    what: "there is track \(track), but no checkpoint that names it")
            } else {
                try Self.removeTrack(track, folder, fs)
            }
        }
        for name in try fs.list(folder.catalog) {
            let path = "\(folder.catalog)/\(name)"
            if path != folder.checkpoint(state.checkpointGeneration) { try fs.remove(path) }
        }
        if let names = try? fs.list(folder.snapshots) {
            for name in names where name.hasPrefix(".") {
                try fs.removeTree("\(folder.snapshots)/\(name)")
            }
        }
        for name in try fs.list(folder.wal) where !name.hasSuffix(".log") {
            try fs.remove("\(folder.wal)/\(name)")
        }
    }

    private func sweep(_ track: TrackState) throws(StorageError) {
        var live = Set([folder.manifest(track.id, track.generation), folder.segments(track.id)])
        for entry in track.manifest.segments { live.formUnion(folder.files(entry, of: track.id)) }
        // Those that the log names alone.
        for segment in track.segments {
            live.insert(folder.segment(track.id, segment.id))
            if segment.index != nil { live.insert(folder.index(track.id, segment.id)) }
        }
        for folder in [folder.segments(track.id), folder.track(track.id)] {
            let names: [String]
            do { names = try fs.list(folder) } catch  where error.isMissing { continue }
            for name in names where !live.contains("\(folder)/\(name)") {
                try fs.remove("\(folder)/\(name)")
            }
        }
    }

    /// Removes the folder of a track that no longer exists.
    static func removeTrack(
        _ track: UInt32, _ folder: Folder, _ fs: any FileSystem
    ) throws(StorageError) {
        for folder in [folder.segments(track), folder.track(track)] {
            let names: [String]
            do { names = try fs.list(folder) } catch  where error.isMissing { continue }
            for name in names { try fs.remove("\(folder)/\(name)") }
            try fs.remove(folder)
        }
    }
}
