// The state of the simulated disk: inodes, the names that are seen now, the names that would be
// found after a power cut, and the changes in between.
//
// Folders have numbers and names belong to a folder's number, not to a path: so a folder that is
// renamed takes along what was synced in it, and what was not.

import Glibc
import Storage

/// All of a simulated disk.
struct SimulatedDisk: Sendable {
    enum Node: Equatable, Sendable {
        case folder(Int)
        case file(Int)
    }

    struct PlannedFault: Sendable {
        var call: Int
        var fault: FaultyFileSystem.Fault
        var isPersistent: Bool
    }

    struct Name: Hashable, Sendable {
        var folder: Int
        var last: String
    }

    /// Names of one folder that change at once; nil for a name that goes.
    typealias NameChange = [(name: Name, node: Node?)]

    var inodes: [SimulatedInode] = []
    var locks: Set<String> = []
    var events: [FaultyFileSystem.Event] = []
    var fault: PlannedFault?
    var capacity = UInt64.max
    var syncsAreLies = false
    /// All changes since recording began; nil when nothing is recorded.
    var journal: [DiskChange]?
    private(set) var operations: [String] = []

    /// Folder 0 is "/".
    private(set) var folderCount = 1
    private(set) var names: [Name: Node] = [:]
    private(set) var syncedNames: [Name: Node] = [:]
    /// Per folder, the changes of its names that have not been synced, in order.
    private(set) var unsyncedNames: [Int: [NameChange]] = [:]

    var calls: Int { operations.count }

    /// Counts a call; the fault that it is to meet with.
    mutating func countCall(_ operation: String) -> FaultyFileSystem.Fault? {
        operations.append(operation)
        guard let fault, calls == fault.call || (fault.isPersistent && calls > fault.call) else {
            return nil
        }
        return fault.fault
    }

    mutating func record(_ change: @autoclosure () -> DiskChange) {
        if journal != nil { journal?.append(change()) }
    }

    /// Bytes in all files that have a name.
    var used: UInt64 {
        let files = Set(
            names.values.compactMap { if case .file(let inode) = $0 { inode } else { nil } })
        return files.reduce(0) { $0 + UInt64(inodes[$1].content.count) }
    }

    func inode(at path: String) -> Int? {
        guard case .file(let inode)? = node(at: path) else { return nil }
        return inode
    }

    func file(at path: String) -> SimulatedInode? { inode(at: path).map { inodes[$0] } }

    /// Puts a durable file there, with the folders that it needs.
    mutating func place(_ bytes: [UInt8], at path: String) {
        inodes.append(SimulatedInode(synced: bytes))
        var folder = 0
        let parts = Self.parts(of: path)
        for part in parts.dropLast() {
            let name = Name(folder: folder, last: part)
            if case .folder(let known)? = names[name] {
                folder = known
            } else {
                folder = folderCount
                folderCount += 1
                names[name] = .folder(folder)
                syncedNames[name] = .folder(folder)
            }
        }
        let name = Name(folder: folder, last: parts.last ?? "")
        names[name] = .file(inodes.count - 1)
        syncedNames[name] = names[name]
    }

    mutating func create(_ path: String) throws(StorageError) {
        let name = try name(path, "open")
        guard names[name] == nil else { throw Self.error("open", path, EEXIST) }
        record(.file)
        inodes.append(SimulatedInode())
        change([(name, .file(inodes.count - 1))])
        events.append(.create(path))
    }

    /// Writes what there is room for and returns how many bytes that is.
    mutating func write(_ bytes: [UInt8], at offset: UInt64, inode: Int, path: String) -> Int {
        let growth = max(0, Int(offset) + bytes.count - inodes[inode].content.count)
        let room = capacity == .max ? .max : capacity - min(used, capacity)
        let missing = UInt64(growth) > room ? Int(UInt64(growth) - room) : 0
        let fitting = missing == 0 ? bytes : Array(bytes.prefix(max(0, bytes.count - missing)))
        events.append(.write(path, offset: offset, count: fitting.count))
        if !fitting.isEmpty { change(inode, .write(Int(offset), fitting)) }
        return fitting.count
    }

    /// Changes a file's bytes.
    mutating func change(_ inode: Int, _ change: SimulatedInode.Change) {
        record(.bytes(inode: inode, change))
        inodes[inode].apply(change)
    }

    /// Makes a file's bytes durable.
    mutating func sync(inode: Int, path: String) {
        guard !syncsAreLies else { return }
        record(.sync(inode: inode, path: path))
        inodes[inode].sync()
    }

