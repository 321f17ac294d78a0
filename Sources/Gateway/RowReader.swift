// Reads the lines of a LOAD: good rows into a batch, bad ones into a list with their numbers.

import Segments

/// Collects rows from lines of JSON.
struct RowReader {
    /// A row that was refused; rows count from 1.
    struct Reject {
        let row: Int
        let error: GatewayError
    }

    private static let rejectsKept = 1_000

    /// The title of rows that name none.
    var defaultTitle: String?
    /// Put into every row, where it is given.
    var source: [UInt8]?
    /// Whether that takes the place of what a row says of its source.
    var overrulesSource = false
    /// The operation that the rows are for.
    var operation: OpenOperation?
    /// Nanoseconds that are added to the times of every row.
    var offset: Int64 = 0
    /// Whether titles that are not there are made.
    let createsTitles: Bool
    /// What has to be done before the rows are put.
    var operations: [Segments.Operation] = []
    private(set) var rows = RowBatch()
    private(set) var rejects: [Reject] = []
    private(set) var rejectCount = 0

    private let track: Track
    private let catalog: Catalog
    /// The titles met so far.
    private var titles: [[UInt8]: Title] = [:]

    init(_ track: Track, _ catalog: Catalog, create: Bool) {
        self.track = track
        self.catalog = catalog
        createsTitles = create
    }

    /// Reads all lines.
    mutating func read(_ lines: [UInt8]) {
        var start = 0
        var number = 0
        while start < lines.count {
            let end = lines[start...].firstIndex(of: UInt8(ascii: "\n")) ?? lines.count
            number += 1
            defer { start = end + 1 }
            let isBlank = lines[start..<end].allSatisfy { $0 <= 32 }
            guard !isBlank else { continue }
            do throws(GatewayError) {
                rows.append(try row(lines.span.extracting(start..<end)))
            } catch {
                rejectCount += 1
                if rejects.count < Self.rejectsKept {
                    rejects.append(Reject(row: number, error: error))
                }
            }
        }
    }

    private mutating func row(_ line: Span<UInt8>) throws(GatewayError) -> Annotation {
        var members: [(name: [UInt8], value: JSONValue)] = []
        members.reserveCapacity(8)
        var scanner = JSONScanner(line)
        try scanner.object { (name, value) throws(GatewayError) in members.append((name, value)) }
        var builder = RowBuilder(track, try title(members))
        for (name, value) in members where name != Self.titleName {
            let name = String(decoding: name, as: UTF8.self)
            if overrulesSource, name == Track.sourceField.name { continue }
            switch value {
            case .string(let bytes): try builder.set(name, .text(bytes))
            case .number(let bytes): try builder.set(name, .number(bytes))
            case .numbers(let list): try builder.set(name, .numbers(list))
            case .flag(let flag): try builder.set(name, .number(Array((flag ? "1" : "0").utf8)))
            case .null: continue
            }
        }
        if let source { try builder.set(Track.sourceField.name, .text(source)) }
        if let operation { try builder.join(operation) }
        var row = try builder.finish()
        row.start += offset
        row.end += offset
        return row
    }

    private static let titleName = Array("title".utf8)

    private mutating func title(
        _ members: [(name: [UInt8], value: JSONValue)]
    ) throws(GatewayError) -> Title {
        var name = defaultTitle.map { Array($0.utf8) }
        if case .string(let own)? = members.first(where: { $0.name == Self.titleName })?.value {
            name = own
        }
        guard let name else { throw GatewayError("SYNTAX.missing", "title is missing") }
        if let known = titles[name] { return known }
        let text = try utf8(name, "title")
        if let known = catalog.titles[text] {
            titles[name] = known
            return known
        }
        guard createsTitles else { throw catalog.noTitle(text) }
        try Name.check(text, "a title")
        let title = Title(name: text)
        titles[name] = title
        operations.append(.setIfAbsent(name: Title.entry(text), value: title.encoded))
        return title
    }
}

/// Questions about lines of JSON that a client asks before it sends them.
package enum RowLines {
    /// The title that a line names; nil where it names none, or is no row.
    package static func title(_ line: ArraySlice<UInt8>) -> String? {
        var found: String?
        let bytes = Array(line)
        var scanner = JSONScanner(bytes.span)
        try? scanner.object { (name, value) throws(GatewayError) in
            if case .string(let title) = value, name == Array("title".utf8) {
                found = String(decoding: title, as: UTF8.self)
            }
        }
        return found
    }
}
