// `mspd bench`: measures this build in process, on the same files and with the same JSON as the
// scripts that measure other engines.

import ArgumentParser

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure indexing and searching on your own data.", subcommands: [BenchText.self])
}

struct BenchText: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "Index a corpus and time each class of queries.",
        discussion: """
            CORPUS.tsv has a line for each row: id, title, start and end in milliseconds, speaker,
            text. QUERIES.json has a list of queries for each class: strings, or lists of words.
            Words are maximal runs of letters and digits. OUT.json gets times in microseconds, top
            10, one query at a time, and the ids of the best 10 for each query.

            EXAMPLES
              mspd bench text dlg.tsv dlg.queries.json out.json
            """)

    @Argument(help: "The corpus.") var corpus: String
    @Argument(help: "The queries.") var queries: String
    @Argument(help: "Where the figures go; the index is kept beside it.") var output: String

    func run() throws {
        let queries = try QueryFile.read(self.queries)
        let bench = try TextBench(corpus, index: output + ".index")
        defer { bench.close() }
        try Files.write(try bench.run(queries), to: output)
    }
}
