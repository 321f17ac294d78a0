// What can go wrong between this program and its files.
//
// Corruption is never an I/O error: `.system` says that the machine refused, `.corrupt` that it
// answered with bytes that cannot be right. Every case carries the facts a person needs to act.

import Glibc

/// Every error that Storage throws.
package enum StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed. A missing file at open is ENOENT.
    case system(operation: String, path: String, errno: Int32)
    /// Bytes in `file`, at or just after `offset`, are not what was written.
    case corrupt(file: String, offset: UInt64, what: String)
    /// `file` was written by a later program than this.
    case newerFormat(file: String, found: UInt32, supported: UInt32)
    /// Another process (or another part of this one) holds the lock at `path`.
    case locked(path: String)

    /// Whether there was no room left: the disk is full or a quota is used up.
    package var isOutOfSpace: Bool {
        guard case .system(_, _, let code) = self else { return false }
        return code == ENOSPC || code == EDQUOT
    }

    /// Whether something has run out that may be there again later: room on the disk, open files,
    /// memory.
    ///
    /// Never of a sync, after which it is not known what the disk holds.
    package var isShortage: Bool {
        guard case .system(let operation, _, let code) = self else { return false }
        let isSync = operation == "sync" || operation == "sync folder"
        return !isSync && (isOutOfSpace || [EMFILE, ENFILE, ENOMEM].contains(code))
    }

    /// Whether a file or folder was not there.
    package var isMissing: Bool {
        guard case .system(_, _, let code) = self else { return false }
        return code == ENOENT
    }

    /// One line for people; system errors include the text of strerror.
    package var description: String {
        switch self {
        case .system(let operation, let path, let code):
            "\(operation) \(path): \(Self.text(of: code)) (errno \(code))"
        case .corrupt(let file, let offset, let what):
            "\(file) is damaged at byte \(offset): \(what)"
        case .newerFormat(let file, let found, let supported):
            "\(file) has format \(found), newer than \(supported), the newest known here"
        case .locked(let path):
            "\(path) is locked by another process"
        }
    }

    /// glibc keeps the answer per thread.
    private static func text(of code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}
