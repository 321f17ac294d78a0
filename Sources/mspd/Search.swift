// `mspd search`: one search, shown as a table for people or as rows for scripts.

import ArgumentParser
import Media
import Net

struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find who says what, and where.",
        discussion: """
            Words are alternatives, best first; "+word" must occur, "-word" must not, and words in
            quotation marks stand together. Quote the whole for the shell, and put "--" before what
            begins with a dash. Lines that repeat the one before, as roll-up captions do, are shown
            once in a table. Without words, --title shows all lines of a title in their order.

            EXAMPLES
              mspd search "we have to go back"
              mspd search '"go back" -home' --title lighthouse --format tsv
              mspd search dragon --speaker Sintel --limit 3
              mspd search dragon --where title.genre=fantasy --where title.year=2000..2010
              mspd search dragon --by-title --per 2
              mspd search --title film -- "-We must go."
              mspd search "the gatekeepers" --context 2
              mspd search dragon --sort time --limit 100000 --format tsv > every-dragon.tsv
              mspd search --like film@00:00:41:10 --not-title film --sheet alike.png
              mspd search --like still.png --min-score 0.95 --limit 1000 --format tsv
              mspd search --title film --track shots --sheet shots.png
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, tsv, json
    }

    @Argument(help: "What to search for.")
    var query: [String] = []
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Find what looks alike: a place such as film@00:00:41:10 (several with commas, also "
                + "film@TIME*2 and -film@TIME), or the file of a picture or a clip.",
            valueName: "place"))
    var like: String?
    @Option(help: "Not in these titles, separated by commas.")
    var notTitle: String?
    @Option(help: "Only what is so much alike at least, up to 1; with --like.")
    var minScore: Double?
    @Option(help: "Write a PNG with a picture of each result.")
    var sheet: String?
    @Option(help: "Only in these titles, separated by commas.")
    var title: String?
    @Option(
        help: ArgumentHelp(
            "The tracks to search, separated by commas; a name includes its languages. By default "
                + "dialogue, and shots with --like."))
    var track: String?
    @Option(help: "Only lines of this speaker, by the whole name, commas included.")
    var speaker: String?
    @Option(
        name: .customLong("where"),
        help: """
            Only lines with this attribute, such as speaker=Ann,Bob for either, or whose title has
            it, such as title.genre=fantasy; may be given again.
            """)
    var conditions: [String] = []
    @Option(help: "Whether any word must occur (any), all (all), or so many at least (2).")
    var match: String?
    @Option(name: .customLong("in"), help: "Only from this time on, such as 00:10:00.")
    var start: String?
    @Option(name: .customLong("out"), help: "Only up to this time.")
    var end: String?
    @Option(help: "How far the cues may be apart that a phrase goes over, such as 2s; or none.")
    var gap: String?
    @Option(help: "Order by score or by time.")
    var sort: String?
    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "Most lines to show, or titles with --by-title; 10 by default, and without words a "
                + "title's first 1000, or 200 with --sheet.", valueName: "limit"))
    var limitGiven: Int?
    @Option(help: "How many of the best lines, or titles, to leave out.")
    var offset = 0
    @Flag(help: "Title by title, each with its best lines.")
    var byTitle = false
    @Option(help: "Most lines of each title.")
    var per: Int?
    @Option(help: "Lines to show before and after each one found, up to 10.")
    var context: Int?
    @Flag(
        help: ArgumentHelp(
            "Show lines that repeat the one before, and what looks nearly the same, too, as tsv "
                + "and json always do."))
    var repeats = false
    @Option(help: "How to show them: \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = Format.table
    @OptionGroup var client: ClientOptions

    /// Whether all lines of titles are wanted, in their order.
    private var isListing: Bool { like == nil && query.isEmpty }

    /// Rows to show, or titles.
    var limit: Int {
        let listed = sheet == nil ? 1_000 : ContactSheet.tilesMax
        return limitGiven ?? (isListing ? listed : 10)
    }

    /// Whether nothing is left out that repeats something else: scripts want all there is.
    var showsAll: Bool { repeats || format != .table }

    func validate() throws {
        if like == nil, query.isEmpty, title == nil {
            throw ValidationError(
                "Say what to search for, or --like what it looks, or with --title whose lines.")
        }
        if like != nil, !query.isEmpty {
            throw ValidationError("--like takes the place of words.")
        }
        try validateLike()
        if minScore != nil, like == nil { throw ValidationError("--min-score needs --like.") }
        if sheet != nil, format != .table {
            throw ValidationError("--sheet goes with the table; leave out --format.")
        }
    }

    func run() throws {
        let connection = try client.connect()
        defer { connection.close() }
        if format == .json { _ = try connection.ask(Array("SET format=json\n".utf8)) }
        switch format {
        case .table: try showTable(connection)
        case .tsv, .json: try showRows(connection)
        }
    }

    /// The arguments of the program with what was pasted into a search and begins with a dash, as
    /// lines of subtitles do, behind all options: what has a space in it is none.
    static func textBehindOptions(_ arguments: [String]) -> [String] {
        let all = Array(arguments.dropFirst())
        guard all.first == "search", !all.contains("--") else {
            return all
        }
        let texts = all.filter { argument in
            guard let space = argument.firstIndex(of: " ") else { return false }
            return argument.hasPrefix("-") && !argument[..<space].contains("=")
        }
        return texts.isEmpty ? all : all.filter { !texts.contains($0) } + ["--"] + texts
    }

    /// The rows that a title may have; 1 where they are not shown by title.
    private var rowsPerTitle: Int { per ?? (byTitle ? 3 : 1) }

    /// The request for the first page, or the next ones, which `cursor` asks for.
    private func request(_ limit: Int, _ cursor: String?) throws(Failure) -> [UInt8] {
        if let like { return try similarRequest(like, limit) }
        var line = RequestLine("SEARCH")
        line.word(try RequestLine.name(track ?? "dialogue", "--track"))
        if !isListing { line.key("q", literal: Array(query.joined(separator: " ").utf8)) }
        let keys = [
            ("title", title), ("not_title", notTitle), ("match", match), ("in", start),
            ("out", end), ("gap", gap), ("sort", sort ?? (isListing ? "time" : nil)),
            ("limit", "\(limit)"),
            ("cursor", cursor), ("thumb", sheet == nil ? nil : "1"),
            ("offset", cursor == nil ? "\(offset)" : nil),
            ("group", byTitle || per != nil ? "title" : nil), ("per", per.map { "\($0)" }),
            ("context", context.map { "\($0)" }), ("fold", showsAll ? "0" : nil),
            ("highlight", format == .table ? "1" : "0"),
        ]
        for (name, value) in keys {
            if let value { line.key(name, literal: Array(value.utf8)) }
        }
        if let speaker { line.key("speaker", quoted: speaker) }
        try addConditions(to: &line)
        return line.line
    }

    /// Asks for rows with what --where says.
    func addConditions(to line: inout RequestLine) throws(Failure) {
        for condition in conditions {
            guard let mark = condition.firstIndex(of: "="), mark > condition.startIndex else {
                throw Failure(
                    .usage, "mspd: --where \(condition) is not of the form ATTRIBUTE=VALUE")
            }
            let name = try RequestLine.name(String(condition[..<mark]), "--where")
            line.key(name, literal: Array(condition[condition.index(after: mark)...].utf8))
        }
    }

    private func showTable(_ connection: Client) throws {
        var pages = SearchPages(limit, per: rowsPerTitle)
        var reply = try connection.ask(request(pages.next, nil))
        var rows = reply.rows
        pages.add(reply.fields)
        while let cursor = pages.cursor {
            reply = try connection.ask(request(pages.next, cursor))
            rows += reply.rows
            pages.add(reply.fields)
        }
        guard !pages.areEmpty else {
            warn(reply.fields["damaged"])
            throw nothingFound(meant: reply.fields["did_you_mean"])
        }
        if let sheet { try SheetWriter(connection).write(rows, to: sheet) }
        let table = ResultTable(
            rows.map { row in { row[$0] } }, last: like == nil ? "text" : "score")
        if !rows.isEmpty { Terminal.write(table.text(colour: Terminal.wantsColour())) }
        let hits = pages.hits.map { "\($0) found, " } ?? ""
        warn(reply.fields["damaged"])
        Terminal.error("\(hits)\(pages.summary), \(reply.fields["ms"] ?? "?") ms")
    }

    /// Says which tracks an answer is without.
    private func warn(_ damaged: String?) {
        guard let damaged else { return }
        Terminal.error(
            "mspd: the answer is without what is damaged: \(damaged); `mspd verify` on the data "
                + "folder says where")
    }

    /// Passes rows on as the server wrote them, without the mark before each.
    private func showRows(_ connection: Client) throws {
        var pages = SearchPages(limit, per: rowsPerTitle)
        try showPage(connection, request(pages.next, nil), &pages)
        while let cursor = pages.cursor {
            try showPage(connection, request(pages.next, cursor), &pages)
        }
        if pages.areEmpty {
            throw nothingFound(meant: pages.meant)
        }
    }

    private func showPage(
        _ connection: Client, _ line: [UInt8], _ pages: inout SearchPages
    ) throws {
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
                    guard let fields = ClientReply(lines: [reply])?.fields else { return }
                    warn(fields["damaged"])
                    pages.add(fields)
                    return
                }
                Terminal.write(Array(reply.dropFirst(2)) + [10])
            }
        } catch let error as NetError { throw Failure(error) }
    }

    private func nothingFound(meant: String?) -> Failure {
        let hint = meant.map { "; did you mean '\(asTyped($0))'?" } ?? ""
        let wanted = like ?? (isListing ? title ?? "" : query.joined(separator: " "))
        return Failure(
            .nothingFound, Terminal.harmless("nothing found for '\(wanted)'\(hint)"))
    }
}
