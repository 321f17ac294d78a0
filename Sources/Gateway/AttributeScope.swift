// What a search asks of the attributes of rows: values of keywords, and ranges of numbers. A name
// may be a keyword in one track and a number in another; each track is asked in its own way, and
// one that has no such attribute has nothing to be found.

import Segments
import TextIndex

/// The attributes that rows must have, by track.
struct AttributeScope {
    /// One key of a request.
    private struct Wanted {
        let name: String
        /// Terms, one of which a row must hold where the attribute is a keyword.
        let terms: [[UInt8]]
        /// What the number must lie in where it is a number; none where the value is no number.
        let ranges: [ClosedRange<Double>]
    }

    private let wanted: [Wanted]

    /// Takes the keys of a request that are attributes of its tracks.
    init(_ arguments: Arguments, _ tracks: [Track], _ analyzer: Analyzer) throws(GatewayError) {
        var wanted: [Wanted] = []
        let own = ["SEARCH", "SIMILAR"].reduce(into: Set<String>()) { keys, verb in
            keys.formUnion(Verb.named(verb)?.keys ?? [])
        }
        for key in arguments.keys
        where !own.contains(key.name) && !key.name.hasPrefix(TitleScope.prefix) {
            let types = tracks.compactMap { $0.field(key.name)?.type }
            try Self.check(key.name, types)
            let text = try utf8(key.value, key.name)
            guard text.utf8.count(where: { $0 == UInt8(ascii: ",") }) < QueryReader.valuesMax else {
                throw GatewayError(
                    "SYNTAX.value", "\(key.name) takes \(QueryReader.valuesMax) values at most")
            }
            let ranges = text.split(separator: ",").map { NumberRange.read($0) }
            let areRanges = !ranges.isEmpty && ranges.allSatisfy { $0 != nil }
            guard areRanges || types.contains(.keyword) else {
                throw GatewayError(
                    "SYNTAX.value",
                    "\(key.name)=\(text.prefix(64)) is neither a number nor a range of numbers; "
                        + "write 0.8, 0.5..0.9, 0.8.. or ..0.3")
            }
            let terms = key.value.split(separator: UInt8(ascii: ",")).map { value in
                TermKey.attribute(Array(key.name.utf8), analyzer.fold(Array(value)))
            }
            wanted.append(
                Wanted(
                    name: key.name, terms: terms, ranges: areRanges ? ranges.compactMap { $0 } : [])
            )
        }
        self.wanted = wanted
    }

    private static func check(_ name: String, _ types: [AttributeType]) throws(GatewayError) {
        guard let first = types.first else {
            throw GatewayError(
                "SYNTAX.key", "no track searched has an attribute '\(name.prefix(64))'")
        }
        guard types.contains(where: { [.keyword, .number].contains($0) }) else {
            throw GatewayError(
                "SYNTAX.key",
                "'\(name)' is of type \(Track.typeName(first)), and only keywords and numbers can "
                    + "be asked for")
        }
    }

    /// The terms, one of each list, that rows of a track must hold.
    func filters(_ track: Track) -> [[[UInt8]]] {
        wanted.compactMap { wanted in
            switch track.field(wanted.name)?.type {
            case .keyword: return wanted.terms
            case .number where !wanted.ranges.isEmpty: return nil
            default: return []
            }
        }
    }

    /// The numbers that rows of a track must have.
    func numbers(_ track: Track) -> [NumberCondition] {
        wanted.compactMap { wanted in
            guard track.field(wanted.name)?.type == .number, !wanted.ranges.isEmpty else {
                return nil
            }
            return NumberCondition(name: Array(wanted.name.utf8), ranges: wanted.ranges)
        }
    }
}
