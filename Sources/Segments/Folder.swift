// Where everything lies in a data folder; docs/FORMAT.md draws it.

/// Names of the files of a data folder.
package struct Folder: Sendable {
    /// The data folder itself.
    package let path: String

    /// The layout below a path.
    package init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    var lock: String { path + "/LOCK" }
    var wal: String { path + "/wal" }
    var catalog: String { path + "/catalog" }
    var tracks: String { path + "/tracks" }
    var snapshots: String { path + "/snapshots" }

    func snapshot(_ name: SnapshotName) -> String { "\(snapshots)/\(name.text)" }
    func log(_ number: UInt64) -> String { "\(wal)/\(Self.pad(number)).log" }
    /// An empty file that says that a log was sealed by a clean stop.
    func cleanMark(_ number: UInt64) -> String { "\(wal)/\(Self.pad(number)).clean" }
    func checkpoint(_ generation: UInt64) -> String { "\(catalog)/CATALOG-\(Self.pad(generation))" }
    func track(_ track: UInt32) -> String { "\(tracks)/\(track)" }
    func segments(_ track: UInt32) -> String { "\(self.track(track))/segments" }
    func manifest(_ track: UInt32, _ generation: UInt64) -> String {
        "\(self.track(track))/MANIFEST-\(Self.pad(generation))"
    }
    func segment(_ track: UInt32, _ id: UInt64) -> String {
        "\(segments(track))/\(Self.pad(id)).seg"
    }
    func tombstones(_ track: UInt32, _ id: UInt64, _ generation: UInt64) -> String {
        "\(segments(track))/\(Self.pad(id))-\(Self.pad(generation)).del"
    }

    /// The index of a segment's vectors, where there is one.
    func index(_ track: UInt32, _ id: UInt64) -> String {
        "\(segments(track))/\(Self.pad(id)).vec"
    }

    /// The files that an entry of a manifest names: the segment, then its deletions if it has any.
    func files(_ entry: Manifest.Entry, of track: UInt32) -> [String] {
        let segment = segment(track, entry.id)
        guard entry.tombstoneGeneration > 0 else { return [segment] }
        return [segment, tombstones(track, entry.id, entry.tombstoneGeneration)]
    }

    /// The numbers of the names made of a prefix, a number and a suffix, ascending.
    static func numbers(_ names: [String], prefix: String = "", suffix: String = "") -> [UInt64] {
        names.compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                name.utf8.count == prefix.utf8.count + 10 + suffix.utf8.count
            else { return nil }
            return UInt64(name.dropFirst(prefix.count).dropLast(suffix.count))
        }.sorted()
    }

    /// The generation of the newest manifest among the names in a track's folder.
    static func newestManifest(_ names: [String]) -> UInt64? {
        numbers(names, prefix: "MANIFEST-").last
    }

    private static func pad(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }
}
