// Manifests and checkpoints, the lists that say what a data folder consists of.

import Segments
import Storage

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let (fs, _) = unsafe sectionFile(start, count) else { return 0 }
    for kind in [Manifest.kind, Checkpoint.kind] {
        guard let file = try? SectionFile(opening: "/f", kind: kind, fileID: nil, in: fs) else {
            continue
        }
        try? file.verifyAll()
        _ = try? Manifest.read("/f", generation: file.fileID, in: fs)
        _ = try? Checkpoint.read("/f", generation: file.fileID, in: fs)
    }
    return 0
}
