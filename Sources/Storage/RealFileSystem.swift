// The file system of the machine, by system calls.
//
// Every descriptor is closed on exec. Files are made 0600 and folders 0700, less the umask. Calls
// interrupted by a signal are repeated; every other failure is thrown with its errno.

import Glibc

/// Files and folders on the machine's disks.
package struct RealFileSystem: FileSystem {
    /// Needs nothing.
    package init() {}

    /// Opens a file; see `OpenMode`.
    package func open(_ path: String, _ mode: OpenMode) throws(StorageError) -> any File {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .readWrite: O_RDWR
            }
        return RealFile(
            path: path, descriptor: try Self.descriptor(path, flags, operation: "open"))
    }

    /// Maps a file for reading.
    package func map(_ path: String) throws(StorageError) -> MappedFile {
        let descriptor = try Self.descriptor(path, O_RDONLY, operation: "map")
        defer { _ = Glibc.close(descriptor) }
        var status = stat()
        try Self.check("map", path) { unsafe fstat(descriptor, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .system(operation: "map", path: path, errno: EINVAL)
        }
        guard status.st_size > 0 else { return MappedFile(path: path, copying: []) }
        let count = Int(status.st_size)
        let memory = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw .last("map", path)
        }
        return unsafe MappedFile(path: path, adopting: memory, count: count)
    }

    /// Renames a file or folder over what is at `to`.
    package func rename(_ from: String, to: String) throws(StorageError) {
        try Self.check("rename to \(to):", from) { unsafe Glibc.rename(from, to) }
    }

    /// Gives a file a second name by a hard link.
    package func link(_ from: String, to: String) throws(StorageError) {
        try Self.check("link to \(to):", from) { unsafe Glibc.link(from, to) }
    }

    /// Removes a file or an empty folder.
    package func remove(_ path: String) throws(StorageError) {
        try Self.check("remove", path) { unsafe Glibc.remove(path) }
    }

    /// Makes one folder unless it exists.
    package func createDirectory(_ path: String) throws(StorageError) {
        do throws(StorageError) {
            try Self.check("create folder", path) { unsafe mkdir(path, 0o700) }
        } catch {
            guard error == .system(operation: "create folder", path: path, errno: EEXIST),
                let status = try Self.status(path), status.st_mode & S_IFMT == S_IFDIR
            else { throw error }
        }
    }

    /// The names in a folder, sorted.
    package func list(_ path: String) throws(StorageError) -> [String] {
        var opened: OpaquePointer?
        try Self.check("list", path) {
            unsafe opened = opendir(path)
            return unsafe opened == nil ? -1 : 0
        }
        guard let folder = unsafe opened else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                if errno == EINTR { continue }
                break
            }
            // The entry may be shorter than `dirent`, so it is not copied.
            guard let start = MemoryLayout<dirent>.offset(of: \.d_name) else { continue }
            let name = unsafe UnsafeRawPointer(entry).advanced(by: start)
            names.append(unsafe String(cString: name.assumingMemoryBound(to: CChar.self)))
        }
        guard errno == 0 else { throw .last("list", path) }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    /// Makes the names in a folder durable.
    package func syncDirectory(_ path: String) throws(StorageError) {
        let descriptor = try Self.descriptor(
            path, O_RDONLY | O_DIRECTORY, operation: "sync folder")
        defer { _ = Glibc.close(descriptor) }
        try Self.check("sync folder", path) { fsync(descriptor) }
    }

    /// The length of a file, nil when there is none.
    package func size(of path: String) throws(StorageError) -> UInt64? {
        try Self.status(path).map { UInt64($0.st_size) }
    }

    /// Takes the exclusive lock of a file, which stays when the lock is released.
    package func lock(_ path: String) throws(StorageError) -> any FileLock {
        let descriptor = try Self.descriptor(path, O_RDWR | O_CREAT, operation: "lock")
        do throws(StorageError) {
            try Self.check("lock", path) { flock(descriptor, LOCK_EX | LOCK_NB) }
        } catch {
            _ = Glibc.close(descriptor)
            let isHeld = error == .system(operation: "lock", path: path, errno: EWOULDBLOCK)
            throw isHeld ? .locked(path: path) : error
        }
        return RealFile(path: path, descriptor: descriptor)
    }

    /// Bytes free for this user.
    package func available(_ path: String) throws(StorageError) -> UInt64 {
        var status = statvfs()
        try Self.check("statvfs", path) { unsafe statvfs(path, &status) }
        let (bytes, isTooMany) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isTooMany ? .max : bytes
    }

    /// Makes a call that returns 0, or -1 and sets errno; interrupted ones are repeated.
    static func check(
        _ operation: String, _ path: String, _ call: () -> Int32
    ) throws(StorageError) {
        let failure = SystemCall.uninterrupted { call() == 0 ? nil : errno }
        if let failure { throw .system(operation: operation, path: path, errno: failure) }
    }

    private static func descriptor(
        _ path: String, _ flags: Int32, operation: String
    ) throws(StorageError) -> Int32 {
        var descriptor: Int32 = -1
        try check(operation, path) {
            descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
            return descriptor < 0 ? -1 : 0
        }
        return descriptor
    }

    private static func status(_ path: String) throws(StorageError) -> stat? {
        var status = stat()
        do throws(StorageError) {
            try check("stat", path) { unsafe stat(path, &status) }
            return status
        } catch .system(_, _, ENOENT), .system(_, _, ENOTDIR) {
            return nil
        }
    }
}

extension StorageError {
    /// The error in `errno`, to be read before any other call.
    static func last(_ operation: String, _ path: String) -> StorageError {
        .system(operation: operation, path: path, errno: errno)
    }
}
