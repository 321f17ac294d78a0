// `mspd verify`: reads every byte of a data folder or snapshot that no server has open.

import ArgumentParser
import Gateway
import Segments
import Storage
import Synchronization

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read and check every file of a data folder or snapshot.",
        discussion: """
            Every damaged place is named by file, section and offset (exit code 5). A folder that a
            server has open is checked by the server: VERIFY over the line protocol.

            EXAMPLES
              mspd verify ./data
              mspd verify ./data/snapshots/monday
            """)

    @Argument(help: "The data folder, or the folder of a snapshot.")
    var folder: String

    func run() throws {
        let fs = RealFileSystem()
        guard Files.isFolder(folder), Verifier.isCheckable(folder, in: fs) else {
            throw Failure(.usage, "mspd: \(folder) is no data folder and no snapshot")
        }
        let lock = try takeLock(fs)
        defer { lock?.release() }
        let progress = VerifyProgress()
        let pace = Pace { progress.show($0) }
        var verifier = Verifier(folder, in: fs, isLive: false, pace) { progress.row($0) }
        let result: Verification
        do throws(StorageError) { result = try verifier.run() } catch {
            throw Failure(.storage(error))
        }
        progress.clear()
        let size = "\(result.files) files, \(Terminal.grouped(Int(clamping: result.bytes))) bytes"
        guard !result.damage.isEmpty else { return Terminal.write("\(size): all sound.\n") }
        throw Failure(.damaged, "mspd: \(size): \(verdict(result, verifier))")
    }

    /// Nil for a snapshot, which nobody writes to.
    private func takeLock(_ fs: RealFileSystem) throws(Failure) -> (any FileLock)? {
        guard !Verifier.isSnapshot(folder, in: fs) else { return nil }
        do throws(StorageError) { return try fs.lock(Verifier.lockPath(folder)) } catch {
            guard case .locked = error else { throw Failure(.storage(error)) }
            throw Failure(
                .refused,
                "mspd: a server has this data folder open; ask it with VERIFY, such as "
                    + "`printf 'VERIFY\\n' | nc -N 127.0.0.1 6773`")
        }
    }

    private func verdict(_ result: Verification, _ verifier: Verifier) -> String {
        let catalog = try? Catalog(verifier.checkpoint.catalog)
        let tracks = Set(result.damage.compactMap(\.track)).sorted().map {
            catalog?.name(ofTrack: $0) ?? "\($0)"
        }
        let place = tracks.isEmpty ? "" : ", of track \(tracks.joined(separator: ", "))"
        return "\(result.damagedFiles) damaged\(place); restore the folder from a snapshot with "
            + "`mspd restore`, or drop the tracks"
    }
}

/// Aligned rows on standard output, and bytes as they go on a terminal.
private final class VerifyProgress: Sendable {
    private let isShown = Terminal.wantsColour(2)
    private let lastShown = Mutex(0.0)
    private let hasHeading = Mutex(false)

    /// Shows how many bytes have been read, ten times a second.
    func show(_ bytes: Int) {
        guard isShown, bytes >= 0 else { return }
        let isDue = lastShown.withLock { last in
            guard Terminal.seconds - last > 0.1 else { return false }
            last = Terminal.seconds
            return true
        }
        if isDue { Terminal.write("\r\(Terminal.grouped(bytes >> 20)) MiB read ", to: 2) }
    }

    /// Makes room for a row.
    func clear() {
        if isShown { Terminal.write("\r\u{1B}[K", to: 2) }
    }

    /// Writes what came of one file: a line, or one for each damaged place.
    func row(_ file: CheckedFile) {
        clear()
        let isFirst = hasHeading.withLock { has in
            defer { has = true }
            return !has
        }
        if isFirst { line("file", "bytes", "result") }
        let bytes = Terminal.grouped(Int(clamping: file.bytes))
        if file.damage.isEmpty { line(file.file, bytes, "sound") }
        for damage in file.damage {
            let section = damage.section.isEmpty ? "" : "section \(damage.section), "
            line(file.file, bytes, "damaged: \(section)byte \(damage.offset): \(damage.what)")
        }
    }

    private func line(_ file: String, _ bytes: String, _ result: String) {
        let indent = String(repeating: " ", count: max(0, 14 - bytes.utf8.count))
        Terminal.write(Terminal.padded(file, to: 44) + indent + bytes + "  \(result)\n")
    }
}
