// `mspd search`: one search, shown as a table for people or as rows for scripts.

import ArgumentParser
import Net

struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find who says what, and where.",
        discussion: """
            Words are alternatives, best first; "+word" must occur, "-word" must not, and words in
            quotation marks stand together. Quote the whole for the shell.

            EXAMPLES
              mspd search "we have to go back"
              mspd search '"go back" -home' --title lighthouse --format tsv
              mspd search dragon --speaker Sintel --limit 3
              mspd search dragon --where title.genre=fantasy --where title.year=2000..2010
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, tsv, json
    }

    @Argument(help: "What to search for.")
    var query: [String]
    @Option(help: "Only in these titles, separated by commas.")
    var title: String?
    @Option(help: "The tracks to search, separated by commas; a name includes its languages.")
    var track = "dialogue"
    @Option(help: "Only lines of this speaker.")
    var speaker: String?
    @Option(
        name: .customLong("where"),
        help: "Only lines with this attribute, or whose title has it; may be given again.")
    var conditions: [String] = []
    @Option(help: "Every word must occur (all), or any (any).")
    var match: String?
    @Option(name: .customLong("in"), help: "Only from this time on, such as 00:10:00.")
    var start: String?
    @Option(name: .customLong("out"), help: "Only up to this time.")
    var end: String?
    @Option(help: "Order by score or by time.")
    var sort: String?
    @Option(help: "Most lines to show, up to 1000.")
    var limit = 10
    @Option(help: "How many of the best lines to leave out.")
    var offset = 0
    @Option(help: "How to show them: \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = Format.table
    @OptionGroup var client: ClientOptions

    func run() throws {
        let connection = try client.connect()
        defer { connection.close() }
        if format == .json { _ = try connection.ask(Array("SET format=json\n".utf8)) }
        let line = try request()
        switch format {
        case .table: try showTable(connection, line)
        case .tsv, .json: try showRows(connection, line)
        }
    }

    private func request() throws(Failure) -> [UInt8] {
        var line = RequestLine("SEARCH")
        line.word(try RequestLine.name(track, "--track"))
        line.key("q", literal: Array(query.joined(separator: " ").utf8))
        let keys = [
            ("title", title), ("speaker", speaker), ("match", match), ("in", start), ("out", end),
            ("sort", sort), ("limit", "\(limit)"), ("offset", "\(offset)"),
            ("highlight", format == .table ? "1" : "0"),
        ]
        for (name, value) in keys {
            if let value { line.key(name, literal: Array(value.utf8)) }
        }
        for condition in conditions {
            guard let mark = condition.firstIndex(of: "="), mark > condition.startIndex else {
                throw Failure(
                    .usage, "mspd: --where \(condition) is not of the form ATTRIBUTE=VALUE")
            }
            let name = try RequestLine.name(String(condition[..<mark]), "--where")
            line.key(name, literal: Array(condition[condition.index(after: mark)...].utf8))
        }
        return line.line
    }

    private func showTable(_ connection: Client, _ line: [UInt8]) throws {
        let reply = try connection.ask(line)
        guard !reply.rows.isEmpty else {
            warn(reply.fields["damaged"])
            throw nothingFound(meant: reply.fields["did_you_mean"])
        }
        let table = ResultTable(reply.rows.map { row in { row[$0] } })
        Terminal.write(table.text(colour: Terminal.wantsColour()))
        let hits = reply.fields["hits"] ?? "\(reply.rows.count)"
        warn(reply.fields["damaged"])
        Terminal.error("\(hits) found, \(reply.rows.count) shown, \(reply.fields["ms"] ?? "?") ms")
    }

    /// Says which tracks an answer is without.
    private func warn(_ damaged: String?) {
        guard let damaged else { return }
        Terminal.error(
            "mspd: the answer is without what is damaged: \(damaged); `mspd verify` on the data "
                + "folder says where")
    }

    /// Passes rows on as the server wrote them, without the mark before each.
    private func showRows(_ connection: Client, _ line: [UInt8]) throws {
        var shown = 0
        var meant: String?
        do {
            connection.send(line)
            try connection.flush()
            while let reply = try connection.readLine() {
                guard reply.first == UInt8(ascii: "=") else {
                    if reply.first == UInt8(ascii: "-") {
                        throw Failure(
                            .refused,
                            "mspd: the server says"
                                + String(decoding: reply.dropFirst(), as: UTF8.self))
                    }
                    let fields = ClientReply(lines: [reply])?.fields
                    warn(fields?["damaged"])
                    meant = fields?["did_you_mean"]
                    break
                }
                shown += 1
                Terminal.write(Array(reply.dropFirst(2)) + [10])
            }
        } catch let error as NetError { throw Failure(error) }
        if shown == 0 { throw nothingFound(meant: meant) }
    }

    private func nothingFound(meant: String?) -> Failure {
        let hint = meant.map { "; did you mean '\($0)'?" } ?? ""
        return Failure(
            .nothingFound,
            Terminal.harmless("nothing found for '\(query.joined(separator: " "))'\(hint)"))
    }
}
