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
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("map", path) }
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
        guard unsafe Glibc.rename(from, to) == 0 else { throw .last("rename to \(to):", from) }
    }

    /// Gives a file a second name by a hard link.
    package func link(_ from: String, to: String) throws(StorageError) {
        guard unsafe Glibc.link(from, to) == 0 else { throw .last("link to \(to):", from) }
    }

    /// Removes a file or an empty folder.
    package func remove(_ path: String) throws(StorageError) {
        guard unsafe Glibc.remove(path) == 0 else { throw .last("remove", path) }
    }

    /// Makes one folder unless it exists.
    package func createDirectory(_ path: String) throws(StorageError) {
        guard unsafe mkdir(path, 0o700) != 0 else { return }
        let error = StorageError.last("create folder", path)
        guard error == .system(operation: "create folder", path: path, errno: EEXIST),
            let status = try Self.status(path), status.st_mode & S_IFMT == S_IFDIR
        else { throw error }
    }

    /// The names in a folder, sorted.
    package func list(_ path: String) throws(StorageError) -> [String] {
        guard let folder = unsafe opendir(path) else { throw .last("list", path) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else { break }
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
        guard fsync(descriptor) == 0 else { throw .last("sync folder", path) }
    }

    /// The length of a file, nil when there is none.
    package func size(of path: String) throws(StorageError) -> UInt64? {
        try Self.status(path).map { UInt64($0.st_size) }
    }

    /// Takes the exclusive lock of a file, which stays when the lock is released.
    package func lock(_ path: String) throws(StorageError) -> any FileLock {
        let descriptor = try Self.descriptor(path, O_RDWR | O_CREAT, operation: "lock")
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let error = StorageError.last("lock", path)
            if errno == EINTR { continue }
            let isHeld = errno == EWOULDBLOCK
            _ = Glibc.close(descriptor)
            throw isHeld ? .locked(path: path) : error
        }
        return RealFile(path: path, descriptor: descriptor)
    }

    /// Bytes free for this user.
    package func available(_ path: String) throws(StorageError) -> UInt64 {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw .last("statvfs", path) }
        let (bytes, isTooMany) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isTooMany ? .max : bytes
    }

    private static func descriptor(
        _ path: String, _ flags: Int32, operation: String
    ) throws(StorageError) -> Int32 {
        while true {
            let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
            if descriptor >= 0 { return descriptor }
            guard errno == EINTR else { throw .last(operation, path) }
        }
    }

    private static func status(_ path: String) throws(StorageError) -> stat? {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return status }
        guard errno == ENOENT || errno == ENOTDIR else { throw .last("stat", path) }
        return nil
    }
}

extension StorageError {
    /// The error in `errno`, to be read before any other call.
    static func last(_ operation: String, _ path: String) -> StorageError {
        .system(operation: operation, path: path, errno: errno)
    }
}
