// What a search asks of the attributes of rows: values of keywords, ranges of numbers, and areas
// that boxes overlap. A name may be a keyword in one track and a number in another; each track is
// asked in its own way, and one that has no such attribute has nothing to be found.
//
// A box is asked for by the area that it overlaps, `NAME=x,y,width,height`. How well, two keys
// beside it say: `NAME.iou` (intersection over union) and `NAME.inside` (the share of the box that
// lies in the area), at least.

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
        /// What the box must overlap where it is a box; nil where the value is no area.
        let area: Box?
        /// How well, at least.
        let likeness: Double
        let share: Double
    }

    /// The ending of a key that says how much box and area are to be alike.
    private static let likenessEnding = ".iou"
    /// The ending of one that says how much of the box is to lie in the area.
    private static let shareEnding = ".inside"

    private let wanted: [Wanted]

    /// Takes the keys of a request that are attributes of its tracks.
    init(_ arguments: Arguments, _ tracks: [Track], _ analyzer: Analyzer) throws(GatewayError) {
        var wanted: [Wanted] = []
        let own = ["SEARCH", "SIMILAR"].reduce(into: Set<String>()) { keys, verb in
            keys.formUnion(Verb.named(verb)?.keys ?? [])
        }
        for key in arguments.keys
        where !own.contains(key.name) && !key.name.hasPrefix(TitleScope.prefix) {
            if let box = Self.box(key.name, tracks) {
                guard arguments.bytes(box) != nil else {
                    throw GatewayError(
                        "SYNTAX.missing", "\(key.name)= goes with \(box)=x,y,width,height")
                }
                continue
            }
            let types = tracks.compactMap { $0.field(key.name)?.type }
            try Self.check(key.name, types)
            let text = try utf8(key.value, key.name)
            guard text.utf8.count(where: { $0 == UInt8(ascii: ",") }) < QueryReader.valuesMax else {
                throw GatewayError(
                    "SYNTAX.value", "\(key.name) takes \(QueryReader.valuesMax) values at most")
            }
            let ranges = text.split(separator: ",").map { NumberRange.read($0) }
            let areRanges = !ranges.isEmpty && ranges.allSatisfy { $0 != nil }
            let area = types.contains(.box) ? AttributeText.area(key.value) : nil
            let isNumber = areRanges && types.contains(.number)
            guard isNumber || area != nil || types.contains(.keyword) else {
                throw types.contains(.box)
                    ? Self.noArea(key.name)
                    : GatewayError(
                        "SYNTAX.value",
                        "\(key.name)=\(text.prefix(64)) is neither a number nor a range of "
                            + "numbers; write 0.8, 0.5..0.9, 0.8.. or ..0.3")
            }
            let isWhole = arguments.quoted.contains(key.name)
            let values = isWhole ? [key.value[...]] : key.value.split(separator: UInt8(ascii: ","))
            let terms = values.map { value in
                TermKey.attribute(Array(key.name.utf8), analyzer.fold(Array(value)))
            }
            wanted.append(
                Wanted(
                    name: key.name, terms: terms, ranges: areRanges ? ranges.compactMap { $0 } : [],
                    area: area,
                    likeness: try Self.least(key.name + Self.likenessEnding, arguments, tracks),
                    share: try Self.least(key.name + Self.shareEnding, arguments, tracks)))
        }
        self.wanted = wanted
    }

    private static func check(_ name: String, _ types: [AttributeType]) throws(GatewayError) {
        guard let first = types.first else {
            throw GatewayError(
                "SYNTAX.key", "no track searched has an attribute '\(name.prefix(64))'")
        }
        guard types.contains(where: { [.keyword, .number, .box].contains($0) }) else {
            throw GatewayError(
                "SYNTAX.key",
                "'\(name)' is of type \(Track.typeName(first)), and only keywords, numbers and "
                    + "boxes can be asked for")
        }
    }

    // MARK: Boxes

    /// The box that a key says more of; nil for a key that is an attribute itself.
    static func box(_ key: String, _ tracks: [Track]) -> String? {
        guard let ending = [likenessEnding, shareEnding].first(where: key.hasSuffix),
            !tracks.contains(where: { $0.field(key) != nil })
        else { return nil }
        let name = String(key.dropLast(ending.count))
        return tracks.contains { $0.field(name)?.type == .box } ? name : nil
    }

    /// What a key says of how well a box must overlap.
    private static func least(
        _ key: String, _ arguments: Arguments, _ tracks: [Track]
    ) throws(GatewayError) -> Double {
        guard box(key, tracks) != nil else { return 0 }
        return Double(try arguments.fraction(key, 0...1) ?? 0)
    }

    private static func noArea(_ name: String) -> GatewayError {
        GatewayError(
            "SYNTAX.value",
            "\(name) is asked for by the area that it overlaps: \(name)=x,y,width,height as "
                + "fractions from 0 to 1, width and height above 0")
    }

    /// The terms, one of each list, that rows of a track must hold.
    func filters(_ track: Track) -> [[[UInt8]]] {
        wanted.compactMap { wanted in
            switch track.field(wanted.name)?.type {
            case .keyword: return wanted.terms
            case .number where !wanted.ranges.isEmpty: return nil
            case .box where wanted.area != nil: return nil
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

    /// The boxes that rows of a track must have.
    func boxes(_ track: Track) -> [BoxCondition] {
        wanted.compactMap { wanted in
            guard track.field(wanted.name)?.type == .box, let area = wanted.area else { return nil }
            return BoxCondition(
                name: Array(wanted.name.utf8), area: area, likeness: wanted.likeness,
                share: wanted.share)
        }
    }
}
