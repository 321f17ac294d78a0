// What a person typed into a search box as a tree, in no language yet: which words stand alone,
// which in quotes or parentheses, and what signs say of them. Nothing typed is an error: a quote,
// parenthesis or operator that cannot be one is text. docs/PROTOCOL.md has the language.
//
//     list     = either+
//     either   = both ("|" both)*
//     both     = item ("&" item)*
//     item     = ["+" | "-"] (word | "phrase"[~N] | name:value | "(" list ")") [^boost]

/// A typed query, read.
package struct QuerySyntax: Sendable, Equatable {
    /// What is looked for.
    package indirect enum Node: Sendable, Equatable {
        case word([UInt8])
        /// `=word`: the form as it is.
        case exact([UInt8])
        /// `pre*`
        case prefix([UInt8])
        /// `word~` or `word~N`; nil when the edits follow from the length.
        case fuzzy([UInt8], edits: Int?)
        case phrase([UInt8], slop: Int)
        /// `name:value`, which is text where `name` is no attribute.
        case field(name: [UInt8], value: [UInt8], isQuoted: Bool)
        /// What stands side by side.
        case list([Item])
        case both([Item])
        case either([Item])
    }

    /// What a sign before an item says.
    package enum Sign: Sendable, Equatable { case none, must, mustNot }

    /// Something looked for, with its sign and boost.
    package struct Item: Sendable, Equatable {
        /// What the sign before it says.
        package var sign = Sign.none
        /// What is looked for.
        package var node: Node
        /// What its score is multiplied by.
        package var boost: Float = 1
    }

    /// Words, phrases and values of one query; further ones are dropped.
    package static let leavesMax = 256
    /// Parentheses inside each other; deeper ones are passed over.
    package static let depthMax = 16
    /// The largest `~N` of a phrase; more is as good as this.
    package static let slopMax = 32
    /// The largest `^boost`; more is as good as this.
    package static let boostMax: Float = 1_000

    /// What stands side by side at the outermost level.
    package private(set) var items: [Item]
    /// How many words, phrases and values were dropped.
    package let dropped: Int
    /// Where in what was typed words and phrases stand that may or must be found as they are.
    package let spoken: [Range<Int>]

    /// Reads what was typed.
    package init(_ text: [UInt8]) {
        var tokens: [QueryTokens.Token]
        (tokens, spoken, dropped) = QueryTokens.read(text, leaves: Self.leavesMax)
        QueryTokens.matchParentheses(&tokens, depth: Self.depthMax)
        var parser = Parser(tokens: tokens)
        items = parser.list()
    }

    /// Titles that are named at the outermost level of a query.
    package struct Titles: Sendable, Equatable {
        /// `title:NAME`: those that it is kept to; nil when there is none.
        package var wanted: [[UInt8]]?
        /// `-title:NAME`: those that are left out.
        package var unwanted: [[UInt8]] = []
    }

    /// Takes out the titles that are named at the outermost level.
    package mutating func takeTitles() -> Titles {
        var titles = Titles()
        items.removeAll { item in
            guard case .field(let name, let value, let isQuoted) = item.node,
                name == Array("title".utf8)
            else { return false }
            let values = isQuoted ? [value[...]] : value.split(separator: UInt8(ascii: ","))
            let names = values.map { Array($0) }
            if item.sign == .mustNot {
                titles.unwanted += names
            } else {
                titles.wanted = (titles.wanted ?? []) + names
            }
            return true
        }
        return titles
    }

    /// The first `name:value` at the outermost level whose name passes, as it was written.
    package func field(where isMeant: (String) -> Bool) -> (name: String, value: String)? {
        for item in items {
            guard case .field(let name, let value, _) = item.node else { continue }
            let text = String(decoding: name, as: UTF8.self)
            if isMeant(text) { return (text, String(decoding: value, as: UTF8.self)) }
        }
        return nil
    }

    /// Descends no deeper than matched parentheses do.
    private struct Parser {
        let tokens: [QueryTokens.Token]
        var next = 0

        /// Reads up to the end, or to a closing parenthesis, which it leaves.
        mutating func list() -> [Item] {
            var items: [Item] = []
            while next < tokens.count {
                if case .close = tokens[next] { break }
                if let item = either() { items.append(item) }
            }
            return items
        }

        private mutating func either() -> Item? {
            joined(by: .either, { parser in parser.both() }, { .either($0) })
        }

        private mutating func both() -> Item? {
            joined(by: .both, { parser in parser.item() }, { .both($0) })
        }

        /// Operands with an operator between them; an operator without its operands is passed over.
        private mutating func joined(
            by mark: QueryTokens.Token, _ operand: (inout Parser) -> Item?,
            _ join: ([Item]) -> Node
        ) -> Item? {
            var operands: [Item] = []
            if let first = operand(&self) { operands.append(first) }
            while next < tokens.count, tokens[next] == mark {
                next += 1
                if let further = operand(&self) { operands.append(further) }
            }
            guard operands.count > 1 else { return operands.first }
            return Item(node: join(operands))
        }

        /// Nil, having read nothing, at an operator or at the end; nil after a sign without item.
        private mutating func item() -> Item? {
            var sign = Sign.none
            while next < tokens.count {
                switch tokens[next] {
                case .must: sign = .must
                case .mustNot: sign = .mustNot
                case .leaf(let node, let boost):
                    next += 1
                    return Item(sign: sign, node: node, boost: boost)
                case .open:
                    next += 1
                    return group(sign)
                case .both, .either, .close: return nil
                }
                next += 1
            }
            return nil
        }

        private mutating func group(_ sign: Sign) -> Item? {
            let inner = list()
            var boost: Float = 1
            if next < tokens.count, case .close(let ofGroup) = tokens[next] {
                boost = ofGroup
                next += 1
            }
            guard !inner.isEmpty else { return nil }
            return Item(sign: sign, node: .list(inner), boost: boost)
        }
    }
}
