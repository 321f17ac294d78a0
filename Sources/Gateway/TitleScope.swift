// Which titles a search is kept to: those that `title=` names, those typed as `title:NAME`, and
// those whose attributes have the values that `title.NAME=` asks for. All of it must hold.

import TextIndex

/// The titles that a search may find rows of.
struct TitleScope {
    /// What a key that asks for titles' attributes begins with.
    static let prefix = "title."

    /// Their names; nil for all titles.
    let names: [[UInt8]]?
    /// The title, when `title=` names only one: its rate says what labels mean.
    let only: Title?

    /// `typed` are the names in the query, nil when there are none.
    init(
        _ arguments: Arguments, typed: [[UInt8]]?, _ catalog: Catalog, _ analyzer: Analyzer
    ) throws(GatewayError) {
        var titles: [Title]?
        if let list = try arguments.string("title") {
            var named: [Title] = []
            for name in list.split(separator: ",") { named.append(try catalog.title(String(name))) }
            titles = named
        }
        only = titles?.count == 1 ? titles?[0] : nil
        for key in arguments.keys where key.name.hasPrefix(Self.prefix) {
            let name = String(key.name.dropFirst(Self.prefix.count))
            try Self.check(name, catalog)
            let wanted = try TitleCondition(
                name, try utf8(key.value, key.name),
                isWhole: arguments.quoted.contains(key.name), analyzer)
            let candidates = titles ?? catalog.titles.values.sorted { $0.name < $1.name }
            titles = candidates.filter(wanted.holds)
        }
        let names = titles.map { $0.map { Array($0.name.utf8) } }
        guard let typed else {
            self.names = names
            return
        }
        self.names = names.map { $0.filter(typed.contains) } ?? typed
    }

    /// Throws when no title has an attribute.
    private static func check(_ name: String, _ catalog: Catalog) throws(GatewayError) {
        guard !catalog.titleAttributes.contains(name) else { return }
        let known = catalog.titleAttributes.sorted().prefix(8).joined(separator: ", ")
        throw GatewayError(
            "SYNTAX.key",
            "no title has an attribute '\(name.prefix(64))'"
                + (known.isEmpty ? "; TITLE SET gives titles some" : "; there are: \(known)"))
    }
}

/// What a title's attribute must be: one of several values, or a number in a range.
private struct TitleCondition {
    private enum Alternative {
        /// Folded.
        case value([UInt8])
        case range(ClosedRange<Double>)
    }

    private let name: String
    private let alternatives: [Alternative]
    private let analyzer: Analyzer

    /// Values stand between commas, unless the whole is one; `2000..2010`, `2000..` and `..2010`
    /// are ranges.
    init(
        _ name: String, _ list: String, isWhole: Bool, _ analyzer: Analyzer
    ) throws(GatewayError) {
        self.name = name
        self.analyzer = analyzer
        var alternatives: [Alternative] = []
        for value in isWhole ? [list[...]] : list.split(separator: ",") {
            guard value.contains(NumberRange.mark) else {
                alternatives.append(.value(analyzer.fold(Array(value.utf8))))
                continue
            }
            guard let range = NumberRange.read(value) else {
                throw GatewayError(
                    "SYNTAX.value",
                    "\(TitleScope.prefix)\(name)=\(value.prefix(64)) is no range of numbers; "
                        + "write 2000..2010, 2000.. or ..2010")
            }
            alternatives.append(.range(range))
        }
        self.alternatives = alternatives
    }

    func holds(_ title: Title) -> Bool {
        guard let value = title.attributes.first(where: { $0.name == name })?.value else {
            return false
        }
        let folded = analyzer.fold(Array(value.utf8))
        return alternatives.contains { alternative in
            switch alternative {
            case .value(let wanted): return wanted == folded
            case .range(let range): return Double(value).map(range.contains) ?? false
            }
        }
    }
}