    mutating func rename(_ from: String, to: String) throws(StorageError) {
        let (source, target) = (try name(from, "rename"), try name(to, "rename"))
        guard let node = names[source] else { throw Self.error("rename", from, ENOENT) }
        if case .folder(let replaced)? = names[target] {
            guard case .folder = node else { throw Self.error("rename", to, EISDIR) }
            guard isEmpty(replaced) else { throw Self.error("rename", to, ENOTEMPTY) }
        }
        if source.folder == target.folder {
            change([(source, nil), (target, node)])
        } else {
            change([(target, node)])
            change([(source, nil)])
        }
        events.append(.rename(from, to: to))
    }

    mutating func link(_ from: String, to: String) throws(StorageError) {
        let target = try name(to, "link")
        guard let inode = inode(at: from) else { throw Self.error("link", from, ENOENT) }
        guard names[target] == nil else { throw Self.error("link", to, EEXIST) }
        change([(target, .file(inode))])
        events.append(.link(from, to: to))
    }

    mutating func remove(_ path: String) throws(StorageError) {
        let name = try name(path, "remove")
        guard let node = names[name] else { throw Self.error("remove", path, ENOENT) }
        if case .folder(let folder) = node, !isEmpty(folder) {
            throw Self.error("remove", path, ENOTEMPTY)
        }
        change([(name, nil)])
        events.append(.remove(path))
    }

    mutating func createDirectory(_ path: String) throws(StorageError) {
        if folder(at: path) != nil { return }
        let name = try name(path, "create folder")
        guard names[name] == nil else { throw Self.error("create folder", path, EEXIST) }
        change([(name, .folder(folderCount))])
        events.append(.createDirectory(path))
    }

    func list(_ path: String) throws(StorageError) -> [String] {
        guard let folder = folder(at: path) else { throw Self.error("list", path, ENOENT) }
        return names.keys.filter { $0.folder == folder }.map(\.last).sorted()
    }

    mutating func syncDirectory(_ path: String) throws(StorageError) {
        guard let folder = folder(at: path) else { throw Self.error("sync folder", path, ENOENT) }
        events.append(.syncDirectory(path))
        guard !syncsAreLies else { return }
        record(.syncNames(folder: folder, path: path))
        syncNames(of: folder)
    }

    mutating func syncNames(of folder: Int) {
        for (name, node) in (unsyncedNames.removeValue(forKey: folder) ?? []).joined() {
            syncedNames[name] = node
        }
    }

    /// The disk found when the power is back.
    func afterPowerCut(_ mode: FaultyFileSystem.PowerCut) -> SimulatedDisk {
        var random = SeededRandom(seed: 0)
        if case .random(let seed) = mode { random = SeededRandom(seed: seed) }
        var found = syncedNames
        for (_, changes) in unsyncedNames.sorted(by: { $0.key < $1.key }) {
            let kept =
                switch mode {
                case .dropAll: 0
                case .keepAll: changes.count
                case .random: Int.random(in: 0...changes.count, using: &random)
                }
            for (name, node) in changes.prefix(kept).joined() { found[name] = node }
        }
        var after = SimulatedDisk()
        after.inodes = inodes.map {
            SimulatedInode(synced: $0.afterPowerCut(mode, &random))
        }
        // What lies in a folder that has no name cannot be reached, and takes no part in anything.
        after.setNames(found, folderCount: folderCount)
        after.capacity = capacity
        return after
    }

    /// Gives a disk without unsynced changes its names.
    mutating func setNames(_ found: [Name: Node], folderCount: Int) {
        names = found
        syncedNames = found
        self.folderCount = folderCount
    }

    /// Changes names of one folder at once.
    mutating func change(_ change: NameChange) {
        record(.names(change))
        for case .folder(let folder)? in change.map(\.node) {
            folderCount = max(folderCount, folder + 1)
        }
        for (name, node) in change { names[name] = node }
        guard let folder = change.first?.name.folder else { return }
        unsyncedNames[folder, default: []].append(change)
    }

    private func isEmpty(_ folder: Int) -> Bool { !names.keys.contains { $0.folder == folder } }

    private func node(at path: String) -> Node? {
        var node = Node.folder(0)
        for part in Self.parts(of: path) {
            guard case .folder(let folder) = node,
                let next = names[Name(folder: folder, last: part)]
            else { return nil }
            node = next
        }
        return node
    }

    private func folder(at path: String) -> Int? {
        guard case .folder(let folder)? = node(at: path) else { return nil }
        return folder
    }

    /// The folder and last part of a path; ENOENT when there is no such folder.
    private func name(_ path: String, _ operation: String) throws(StorageError) -> Name {
        let parts = Self.parts(of: path)
        guard let last = parts.last,
            let folder = folder(at: parts.dropLast().joined(separator: "/"))
        else { throw Self.error(operation, path, ENOENT) }
        return Name(folder: folder, last: last)
    }

    private static func parts(of path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map { String($0) }
    }

    private static func error(_ operation: String, _ path: String, _ code: Int32) -> StorageError {
        .system(operation: operation, path: path, errno: code)
    }
}
