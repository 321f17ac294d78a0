// EXPLAIN: how a query was read in each track, one row for each node of its tree, and for each hit
// what every leaf of the tree adds to its score.

import Segments
import TextIndex

extension Gateway {
    func explain(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> Answer {
        guard try arguments.word(0, "SEARCH").uppercased() == "SEARCH" else {
            throw GatewayError("SYNTAX.word", "EXPLAIN is followed by SEARCH and what it takes")
        }
        var inner = arguments
        inner.words.removeFirst()
        let (view, catalog) = try current()
        let tracks = try catalog.tracks(named: try inner.word(0, "the track"))
        var (request, queries) = try readRequest(inner, tracks, catalog)
        request.limit = try inner.integer("limit", 0...Self.limitMax, default: 10)
        let sort = try inner.choice("sort", ["score", "time"], default: "score")
        if sort == "time" { request.order = .timeline }
        try checkSound(tracks, view)
        var rows: [[AnswerField]] = []
        var hits: [(hit: ExplainedHit, track: Track, nodes: [String])] = []
        for track in tracks {
            let explained: Explanation?
            do { explained = try view.explain(track.id, request) } catch {
                throw GatewayError(error)
            }
            guard let explained, let query = queries[track.id] else { continue }
            var tree = ExplainedTree(track.name, explained)
            tree.readRoot(query)
            tree.read(request.numbers[track.id] ?? [])
            tree.read(request.boxes[track.id] ?? [])
            if let titles = request.titles { tree.read(titles, areWanted: true) }
            let unwanted = request.exceptTitles.sorted { $0.lexicographicallyPrecedes($1) }
            if !unwanted.isEmpty { tree.read(unwanted, areWanted: false) }
            rows += tree.rows
            hits += explained.hits.map { ($0, track, tree.leafNodes) }
        }
        hits.sort { $0.hit.hit.precedes($1.hit.hit) }
        hits.removeSubrange(min(request.limit, hits.count)...)
        for (place, found) in hits.enumerated() {
            let number = AnswerField("hit", place + 1)
            rows.append(
                [number, Self.exact("score", found.hit.hit.score)]
                    + row(found.hit.hit, found.track, catalog, settings, nil)
                    + [AnswerField("length", found.hit.length)])
            for part in found.hit.parts where part.leaf >= 0 {
                let crosses = part.crosses ? [AnswerField("crosses", 1)] : []
                rows.append(
                    [
                        number, AnswerField("node", found.nodes[part.leaf]),
                        AnswerField("tf", Int(part.frequency)), Self.exact("adds", part.impact),
                    ] + crosses)
            }
        }
        return .rows(rows, summary: [AnswerField("shown", hits.count)])
    }

    /// A score as it is: enough digits to add up.
    fileprivate static func exact(_ name: String, _ score: Float) -> AnswerField {
        AnswerField(name, .number(Double(score), decimals: 6))
    }
}

/// The rows that show a query's tree in one track.
private struct ExplainedTree {
    private let track: String
    private let explained: Explanation
    private(set) var rows: [[AnswerField]] = []
    /// The node of each leaf: `2.1` is the first part of the second.
    private(set) var leafNodes: [String] = []

    init(_ track: String, _ explained: Explanation) {
        self.track = track
        self.explained = explained
    }

    mutating func readRoot(_ query: ReadQuery) {
        var root = [
            AnswerField("track", track),
            AnswerField("documents", Int(explained.documents)),
            Gateway.exact("average_length", explained.averageLength),
        ]
        if let count = explained.query.atLeast { root.append(AnswerField("at_least", count)) }
        if query.dropped > 0 { root.append(AnswerField("dropped", query.dropped)) }
        if !explained.ignored.isEmpty {
            let words = Self.distinct(explained.ignored)
            root.append(AnswerField("ignored", words.joined(separator: " ")))
        }
        if query.synonymsDropped > 0 {
            root.append(AnswerField("synonyms_dropped", query.synonymsDropped))
        }
        rows.append(root)
        read(explained.query.clauses, below: "")
        for filter in explained.query.filters {
            rows.append([
                AnswerField("track", track), AnswerField("asks", "filter"),
                AnswerField("finds", "value"), Self.terms(filter),
            ])
        }
    }

    /// Adds the conditions on numbers, below all else.
    mutating func read(_ conditions: [NumberCondition]) {
        for condition in conditions {
            rows.append(
                filter("number", condition.name, condition.ranges.map(NumberRange.text)))
        }
    }

    /// Adds the conditions on boxes, below all else.
    mutating func read(_ conditions: [BoxCondition]) {
        for condition in conditions {
            let area = condition.area
            let edges = [area.x, area.y, area.width, area.height].map { "\($0)" }
            var row = filter("box", condition.name, edges)
            if condition.likeness > 0 {
                row.append(AnswerField("iou", .number(condition.likeness, decimals: 2)))
            }
            if condition.share > 0 {
                row.append(AnswerField("inside", .number(condition.share, decimals: 2)))
            }
            rows.append(row)
        }
    }

