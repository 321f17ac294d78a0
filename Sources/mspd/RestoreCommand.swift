// `mspd restore`: makes a data folder of a snapshot's folder.

import ArgumentParser
import Segments
import Storage

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a data folder of a snapshot.",
        discussion: """
            Copies the snapshot beside the target, checks every byte, and only then gives it the
            target's name. The snapshot may have come from another machine.

            EXAMPLES
              mspd restore ./data/snapshots/monday ./restored
              mspd serve --data ./restored
            """)

    @Argument(help: "The folder of the snapshot.")
    var snapshot: String
    @Argument(help: "The data folder to make; not there yet, or empty.")
    var data: String

    func run() throws {
        let fs = RealFileSystem()
        guard Files.isFolder(snapshot), Verifier.isSnapshot(snapshot, in: fs) else {
            throw Failure(.usage, "mspd: \(snapshot) is no snapshot: it has no SNAPSHOT file")
        }
        let outcome: Restore.Outcome
        do throws(StoreError) {
            outcome = try Restore(snapshot, to: data, in: fs, Pace()).run()
        } catch { throw Failure(error) }
        switch outcome {
        case .restored(let snapshot):
            Terminal.write(
                "\(data) is restored from '\(snapshot.name)': \(snapshot.files.count) files, "
                    + "\(Terminal.grouped(Int(clamping: snapshot.bytes))) bytes, operations up to "
                    + "\(snapshot.sequence).\n")
        case .damaged(let damage):
            for place in damage {
                Terminal.error("\(place.file): byte \(place.offset): \(place.what)")
            }
            throw Failure(.damaged, "mspd: the snapshot is damaged; \(data) was not made")
        }
    }
}
