// Test material that is too big, or not ours, to lie in the repository.
//
// It is looked for beside the package, and a test that needs it is skipped where it is missing.

import Glibc

/// The folder "../shared" beside the package, or the one in MSPD_SHARED.
package enum SharedData {
    /// The path of a folder in the shared material; nil, with a note, when it is not there.
    package static func folder(_ relative: String) -> String? {
        guard let root else {
            print("skipped: no shared test material (set MSPD_SHARED), wanted \(relative)")
            return nil
        }
        let path = "\(root)/\(relative)"
        guard unsafe access(path, R_OK) == 0 else {
            print("skipped: no \(path)")
            return nil
        }
        return path
    }

    /// The package's own folder, found from this source file.
    package static let packageRoot: String? = {
        guard let file = unsafe realpath(#filePath, nil) else { return nil }
        defer { unsafe free(file) }
        let parts = unsafe String(cString: file).split(
            separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 3 else { return nil }
        return parts.dropLast(3).joined(separator: "/")
    }()

    private static let root: String? = {
        if let text = unsafe getenv("MSPD_SHARED") { return unsafe String(cString: text) }
        guard let packageRoot else { return nil }
        let beside = "\(packageRoot)/../shared"
        return unsafe access(beside, R_OK) == 0 ? beside : nil
    }()
}
