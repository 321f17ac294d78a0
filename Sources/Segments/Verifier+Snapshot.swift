// The check of what a snapshot says of itself: every file that it names is there and is the one
// that was linked.

import Storage

extension Verifier {
    /// Checks the SNAPSHOT file, where there is one, and the files that it names.
    mutating func checkSnapshot() throws(StorageError) {
        guard Self.isSnapshot(folder.path, in: fs) else { return }
        let path = "\(folder.path)/\(Snapshot.fileName)"
        var snapshot = Snapshot()
        var file = try checkSections(path, Snapshot.kind, nil, of: nil) { () throws(StorageError) in
            snapshot = try Snapshot.read(folder.path, in: fs)
        }
        for entry in snapshot.files where !pace.wasCancelled {
            if let what = try difference(entry) {
                file.damage.append(damage("\(folder.path)/\(entry.path)", nil, "", 0, what))
            }
        }
        add(file)
    }

    private func difference(_ entry: Snapshot.Entry) throws(StorageError) -> String? {
        let path = "\(folder.path)/\(entry.path)"
        do throws(StorageError) {
            let found = try SectionFile.fingerprint(of: path, in: fs)
            let isSame = found.length == entry.length && found.directory == entry.directory
            return isSame ? nil : "it is not the file that the snapshot was made of"
        } catch {
            if error.isMissing { return "the snapshot names it, but it is not there" }
            // What is wrong with its end is told when the file itself is checked.
            guard case .corrupt = error else { throw error }
            return "it is not the file that the snapshot was made of"
        }
    }
}
