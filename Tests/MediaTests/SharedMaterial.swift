// Finds the project's own examples, and the material that is not part of the project, real
// subtitles and other projects' parser suites, in the folder "shared" beside the package, or where
// MSPD_SHARED says. Tests that need it are skipped with a note where it is absent.

import Foundation

/// Files of the project, or beside it.
struct SharedMaterial {
    /// A folder of the project itself.
    static func project(_ path: String) -> SharedMaterial {
        SharedMaterial(folder: package().appendingPathComponent(path))
    }

    private static func package(file: String = #filePath) -> URL {
        URL(fileURLWithPath: file).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
    }

    /// A folder of the shared material, or nil, with a printed note, where there is none.
    static func folder(_ path: String) -> SharedMaterial? {
        let environment = ProcessInfo.processInfo.environment["MSPD_SHARED"]
        let beside = package().deletingLastPathComponent().appendingPathComponent("shared")
        let root = environment.map { URL(fileURLWithPath: $0) } ?? beside
        let folder = root.appendingPathComponent(path).resolvingSymlinksInPath()
        guard FileManager.default.fileExists(atPath: folder.path) else {
            print("skipped: \(folder.path) is not here")
            return nil
        }
        return SharedMaterial(folder: folder)
    }

    let folder: URL

    /// The paths of the files below the folder with one of these endings, sorted.
    func files(_ endings: String...) -> [String] {
        let all = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
        return all.compactMap { $0 as? String }.filter { path in
            endings.contains { path.hasSuffix($0) }
        }.sorted()
    }

    func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
    }

    /// A JSON file's value, or nil where the file is absent.
    func json(_ path: String) throws -> Any? {
        guard exists(path) else { return nil }
        return try JSONSerialization.jsonObject(
            with: Data(contentsOf: folder.appendingPathComponent(path)), options: .fragmentsAllowed)
    }
}