    /// Titles that are shown.
    private static let titlesShown = 8

    /// Adds the titles that the search is kept to, or that it leaves out, below all else.
    mutating func read(_ titles: [[UInt8]], areWanted: Bool) {
        let names = titles.prefix(Self.titlesShown).map { String(decoding: $0, as: UTF8.self) }
        rows.append(
            filter(
                "titles", Array("title".utf8), names, asks: areWanted ? .filter : .mustNot)
                + [AnswerField("titles", titles.count)])
    }

    /// What there is to say of any condition on an attribute.
    private func filter(
        _ kind: String, _ name: [UInt8], _ values: [String],
        asks occurrence: TextQuery.Occurrence = .filter
    ) -> [AnswerField] {
        let terms = String(decoding: name, as: UTF8.self) + ":" + values.joined(separator: ",")
        return [
            AnswerField("track", track), AnswerField("asks", Self.name(occurrence)),
            AnswerField("finds", kind), AnswerField("terms", terms),
        ]
    }

    private mutating func read(_ clauses: [TextQuery.Clause], below parent: String) {
        for (place, clause) in clauses.enumerated() {
            let node = parent.isEmpty ? "\(place + 1)" : "\(parent).\(place + 1)"
            var row = [
                AnswerField("track", track), AnswerField("node", node),
                AnswerField("asks", Self.name(clause.occurrence)),
            ]
            if case .group(let inner, _) = clause.content {
                row.append(AnswerField("finds", "group"))
                row += Self.boost(clause)
                rows.append(row)
                read(inner, below: node)
                continue
            }
            row += finds(clause.content)
            if clause.isSynonym { row.append(AnswerField("synonym", 1)) }
            row += Self.boost(clause) + weight(leafNodes.count)
            rows.append(row)
            leafNodes.append(node)
        }
    }

    private func finds(_ content: TextQuery.Content) -> [AnswerField] {
        switch content {
        case .terms(let terms, let slop):
            let isStem = terms.first?.first == TermKind.stem.rawValue
            let kind = isStem ? "stem" : terms.count == 1 ? "word" : "phrase"
            return [AnswerField("finds", kind), Self.terms(terms)]
                + (slop > 0 ? [AnswerField("slop", slop)] : [])
        case .expanded(let expansion):
            var fields = [
                AnswerField("finds", expansion.edits == nil ? "prefix" : "fuzzy"),
                Self.terms([expansion.term]),
            ]
            if let edits = expansion.edits { fields.append(AnswerField("edits", edits)) }
            fields.append(AnswerField("words", expansion.words.count))
            fields.append(AnswerField("words_found", expansion.found))
            let best = expansion.words.sorted {
                ($0.distance, $1.documentFrequency) < ($1.distance, $0.documentFrequency)
            }.prefix(Self.wordsShown)
            let list = best.map { "\(Self.text($0.term)):\($0.documentFrequency)" }
            return fields + [AnswerField("first", list.joined(separator: " "))]
        case .anyOf(let terms): return [AnswerField("finds", "value"), Self.terms(terms)]
        case .ending, .prefix, .fuzzy, .group: return []
        }
    }

    /// A word and its stem are often the same.
    private static func distinct(_ terms: [[UInt8]]) -> [String] {
        var seen: Set<String> = []
        return terms.map(text).filter { seen.insert($0).inserted }
    }

    /// Words of an expansion that are shown with their document frequencies.
    private static let wordsShown = 8

    private func weight(_ leaf: Int) -> [AnswerField] {
        guard leaf < explained.documentFrequencies.count else { return [] }
        let frequencies = explained.documentFrequencies[leaf]
        guard !frequencies.isEmpty else { return [] }
        return [
            AnswerField("df", frequencies.map(String.init).joined(separator: " ")),
            Gateway.exact("idf", explained.weights[leaf]),
        ]
    }

    private static func boost(_ clause: TextQuery.Clause) -> [AnswerField] {
        clause.boost == 1 ? [] : [Gateway.exact("boost", clause.boost)]
    }

    private static func name(_ occurrence: TextQuery.Occurrence) -> String {
        switch occurrence {
        case .should: return "may"
        case .must: return "must"
        case .mustNot: return "must_not"
        case .filter: return "filter"
        }
    }

    private static func terms(_ terms: [[UInt8]]) -> AnswerField {
        AnswerField("terms", terms.map(text).joined(separator: " "))
    }

    /// A word, or `name:value`.
    private static func text(_ term: [UInt8]) -> String {
        let bytes = term.dropFirst().map { $0 == 0 ? UInt8(ascii: ":") : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
