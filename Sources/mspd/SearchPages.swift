// A search for more rows than one answer may have goes on page by page, by the cursor that each
// page ends with: all pages are of one state of the data.

import Net

/// How far a search has come.
struct SearchPages {
    /// Rows or titles of one page at most.
    private static let pageMax = 1_000
    /// Rows of all titles of one page at most.
    private static let groupedMax = 5_000

    /// Rows so far.
    private(set) var rows = 0
    /// How many hits there are, with a `+` where more are than were counted.
    private(set) var hits: String?
    /// What the server takes the query for, when it finds nothing.
    private(set) var meant: String?
    private var groups: Int?
    private var left: Int
    private var following: String?

    private let most: Int

    /// So many rows are wanted or, with so many rows `per` title at most, titles.
    init(_ limit: Int, per: Int = 1) {
        left = limit
        most = min(Self.pageMax, max(Self.groupedMax / max(per, 1), 1))
    }

    /// The limit to ask the next page for.
    var next: Int { min(left, most) }

    /// What to ask for the next page with; nil when there is none, or enough is there.
    var cursor: String? { left > 0 ? following : nil }

    /// Whether nothing was found; who asks for no rows may still learn how many there are.
    var areEmpty: Bool { rows == 0 && (hits ?? "0") == "0" }

    /// How much is shown, in words.
    var summary: String {
        "\(rows) shown" + (groups.map { " in \($0) \($0 == 1 ? "title" : "titles")" } ?? "")
    }

    /// Takes the fields of the line that ends a page.
    mutating func add(_ fields: ClientReply.Row) {
        let shown = fields["shown"].flatMap { Int($0) } ?? 0
        rows += shown
        if let count = fields["groups"].flatMap({ Int($0) }) { groups = (groups ?? 0) + count }
        left -= fields["groups"].flatMap { Int($0) } ?? shown
        hits = fields["hits"]
        following = fields["cursor"]
        meant = fields["did_you_mean"]
    }
}
