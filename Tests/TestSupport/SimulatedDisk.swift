// The state of the simulated disk: inodes, names as seen now, names as they would be found after
// the power failed, and the operations in between.

import Glibc
import Storage

/// One file: its bytes as seen, its bytes as synced, and the changes from the one to the other.
struct SimulatedInode: Sendable {
    enum Change: Sendable {
        case write(Int, [UInt8])
        case truncate(Int)
    }

    private(set) var content: [UInt8] = []
    private(set) var synced: [UInt8] = []
    private var unsynced: [Change] = []

    init() {}

    /// A file that is durable already.
    init(synced bytes: [UInt8]) {
        content = bytes
        synced = bytes
    }

    mutating func apply(_ change: Change) {
        Self.apply(change, to: &content)
        unsynced.append(change)
    }

    mutating func sync() {
        for change in unsynced { Self.apply(change, to: &synced) }
        unsynced = []
    }

    mutating func forgetUnsynced() { unsynced = [] }

    /// The bytes found after a power cut.
    func afterPowerCut(_ mode: FaultyFileSystem.PowerCut, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = synced
        switch mode {
        case .dropAll: break
        case .keepAll: for change in unsynced { Self.apply(change, to: &bytes) }
        case .random:
            for change in unsynced { Self.applyPerhaps(change, to: &bytes, &random) }
        }
        return bytes
    }

    private static func applyPerhaps(
        _ change: Change, to bytes: inout [UInt8], _ random: inout SeededRandom
    ) {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return
        case 1: apply(change, to: &bytes)
        default:
            guard case .write(let offset, let source) = change else { return }
            // The length may be there before the bytes are.
            if random.oneIn(2) { extend(&bytes, to: offset + source.count) }
            var start = offset
            while start < offset + source.count {
                let end = min((start / 512 + 1) * 512, offset + source.count)
                if random.oneIn(2) {
                    apply(.write(start, Array(source[start - offset..<end - offset])), to: &bytes)
                }
                start = end
            }
        }
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .write(let offset, let source):
            extend(&bytes, to: offset + source.count)
            bytes.replaceSubrange(offset..<offset + source.count, with: source)
        case .truncate(let size):
            extend(&bytes, to: size)
            bytes.removeLast(bytes.count - size)
        }
    }

    private static func extend(_ bytes: inout [UInt8], to size: Int) {
        if bytes.count < size {
            bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
        }
    }
}

/// All of a simulated disk.
struct SimulatedDisk: Sendable {
    enum Node: Equatable, Sendable {
        case folder
        case file(Int)
    }

    struct Fault: Sendable {
        var call: Int
        var errno: Int32
        var isPersistent: Bool
    }

    /// Names that changed at once in a folder; nil for a name that went.
    private typealias NameChange = [(path: String, node: Node?)]

    var inodes: [SimulatedInode] = []
    var locks: Set<String> = []
    var events: [FaultyFileSystem.Event] = []
    var fault: Fault?
    var capacity = UInt64.max
    var syncsAreLies = false
    private(set) var calls = 0

    private var names: [String: Node] = ["/": .folder]
    private var syncedNames: [String: Node] = ["/": .folder]
    /// Per folder, the changes of its names that have not been synced, in order.
    private var unsyncedNames: [String: [NameChange]] = [:]

    /// Counts a call; the errno if it is to fail.
    mutating func countCall() -> Int32? {
        calls += 1
        guard let fault, calls == fault.call || (fault.isPersistent && calls > fault.call) else {
            return nil
        }
        return fault.errno
    }

    /// Bytes in all files that have a name.
    var used: UInt64 {
        names.values.reduce(0) { sum, node in
            guard case .file(let inode) = node else { return sum }
            return sum + UInt64(inodes[inode].content.count)
        }
    }

    func inode(at path: String) -> Int? {
        guard case .file(let inode)? = names[Self.absolute(path)] else { return nil }
        return inode
    }

    func file(at path: String) -> SimulatedInode? { inode(at: path).map { inodes[$0] } }

    mutating func place(_ bytes: [UInt8], at path: String) {
        let path = Self.absolute(path)
        inodes.append(SimulatedInode(synced: bytes))
        names[path] = .file(inodes.count - 1)
        syncedNames[path] = names[path]
        var folder = Self.folder(of: path)
        while names[folder] != .folder {
            names[folder] = .folder
            syncedNames[folder] = .folder
            folder = Self.folder(of: folder)
        }
    }

