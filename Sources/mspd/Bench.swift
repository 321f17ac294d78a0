// `mspd bench`: measures this build in process, on the same files and with the same JSON as the
// scripts that measure other engines.

import ArgumentParser

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure indexing and searching on your own data.",
        subcommands: [BenchText.self, BenchVectors.self, BenchServer.self])
}

struct BenchText: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "Index a corpus and time each class of queries.",
        discussion: """
            CORPUS.tsv has a line for each row: id, title, start and end in milliseconds, speaker,
            text. QUERIES.json has a list of queries for each class: strings, or lists of words.
            Words are maximal runs of letters and digits. OUT.json gets times in microseconds, top
            10, one query at a time, the ids of the best 10 for each query, and for how many queries
            these are not the best 10 of all that match.

            EXAMPLES
              mspd bench text dlg.tsv dlg.queries.json out.json
            """)

    @Argument(help: "The corpus.") var corpus: String
    @Argument(help: "The queries.") var queries: String
    @Argument(help: "Where the figures go; the index is kept beside it.") var output: String
    @Option(help: "Phrases may go over so many milliseconds between lines; none unless given.")
    var gap: Int64?

    func run() throws {
        let queries = try QueryFile.read(self.queries)
        let bench = try TextBench(corpus, index: output + ".index", gap: gap)
        defer { bench.close() }
        try Files.write(try bench.run(queries), to: output)
    }
}

struct BenchVectors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors",
        abstract: "Index vectors and find out how fast they are searched at which recall.",
        discussion: """
            FOLDER ends in the metric, -cos, -dot or -l2, and has base.npy (vectors as f16, f32,
            i8 or u8), query.npy and gt_ids.npy (for each query the numbers of its true neighbours,
            nearest first). OUT.json gets the seconds of building, bytes per vector, and for
            each setting the recall of the best 10 and queries per second on one thread, whose own
            processor time counts; and the same without and with a filter that leaves a half, a
            hundredth and a ten-thousandth of the vectors. What scores no less than the true tenth
            counts as found. OUT.json.ids.npy gets the answers of the fastest settings with a recall
            of 0.90, 0.95 and 0.99. Queries are asked one at a time; with --batch all are handed
            over together, which mspd answers one after the other, no faster.

            EXAMPLES
              mspd bench vectors glove50-cos out.json
            """)

    @Argument(help: "The folder with the vectors.") var folder: String
    @Argument(help: "Where the figures go.") var output: String
    @Flag(help: "Hand all queries over together.") var batch = false

    func run() throws {
        let bench = VectorBench(try VectorSet(folder), isBatch: batch)
        let (json, answers) = bench.run()
        try Files.write(json, to: output)
        try Files.write(answers, to: output + ".ids.npy")
    }
}

struct BenchServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Time durable writes, and searches while rows are loaded.",
        discussion: """
            Starts a server of its own on an empty folder beside OUT.json, and measures it through
            its socket: single rows acknowledged on many connections, each with some on their way;
            then searches with half of the rows there and nothing else happening; then searches
            while the other half is loaded; then searches a second over TCP on many connections,
            each of which asks again when it has its answer. ROWS.ndjson is what `mspd import`
            takes, QUERIES.json as for `mspd bench text`. Times are microseconds.

            EXAMPLES
              mspd bench server dlg.ndjson dlg.queries.json out.json
              mspd bench server dlg.ndjson dlg.queries.json out.json --connections 8 --depth 1
              mspd bench server dlg.ndjson dlg.queries.json out.json --class quote5
            """)

    @Argument(help: "The rows.") var rows: String
    @Argument(help: "The queries.") var queries: String
    @Argument(help: "Where the figures go; the server's data is kept beside it.") var output: String
    @Option(help: "Connections that write at once.") var connections = 64
    @Option(help: "Rows that each of them has on their way.") var depth = 16
    @Option(help: "Connections that search at once.") var searchers = 16
    @Option(
        name: .customLong("class"), help: "Search for one class of queries; for all if not given.")
    var oneClass: String?
    @Option(help: "How long to write, and to search before loading.") var seconds = 10.0

    func validate() throws {
        let counts = [connections, depth, searchers]
        guard counts.allSatisfy((1...10_000).contains), seconds > 0 else {
            throw ValidationError(
                "--connections, --depth and --searchers are 1 to 10000, "
                    + "--seconds is more than 0.")
        }
    }

    func run() throws {
        let rows = try Files.read(self.rows)
        var queries: [String] = []
        for (name, list) in try QueryFile.read(self.queries) {
            guard oneClass == nil || oneClass == name, let read = QueryClass(name)
            else { continue }
            queries += list.map { read.typed($0) }
        }
        guard !queries.isEmpty else {
            throw Failure(.usage, "mspd: \(self.queries) has no queries of a known class")
        }
        // Classes mixed, the same way each time.
        queries = queries.indices.map { queries[$0 * 7_919 % queries.count] }
        let data = output + ".data"
        guard !Files.exists(data) else {
            throw Failure(.usage, "mspd: \(data) is there already; remove it, or name another OUT")
        }
        let server = try ServerChild(data: data, socket: output + ".sock")
        defer { server.stop() }
        let bench = ServerBench(
            address: server.address, tcp: server.tcp, folder: data, connections: connections,
            depth: depth, seconds: seconds, searchers: searchers)
        try Files.write(try bench.run(rows, queries), to: output)
    }
}
