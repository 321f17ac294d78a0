// The check of the write-ahead logs: those that are sealed, and offline the newest one too, up to
// where a crash may have left it unfinished.

import Storage

extension Verifier {
    /// Checks the logs in order.
    mutating func checkLogs() throws(StorageError) {
        let names = try names(in: folder.wal)
        let numbers = Folder.numbers(names, suffix: ".log")
        let ended = isLive ? [] : Folder.numbers(names, suffix: ".clean")
        for missing in ended where !numbers.contains(missing) {
            let what = "a clean stop left this log, and it is not there"
            add(
                CheckedFile(
                    track: nil, file: relative(folder.log(missing)), bytes: 0,
                    damage: [damage(folder.log(missing), nil, "", 0, what)]))
        }
        // Without a sound checkpoint, or beside a flush, nobody knows which operation the first log
        // begins with.
        let covered = isCheckpointSound && !isLive ? checkpoint.covered : .max - 1
        var run = LogRun(covered: covered, ended: Set(ended), last: numbers.last ?? 0)
        for number in isLive ? numbers.dropLast() : numbers[...] where !pace.wasCancelled {
            // One that has gone meanwhile is not needed any more.
            guard let bytes = try fs.size(of: folder.log(number)) else { continue }
            try check(number, bytes, &run)
        }
        try checkAdopted(run.adopted)
    }

    /// Checks the segments that commits in the logs brought and that no manifest names yet.
    private mutating func checkAdopted(_ adopted: [LogRun.Adopted]) throws(StorageError) {
        for (track, entry, sequence) in adopted where !pace.wasCancelled {
            guard let covered = try covered(by: track), sequence > covered else { continue }
            for path in try check(entry, of: track) where !isLive {
                addMissing(path, of: track, "the log names it, but it is not there")
            }
        }
    }

    /// The last operation that a track's manifest covers, 0 without one; nil when it is damaged.
    private func covered(by track: UInt32) throws(StorageError) -> UInt64? {
        guard let newest = try newestManifest(of: track) else { return 0 }
        return try? Manifest.read(folder.manifest(track, newest), generation: newest, in: fs)
            .covered
    }

    private mutating func check(
        _ number: UInt64, _ bytes: UInt64, _ run: inout LogRun
    ) throws(StorageError) {
        let path = folder.log(number)
        var found: [Damage] = []
        do throws(StorageError) {
            try readThrough(path)
            let end = try read(path, number, &run)
            if let earlier = run.unsealed, end.recordCount > 0 {
                let what = "the log does not end as it should, though a later one follows"
                found.append(damage(folder.log(earlier), nil, "", 0, what))
            }
            let isOpen = end.tail != .sealed
            let isCut = end.recordCount == 0 && number != run.last
            if isOpen, isCut || run.ended.contains(number) {
                found.append(damage(path, nil, "", end.size, "the log's end is missing"))
            }
            if isOpen, end.recordCount > 0 { run.unsealed = number }
        } catch {
            if error.isMissing && isLive { return }
            guard case .corrupt(_, let offset, let what) = error else { throw error }
            found.append(damage(path, nil, "", offset, what))
        }
        add(CheckedFile(track: nil, file: relative(path), bytes: bytes, damage: found))
    }

    /// Reads a file with plain reads, so that a disk that fails says so.
    private func readThrough(_ path: String) throws(StorageError) {
        let file = try fs.open(path, .read)
        defer { file.close() }
        let size = try file.size()
        var done: UInt64 = 0
        while done < size, !pace.wasCancelled {
            let count = Int(min(size - done, 1 << 20))
            do throws(StorageError) { _ = try file.read(count, at: done) } catch {
                throw .corrupt(file: path, offset: done, what: "cannot be read: \(error)")
            }
            pace.advance(count)
            done += UInt64(count)
        }
    }

    private func read(
        _ path: String, _ number: UInt64, _ run: inout LogRun
    ) throws(StorageError) -> RecordLogEnd {
        var state = run
        defer { run = state }
        let end = try RecordLogReader.read(path, in: fs) { (frame) throws(StorageError) in
            do throws(DecodeError) {
                let (first, operations) = try Operation.decode(frame.payload.rawSpan)
                try state.follow(first, operations)
            } catch { throw .corrupt(file: path, offset: frame.offset, what: "\(error)") }
        }
        guard end.number == number else {
            throw .corrupt(file: path, offset: 16, what: "it is log number \(end.number)")
        }
        return end
    }
}

/// How far a walk through the logs has come.
private struct LogRun {
    /// The last operation in the checkpoint or the logs so far.
    private var sequence: UInt64
    private var lastLogged: UInt64 = 0
    typealias Adopted = (track: UInt32, entry: Manifest.Entry, sequence: UInt64)
    /// Segments that operations in the logs brought.
    private(set) var adopted: [Adopted] = []
    /// A log with records that was not ended by its writer.
    var unsealed: UInt64?
    /// Logs that a clean stop has ended.
    let ended: Set<UInt64>
    /// The newest log's number.
    let last: UInt64

    init(covered: UInt64, ended: Set<UInt64>, last: UInt64) {
        sequence = covered
        self.ended = ended
        self.last = last
    }

    /// Takes a record's operations; throws when there is a gap before them.
    mutating func follow(_ first: UInt64, _ operations: [Operation]) throws(DecodeError) {
        guard first > lastLogged, first <= sequence + 1 else {
            throw DecodeError(offset: 0, expected: "operation \(sequence + 1), not \(first)")
        }
        var next = first
        for operation in operations {
            switch operation {
            case .replace(let track, let replacement):
                adopted += replacement.segments.map { (track, $0, next) }
            case .drop(let track): adopted.removeAll { $0.track == track }
            default: break
            }
            next += operation.sequences
        }
        lastLogged = next - 1
        sequence = max(sequence, lastLogged)
    }
}