    mutating func create(_ path: String) throws(StorageError) {
        let path = Self.absolute(path)
        guard names[path] == nil else { throw Self.error("open", path, EEXIST) }
        guard names[Self.folder(of: path)] == .folder else {
            throw Self.error("open", path, ENOENT)
        }
        inodes.append(SimulatedInode())
        change([(path, .file(inodes.count - 1))])
        events.append(.create(path))
    }

    /// False when there was no room; then what fits has been written.
    mutating func write(_ bytes: [UInt8], at offset: UInt64, inode: Int, path: String) -> Bool {
        let growth = max(0, Int(offset) + bytes.count - inodes[inode].content.count)
        let room = capacity - min(used, capacity)
        let missing = UInt64(growth) > room ? Int(UInt64(growth) - room) : 0
        let fitting = Array(bytes.prefix(max(0, bytes.count - missing)))
        events.append(.write(path, offset: offset, count: fitting.count))
        if !fitting.isEmpty { inodes[inode].apply(.write(Int(offset), fitting)) }
        return missing == 0
    }

    mutating func rename(_ from: String, to: String) throws(StorageError) {
        let (from, to) = (Self.absolute(from), Self.absolute(to))
        guard case .file? = names[from], let node = names[from] else {
            throw Self.error("rename", from, ENOENT)
        }
        guard names[Self.folder(of: to)] == .folder else { throw Self.error("rename", to, ENOENT) }
        guard names[to] != .folder else { throw Self.error("rename", to, EISDIR) }
        if Self.folder(of: from) == Self.folder(of: to) {
            change([(from, nil), (to, node)])
        } else {
            change([(to, node)])
            change([(from, nil)])
        }
        events.append(.rename(from, to: to))
    }

    mutating func remove(_ path: String) throws(StorageError) {
        let path = Self.absolute(path)
        guard let node = names[path] else { throw Self.error("remove", path, ENOENT) }
        if node == .folder, try !list(path).isEmpty { throw Self.error("remove", path, ENOTEMPTY) }
        change([(path, nil)])
        events.append(.remove(path))
    }

    mutating func createDirectory(_ path: String) throws(StorageError) {
        let path = Self.absolute(path)
        guard names[path] != .folder else { return }
        guard names[path] == nil else { throw Self.error("create folder", path, EEXIST) }
        guard names[Self.folder(of: path)] == .folder else {
            throw Self.error("create folder", path, ENOENT)
        }
        change([(path, .folder)])
        events.append(.createDirectory(path))
    }

    func list(_ path: String) throws(StorageError) -> [String] {
        let path = Self.absolute(path)
        guard names[path] == .folder else { throw Self.error("list", path, ENOENT) }
        return names.keys.filter { $0 != "/" && Self.folder(of: $0) == path }
            .map { String($0[$0.index(after: $0.lastIndex(of: "/") ?? $0.startIndex)...]) }
            .sorted()
    }

    mutating func syncDirectory(_ path: String) throws(StorageError) {
        let path = Self.absolute(path)
        guard names[path] == .folder else { throw Self.error("sync folder", path, ENOENT) }
        events.append(.syncDirectory(path))
        guard !syncsAreLies else { return }
        for (path, node) in (unsyncedNames.removeValue(forKey: path) ?? []).joined() {
            syncedNames[path] = node
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
            for (path, node) in changes.prefix(kept).joined() { found[path] = node }
        }
        var after = SimulatedDisk()
        after.inodes = inodes.map {
            SimulatedInode(synced: $0.afterPowerCut(mode, &random))
        }
        // What lies in a folder that is lost is lost.
        after.names = found.filter { Self.isReachable($0.key, in: found) }
        after.syncedNames = after.names
        after.capacity = capacity
        return after
    }

    private static func isReachable(_ path: String, in names: [String: Node]) -> Bool {
        path == "/"
            || (names[folder(of: path)] == .folder && isReachable(folder(of: path), in: names))
    }

    /// Changes names of one folder at once.
    private mutating func change(_ change: NameChange) {
        for (path, node) in change { names[path] = node }
        guard let path = change.first?.path else { return }
        unsyncedNames[Self.folder(of: path), default: []].append(change)
    }

    /// One spelling per path: absolute, no doubled or trailing slashes, no "." parts.
    private static func absolute(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func error(_ operation: String, _ path: String, _ code: Int32) -> StorageError {
        .system(operation: operation, path: path, errno: code)
    }
}
