// The verbs: their names, usage, keys and how their requests may overlap. Front ends read this
// table to frame requests; HELP prints it.

/// What is known of a verb without carrying it out.
package struct Verb: Sendable {
    /// How requests of one connection may overlap.
    package enum Order: Sendable, Equatable {
        /// Answered without asking anyone.
        case constant(String)
        /// Waits for the requests before it.
        case ordered
        /// A write: several may be on their way to the disk at once.
        case overlapping
    }

    /// In upper case.
    package let name: String
    /// How a request is written.
    package let usage: String
    /// What it does, in a few words.
    package let summary: String
    /// Keys that the verb knows.
    package var keys: Set<String> = []
    /// Whether attributes may be keys, which the verb checks itself.
    package var openKeys = false
    /// The number of words before free text.
    package var freeTextAfterWords: Int?
    /// Whether its first word is a verb, by whose form the rest is read.
    package var wrapsVerb = false
    /// How its requests may overlap.
    package var order = Order.ordered
}

extension Verb {
    /// All verbs, in the order in which HELP shows them.
    package static let all: [Verb] = [
        Verb(
            name: "PING", usage: "PING", summary: "answers PONG", order: .constant("PONG")),
        Verb(
            name: "HELP", usage: "HELP [verb]", summary: "lists the verbs, or explains one"),
        Verb(
            name: "INFO", usage: "INFO", summary: "shows version, counts and bytes by component"),
        Verb(
            name: "SET",
            usage: "SET [format=tsv|json] [time=smpte|ms|s|frames] [deadline=TIME|off]",
            summary: "sets how this connection is answered", keys: ["format", "time", "deadline"]),
        Verb(
            name: "TITLE",
            usage: "TITLE SET name [fps=24] [start=01:00:00:00] [attribute=value ...] | "
                + "TITLE GET name | TITLE LIST | TITLE DROP name",
            summary: "keeps the catalog of titles", keys: ["req"], openKeys: true),
        Verb(
            name: "TRACK",
            usage: "TRACK CREATE name [text=en] [vector=384 metric=cosine encoder=NAME learn=0|1] "
                + "[attribute:type ...] | "
                + "TRACK ALTER name [attribute:type ...] [synonyms={n}] [encoder=NAME] "
                + "[learn=0|1] | "
                + "TRACK SYNONYMS name | TRACK LIST | TRACK DROP name "
                + "(types: keyword, number, text, box, blob)",
            summary: "keeps the tracks and their fields",
            keys: ["text", "vector", "metric", "encoder", "learn", "synonyms", "req"]),
        Verb(
            name: "ENCODER",
            usage: "ENCODER SET name command=FILE accepts=text,image,video,audio,annotations "
                + "[dim=384] [seconds=30] [memory=4096] [forks=0|1] | ENCODER GET name | "
                + "ENCODER LIST | ENCODER DROP name",
            summary: "keeps the programs that make vectors and rows",
            keys: ["command", "accepts", "dim", "seconds", "memory", "forks", "req"]),
        Verb(
            name: "ENRICH",
            usage: "ENRICH track [encoder=NAME] [from=TRACK] [title=A,B] [redo=0|1] | "
                + "ENRICH track auto=1 [encoder=NAME] [from=TRACK] | ENRICH track auto=0",
            summary: "has an encoder fill a track, now or whenever titles come",
            keys: ["encoder", "from", "title", "redo", "auto"]),
        Verb(
            name: "PUT",
            usage: "PUT track title in=TIME [out=TIME] [key=KEY] [text=...] [vec=...] "
                + "[attribute=value ...] [op=N] [req=TOKEN]",
            summary: "writes one annotation; the same key again replaces it",
            keys: ["in", "out", "key", "text", "vec", "op", "req"], openKeys: true,
            order: .overlapping),
        Verb(
            name: "DELETE", usage: "DELETE track title [key=KEY | source=FILE] [req=TOKEN]",
            summary: "deletes one annotation, those of a source, or the lane",
            keys: ["key", "source", "req"], order: .overlapping),
        Verb(
            name: "LOAD",
            usage: "LOAD track format=ndjson [title=NAME] [source=FILE] [create=0|1] [op=N] "
                + "[req=TOKEN] {n}",
            summary: "writes many rows at once, each a JSON object with PUT's names",
            keys: ["format", "title", "source", "create", "op", "req"], order: .overlapping),
        Verb(
            name: "BEGIN", usage: "BEGIN track title [source=FILE] [req=TOKEN]",
            summary: "opens an operation that replaces a lane, or what a source brought to it",
            keys: ["source", "req"]),
        Verb(
            name: "COMMIT", usage: "COMMIT op [req=TOKEN]",
            summary: "makes an operation count: its rows take the place of the old at once",
            keys: ["req"]),
        Verb(name: "ABORT", usage: "ABORT op", summary: "gives an operation up"),
        Verb(
            name: "ROLLBACK", usage: "ROLLBACK track title [req=TOKEN]",
            summary: "brings a lane back to what it was before the last COMMIT", keys: ["req"]),
        Verb(
            name: "SYNC", usage: "SYNC",
            summary: "answers when everything before it is durable and visible"),
        Verb(
            name: "SEARCH",
            usage: "SEARCH track[,track] words +must -not \"a phrase\" [title=A,B] "
                + "[not_title=C] [in=TIME] [out=TIME] [attribute=value] [title.attribute=value] "
                + "[match=any|all|N] [gap=2s|none] [sort=score|time] [group=title] [per=3] "
                + "[limit=10] [offset=0] [cursor=TOKEN] [context=0] [highlight=0|1] [fold=1|0] "
                + "[thumb=0|1] [deadline=TIME], or q={n} for the query",
            summary: "finds what was said, best first",
            keys: [
                "q", "title", "not_title", "in", "out", "match", "gap", "sort", "group", "per",
                "limit", "offset", "cursor", "context", "highlight", "fold", "thumb", "deadline",
            ], freeTextAfterWords: 1),
        Verb(
            name: "SIMILAR",
            usage: "SIMILAR track[,track] like=TITLE@TIME[*WEIGHT][,-TITLE@TIME ...] | "
                + "vec=[0.1,-0.2,...] | text=\"red car\" | image={n} | video={n} "
                + "[title=A,B] [not_title=C] [in=TIME] [out=TIME] "
                + "[attribute=value] [title.attribute=value] [limit=10] [offset=0] "
                + "[min_score=0.5] [distinct=none|shot|title] [recall=0.95] [exact=0|1] "
                + "[thumb=0|1] [deadline=TIME]",
            summary: "finds what is alike by its vectors, most alike first",
            keys: [
                "like", "vec", "text", "image", "video", "title", "not_title", "in", "out", "limit",
                "offset", "min_score",
                "distinct", "recall", "exact", "thumb", "deadline",
            ], openKeys: true),
        Verb(
            name: "COUNT",
            usage: "COUNT track[,track] [words] [title=A,B] [not_title=C] [in=TIME] [out=TIME] "
                + "[attribute=value] [title.attribute=value] [match=any|all|N] [gap=2s|none]",
            summary: "counts exactly what SEARCH would find",
            keys: ["q", "title", "not_title", "in", "out", "match", "gap"], freeTextAfterWords: 1),
        Verb(
            name: "SUGGEST",
            usage: "SUGGEST track[,track] text [limit=10], or q={n} for the text | "
                + "SUGGEST track[,track] attribute=text [limit=10]",
            summary: "completes the last word of what is being typed, or a value such as a speaker",
            keys: ["q", "limit"], freeTextAfterWords: 1),
        Verb(
            name: "EXPLAIN",
            usage: "EXPLAIN SEARCH track[,track] words ... (as in SEARCH), such as "
                + "EXPLAIN SEARCH dialogue \"go back\" ho* limit=3",
            summary: "shows how a query was read, and why each hit scores what it does",
            wrapsVerb: true),
        Verb(
            name: "CONTEXT", usage: "CONTEXT track title at=TIME [before=3] [after=3] [thumb=0|1]",
            summary: "shows the lines around a place", keys: ["at", "before", "after", "thumb"]),
        Verb(
            name: "GET", usage: "GET track title key=KEY [vec=0|1]",
            summary: "shows one annotation", keys: ["key", "vec"]),
        Verb(
            name: "SNAPSHOT",
            usage: "SNAPSHOT CREATE name | SNAPSHOT LIST | SNAPSHOT VERIFY name | "
                + "SNAPSHOT DROP name",
            summary: "keeps states of everything as they were, for backups"),
        Verb(
            name: "VERIFY", usage: "VERIFY [track[,track]]",
            summary: "reads every file and names all that is damaged"),
        Verb(
            name: "MERGE", usage: "MERGE track",
            summary: "brings a track's segments into one, without what was deleted"),
        Verb(name: "JOBS", usage: "JOBS", summary: "shows the work in the background"),
        Verb(name: "CANCEL", usage: "CANCEL job", summary: "ends a job that JOBS shows"),
        Verb(name: "QUIT", usage: "QUIT", summary: "says BYE and closes the connection"),
    ]

    /// The verb of a name in upper case.
    package static func named(_ name: String) -> Verb? { all.first { $0.name == name } }
}
