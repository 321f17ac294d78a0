// `mspd enrich`: has an encoder of the server fill a track, for titles that lack it.

import ArgumentParser
import Net

struct EnrichCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrich",
        abstract: "Have an encoder fill a track, now or whenever titles come.",
        discussion: """
            Each title that has nothing in the track, or what is older than the last change of what
            it was made of, gets it in one operation, in the background, with a rest behind each
            piece of the work that is as long as it. What an encoder is shown: with --from the texts
            of that track, or pictures of its rows' middle; without it the sound of the film, whose
            path is the title's attribute 'file'.

            EXAMPLES
              mspd enrich dialogue.meaning --from dialogue.en
              mspd enrich dialogue.en --encoder speech --title pilot
              mspd enrich dialogue.meaning --auto on
            """)

    @OptionGroup var client: ClientOptions
    @Argument(help: "The track that is filled.")
    var track: String
    @Option(help: "The encoder; that of the track unless told.")
    var encoder: String?
    @Option(help: "The track whose rows are looked at.")
    var from: String?
    @Option(help: "Titles, with commas between them; all unless told.")
    var title: String?
    @Flag(help: "Make anew what is there already.")
    var redo = false
    @Option(help: "'on': from now on by itself whenever titles come; 'off': no more.")
    var auto: Switch?

    enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

    func run() throws {
        var line = RequestLine("ENRICH")
        line.word(try RequestLine.name(track, "the track"))
        for (key, value) in [("encoder", encoder), ("from", from), ("title", title)] {
            if let value { line.key(key, literal: Array(value.utf8)) }
        }
        if redo { line.word("redo=1") }
        if let auto { line.word("auto=\(auto == .on ? 1 : 0)") }
        let reply = try client.connect(timeoutSeconds: 0).ask(line.line)
        if let auto { return Terminal.error("filling \(track) by itself is \(auto.rawValue)") }
        for row in reply.rows {
            let values = row.fields.map { "\($0.name)=\(Terminal.harmless($0.value))" }
            Terminal.write(values.joined(separator: " ") + "\n")
        }
        let failed = reply.fields["failed"] ?? "0"
        let missed = reply.fields["missed"] ?? "0"
        Terminal.error(
            "filled \(reply.fields["titles"] ?? "0") titles with \(reply.fields["rows"] ?? "0") "
                + "rows; \(failed) failed"
                + (missed == "0" ? "" : "; \(missed) missed: no picture, or no answer"))
        if failed != "0" { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}
