// How the answer of a search is cut and laid out: which of the hits it shows, in which groups and
// with what around them. What is found is the query's business (Gateway+Reads).

/// The keys of SEARCH that say what becomes of the hits.
struct SearchShape {
    /// Lines of context on each side of a hit at most.
    static let contextMax = 10
    /// The best hits of a title that a group shows at most.
    static let perMax = 100
    /// Rows of all groups of an answer at most.
    static let groupedMax = 5_000

    /// Rows, or groups where there are groups, that are shown at most.
    let limit: Int
    /// How many of them are left out before.
    let offset: Int
    let isGrouped: Bool
    /// Rows of a group at most.
    let per: Int
    /// Lines of its lane that are shown before and after each hit.
    let context: Int
    /// Whether rows that say nearly the same are shown as one.
    let folds: Bool
    let highlights: Bool
    let sortsByTime: Bool
    let cursor: String?
    /// Seconds after which what was found by then is the answer; nil for no bound.
    let deadline: Double?

    init(_ arguments: Arguments, _ settings: ConversationSettings) throws(GatewayError) {
        limit = try arguments.integer("limit", 0...Gateway.limitMax, default: 10)
        offset = try arguments.integer("offset", 0...Gateway.offsetMax, default: 0)
        let group = try arguments.string("group")
        if let group, group != "title" {
            throw GatewayError(
                "SYNTAX.value", "group=\(group.prefix(32)) is not known; group=title is")
        }
        isGrouped = group != nil
        if !isGrouped, arguments.bytes("per") != nil {
            throw GatewayError("SYNTAX.key", "per= says how many rows a group has: add group=title")
        }
        per = try arguments.integer("per", 1...Self.perMax, default: 3)
        guard !isGrouped || limit * per <= Self.groupedMax else {
            throw GatewayError(
                "SYNTAX.value",
                "limit=\(limit) groups of per=\(per) rows are more than \(Self.groupedMax) rows; "
                    + "ask for fewer, and go on with the cursor")
        }
        context = try arguments.integer("context", 0...Self.contextMax, default: 0)
        folds = try arguments.integer("fold", 0...1, default: 1) == 1
        highlights = try arguments.integer("highlight", 0...1, default: 0) == 1
        sortsByTime = try arguments.choice("sort", ["score", "time"], default: "score") == "time"
        cursor = try arguments.string("cursor")
        if cursor != nil, arguments.bytes("offset") != nil {
            throw GatewayError(
                "SYNTAX.key", "offset= does not go with cursor=, which knows its place")
        }
        deadline =
            arguments.bytes("deadline") == nil
            ? settings.deadline : try Self.deadline(arguments)
    }

    /// The seconds that `deadline=` asks for; nil for `off`.
    static func deadline(_ arguments: Arguments) throws(GatewayError) -> Double? {
        guard let text = try arguments.string("deadline"), text != "off" else { return nil }
        return Double(try Title(name: "").time(text, "deadline")) / 1e9
    }
}

extension Arguments {
    /// What a search asks for, whichever page of it: two requests with the same identity go through
    /// the same list.
    var searchIdentity: [UInt8] {
        let others: Set = [
            "q", "cursor", "limit", "offset", "context", "highlight", "deadline", "req",
        ]
        var parts = [words.first ?? [], bytes("q") ?? text ?? []]
        for key in keys.sorted(by: { $0.name < $1.name }) where !others.contains(key.name) {
            parts += [Array(key.name.utf8), key.value]
        }
        return parts.reduce(into: []) { $0 += Array("\($1.count):".utf8) + $1 }
    }
}
