// `mspd synonyms`: gives a track the synonyms of a file, shows them, or takes them away.

import ArgumentParser
import Net

struct SynonymsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synonyms",
        abstract: "Set, show or remove the synonyms of a track.",
        discussion: """
            A file of synonyms has a rule on each line: words and phrases that stand for each other,
            or with => only the left for the right. What is searched for still comes first.

              # comments begin so
              car, automobile, motor car
              tv, telly => television

            EXAMPLES
              mspd synonyms dialogue.en cars.txt
              mspd synonyms dialogue.en
              mspd synonyms dialogue.en --remove
            """)

    @Argument(help: "The track, such as dialogue.en.")
    var track: String
    @Argument(help: "The file; without one, the track's synonyms are shown.")
    var file: String?
    @Flag(help: "Take the track's synonyms away.")
    var remove = false
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard file == nil || !remove else {
            throw ValidationError("--remove takes no file.")
        }
    }

    func run() throws {
        let name = try RequestLine.name(track, "TRACK")
        let text = try file.map { try Files.read($0) }
        let connection = try client.connect()
        defer { connection.close() }
        guard text != nil || remove else { return try show(connection, name) }
        var line = RequestLine("TRACK ALTER")
        line.word(name)
        line.key("synonyms", literal: text ?? [])
        let reply = try connection.ask(line.line)
        let count = reply.fields["synonyms"] ?? "0"
        Terminal.write("track \(name) has \(count) rules of synonyms\n")
    }

    private func show(_ connection: Client, _ name: String) throws {
        let reply = try connection.ask(Array("TRACK SYNONYMS \(name)\n".utf8))
        guard !reply.rows.isEmpty else {
            throw Failure(.nothingFound, "track \(name) has no synonyms")
        }
        for row in reply.rows {
            Terminal.write(Terminal.harmless(row["synonyms"] ?? "") + "\n")
        }
    }
}
