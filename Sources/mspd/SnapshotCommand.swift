// `mspd snapshot`: asks a running server for snapshots.

import ArgumentParser
import Net

struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Create, list, verify or drop snapshots of a running server.",
        discussion: """
            A snapshot lies in the data folder under snapshots/NAME, as hard links, and takes hardly
            any room at first. Copy it to another disk for a backup; `mspd restore` makes a data
            folder of it.

            EXAMPLES
              mspd snapshot create monday
              mspd snapshot list
              mspd snapshot verify monday
              mspd snapshot drop monday
            """)

    enum Action: String, ExpressibleByArgument, CaseIterable {
        case create, list, verify, drop
    }

    @Argument(help: "create, list, verify or drop.")
    var action: Action
    @Argument(help: "The snapshot's name: letters, digits, dots, underscores, hyphens.")
    var name: String?
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard (name == nil) == (action == .list) else {
            throw ValidationError("create, verify and drop take the name of a snapshot, list none.")
        }
    }

    func run() throws {
        let connection = try client.connect(timeoutSeconds: 0)
        defer { connection.close() }
        var line = RequestLine("SNAPSHOT \(action.rawValue.uppercased())")
        if let name { line.word(try RequestLine.name(name, "NAME")) }
        let reply = try connection.ask(line.line)
        for row in reply.rows + (reply.rows.isEmpty ? [reply.fields] : []) {
            let fields = row.fields.filter { $0.name != "ms" }
            Terminal.write(fields.map { "\($0.name)=\($0.value)" }.joined(separator: "  ") + "\n")
        }
        if action == .verify, reply.fields["damaged"] != "0" {
            throw Failure(.damaged, "mspd: the snapshot is damaged; do not rely on it")
        }
    }
}
