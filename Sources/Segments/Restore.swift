// Makes a data folder of a snapshot: a copy beside the target, checked as a whole, then renamed.
// The target is there completely or not at all; hard links are not needed.

package import Storage

/// A snapshot being restored.
package struct Restore {
    private let source: String
    private let target: String
    private let fs: any FileSystem
    private let pace: Pace
    private let staging: String

    /// What became of it.
    package enum Outcome: Sendable {
        /// The data folder is there.
        case restored(Snapshot)
        /// The snapshot is damaged; nothing was made.
        case damaged([Damage])
    }

    /// From a snapshot's folder to a data folder that is not there, or empty.
    package init(_ snapshot: String, to target: String, in fs: any FileSystem, _ pace: Pace) {
        source = Folder(snapshot).path
        self.target = Folder(target).path
        self.fs = fs
        self.pace = pace
        let name = self.target.split(separator: "/").last.map(String.init) ?? "data"
        staging = "\(fs.folder(of: self.target))/.\(name).restoring"
    }

    /// Copies, checks and renames; whatever fails, nothing is left.
    package func run() throws(StoreError) -> Outcome {
        guard isTargetFree else { throw .notEmpty(target) }
        do throws(StorageError) {
            let snapshot = try Snapshot.read(source, in: fs)
            try fs.removeTree(staging)
            let damage = try copyAndCheck(snapshot)
            guard damage.isEmpty else {
                try fs.removeTree(staging)
                return .damaged(damage)
            }
            try fs.rename(staging, to: target)
            try fs.syncDirectory(fs.folder(of: target))
            return .restored(snapshot)
        } catch {
            try? fs.removeTree(staging)
            throw .storage(error)
        }
    }

    /// Whether nothing is at the target, or an empty folder.
    private var isTargetFree: Bool {
        if let names = try? fs.list(target) { return names.isEmpty }
        return (try? fs.size(of: target)) == .some(nil)
    }

    private func copyAndCheck(_ snapshot: Snapshot) throws(StorageError) -> [Damage] {
        try fs.createDirectory(staging)
        var folders = [staging]
        for file in snapshot.files {
            var parts = file.path.split(separator: "/").dropLast()[...]
            var path = staging
            while let part = parts.popFirst() {
                path += "/\(part)"
                guard !folders.contains(path) else { continue }
                try fs.createDirectory(path)
                folders.append(path)
            }
            try fs.copy(
                "\(source)/\(file.path)", to: "\(staging)/\(file.path)", length: file.length, pace)
        }
        let own = "\(staging)/\(Snapshot.fileName)"
        let ownSource = "\(source)/\(Snapshot.fileName)"
        try fs.copy(ownSource, to: own, length: try fs.size(of: ownSource) ?? 0, pace)
        var verifier = Verifier(staging, in: fs, isLive: false, pace)
        let found = try verifier.run()
        try fs.remove(own)
        for path in folders.reversed() { try fs.syncDirectory(path) }
        return found.damage
    }
}
