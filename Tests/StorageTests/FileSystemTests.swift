// The contract of FileSystem, held against the real one and the simulated one alike.

import Glibc
import Storage
import TestSupport
import Testing

struct FileSystemTests {
    /// Runs a test on a real folder and on a simulated one.
    private func onBoth(_ body: (any FileSystem, String) throws -> Void) throws {
        let scratch = try scratchDirectory("files")
        try body(RealFileSystem(), scratch.path)
        let simulated = FaultyFileSystem()
        try simulated.createDirectory("/folder")
        try body(simulated, "/folder")
    }

    private func contents(_ map: MappedFile) -> [UInt8] {
        let bytes = map.bytes
        return unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    private func system(_ code: Int32, _ body: () throws -> Void) {
        let error = #expect(throws: StorageError.self) { try body() }
        guard case .system(_, _, code)? = error else {
            Issue.record("errno \(code) expected, not \(String(describing: error))")
            return
        }
    }

    @Test func `written bytes are read back`() throws {
        try onBoth { fs, folder in
            let path = "\(folder)/a"
            let file = try fs.open(path, .create)
            try file.write([1, 2, 3, 4], at: 2)
            try file.write([], at: 0)
            try file.sync()
            #expect(try file.size() == 6)
            #expect(try file.read(10, at: 0) == [0, 0, 1, 2, 3, 4])
            #expect(try file.read(2, at: 3) == [2, 3])
            #expect(try file.read(2, at: 6) == [])
            #expect(try file.read(0, at: 0) == [])
            try file.truncate(to: 3)
            try file.truncate(to: 4)
            #expect(try fs.size(of: path) == 4)
            file.close()
            file.close()
            system(EBADF) { _ = try file.read(1, at: 0) }
            let again = try fs.open(path, .readWrite)
            try again.write([9], at: 3)
            #expect(try fs.open(path, .read).read(4, at: 0) == [0, 0, 1, 9])
        }
    }

    @Test func `opening tells missing from present`() throws {
        try onBoth { fs, folder in
            system(ENOENT) { _ = try fs.open("\(folder)/none", .read) }
            system(ENOENT) { _ = try fs.open("\(folder)/none", .readWrite) }
            system(ENOENT) { _ = try fs.open("\(folder)/none/deeper", .create) }
            system(ENOENT) { _ = try fs.map("\(folder)/none") }
            _ = try fs.open("\(folder)/a", .create)
            system(EEXIST) { _ = try fs.open("\(folder)/a", .create) }
            #expect(try fs.size(of: "\(folder)/none") == nil)
            #expect(try fs.size(of: "\(folder)/none/deeper") == nil)
        }
    }

    @Test func `maps show the whole file and outlive its name`() throws {
        try onBoth { fs, folder in
            let path = "\(folder)/a"
            let file = try fs.open(path, .create)
            #expect(contents(try fs.map(path)) == [])
            let bytes = [UInt8]((0..<10_000).map { UInt8(truncatingIfNeeded: $0) })
            try file.write(bytes, at: 0)
            let map = try fs.map(path)
            try fs.remove(path)
            #expect(map.count == 10_000)
            #expect(contents(map) == bytes)
        }
    }

    @Test func `names are listed renamed and removed`() throws {
        try onBoth { fs, folder in
            try fs.createDirectory("\(folder)/sub")
            try fs.createDirectory("\(folder)/sub")
            for name in ["b", "a", "sub/c"] {
                try fs.open("\(folder)/\(name)", .create).write(Array(name.utf8), at: 0)
            }
            #expect(try fs.list(folder) == ["a", "b", "sub"])
            try fs.rename("\(folder)/a", to: "\(folder)/b")
            #expect(try fs.list(folder) == ["b", "sub"])
            #expect(try fs.open("\(folder)/b", .read).read(9, at: 0) == Array("a".utf8))
            system(ENOENT) { try fs.rename("\(folder)/a", to: "\(folder)/x") }
            system(ENOTEMPTY) { try fs.remove("\(folder)/sub") }
            try fs.remove("\(folder)/sub/c")
            try fs.remove("\(folder)/sub")
            system(ENOENT) { try fs.remove("\(folder)/sub") }
            system(EEXIST) { try fs.createDirectory("\(folder)/b") }
            system(ENOENT) { _ = try fs.list("\(folder)/sub") }
            system(ENOENT) { try fs.syncDirectory("\(folder)/sub") }
            try fs.syncDirectory(folder)
            #expect(try fs.available(folder) > 0)
        }
    }

    @Test func `a linked file has two names`() throws {
        try onBoth { fs, folder in
            try fs.open("\(folder)/a", .create).write([1], at: 0)
            try fs.link("\(folder)/a", to: "\(folder)/b")
            system(EEXIST) { try fs.link("\(folder)/a", to: "\(folder)/b") }
            system(ENOENT) { try fs.link("\(folder)/c", to: "\(folder)/d") }
            try fs.remove("\(folder)/a")
            #expect(try fs.open("\(folder)/b", .read).read(2, at: 0) == [1])
        }
    }

    @Test func `a folder is renamed with all that is in it`() throws {
        try onBoth { fs, folder in
            try fs.createDirectory("\(folder)/old")
            try fs.createDirectory("\(folder)/old/sub")
            try fs.open("\(folder)/old/sub/a", .create).write([1], at: 0)
            try fs.rename("\(folder)/old", to: "\(folder)/new")
            #expect(try fs.list(folder) == ["new"])
            #expect(try fs.open("\(folder)/new/sub/a", .read).read(2, at: 0) == [1])
            try fs.createDirectory("\(folder)/other")
            try fs.rename("\(folder)/new", to: "\(folder)/other")
            system(ENOTEMPTY) { try fs.rename("\(folder)/other/sub", to: "\(folder)/other") }
            #expect(try fs.list("\(folder)/other/sub") == ["a"])
        }
    }

    @Test func `a lock is held by one until released`() throws {
        try onBoth { fs, folder in
            let path = "\(folder)/LOCK"
            let lock = try fs.lock(path)
            #expect(throws: StorageError.locked(path: path)) { _ = try fs.lock(path) }
            lock.release()
            lock.release()
            let again = try fs.lock(path)
            #expect(throws: StorageError.locked(path: path)) { _ = try fs.lock(path) }
            again.release()
        }
    }

    @Test func `a lost lock is released`() throws {
        try onBoth { fs, folder in
            do { _ = try fs.lock("\(folder)/LOCK") }
            _ = try fs.lock("\(folder)/LOCK")
        }
    }

    @Test func `real files belong to their owner alone`() throws {
        let scratch = try scratchDirectory("modes")
        let fs = RealFileSystem()
        _ = try fs.open(scratch("a"), .create)
        try fs.createDirectory(scratch("d"))
        for name in ["a", "d"] {
            var status = stat()
            #expect(unsafe stat(scratch(name), &status) == 0)
            #expect(status.st_mode & 0o077 == 0)
        }
    }

    @Test func `folders of paths`() {
        let fs = RealFileSystem()
        #expect(fs.folder(of: "a/b") == "a")
        #expect(fs.folder(of: "/a/b/c") == "/a/b")
        #expect(fs.folder(of: "/a") == "/")
        #expect(fs.folder(of: "a") == ".")
    }

    @Test func `errors say what happened`() {
        let full = StorageError.system(operation: "write", path: "/x", errno: ENOSPC)
        #expect(full.isOutOfSpace)
        #expect(full.description == "write /x: No space left on device (errno 28)")
        #expect(StorageError.system(operation: "write", path: "/x", errno: EDQUOT).isOutOfSpace)
        #expect(!StorageError.system(operation: "write", path: "/x", errno: EIO).isOutOfSpace)
        #expect(StorageError.system(operation: "open", path: "/x", errno: ENOENT).isMissing)
        let corrupt = StorageError.corrupt(file: "f", offset: 7, what: "a thing")
        #expect(!corrupt.isOutOfSpace && !corrupt.isMissing && !corrupt.isShortage)
        for code in [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM] {
            #expect(StorageError.system(operation: "open", path: "/x", errno: code).isShortage)
            #expect(!StorageError.system(operation: "sync", path: "/x", errno: code).isShortage)
        }
        #expect(!StorageError.system(operation: "open", path: "/x", errno: EIO).isShortage)
        #expect(corrupt.description == "f is damaged at byte 7: a thing")
        #expect(StorageError.locked(path: "l").description.contains("l is locked"))
        let newer = StorageError.newerFormat(file: "f", found: 3, supported: 2)
        #expect(newer.description.contains("format 3"))
    }
}
