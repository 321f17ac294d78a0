// How many files the process may have open, and has. Segments are mapped and closed, so that what
// counts is connections, and a few for the log, a flush, a merge and what is asked for by the way.

import Glibc
import Storage

/// The process's open files.
enum OpenFiles {
    /// What a server needs beside its connections.
    static let reserve = 64

    /// Files that may be open at a time.
    static var limit: Int {
        var limits = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else {
            return 0
        }
        return Int(clamping: limits.rlim_cur)
    }

    /// Files that are open now.
    static var count: Int { (try? RealFileSystem().list("/proc/self/fd").count) ?? 0 }

    /// Raises the limit as far as connections need it and the system allows.
    static func makeRoom(connections: Int) throws(Failure) {
        let needed = rlim_t(connections + reserve)
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limits = rlimit()
        guard unsafe getrlimit(kind, &limits) == 0, limits.rlim_cur < needed else { return }
        limits.rlim_cur = min(needed, limits.rlim_max)
        guard unsafe setrlimit(kind, &limits) == 0, limits.rlim_cur == needed else {
            throw Failure(
                .usage,
                "mspd: \(connections) connections need \(needed) open files, and this user may "
                    + "have \(limits.rlim_max): raise that (ulimit -Hn, LimitNOFILE=), or lower "
                    + "--connections")
        }
    }
}
