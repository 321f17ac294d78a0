// One part of a track as rows in timeline order: which row of the part is next. Only rows count
// that a search sees and that have words: what was deleted, or is no more than an ellipsis or a
// note sign, comes between no two others.

import Storage
import TextIndex

/// The rows of one part of a track by title and time.
struct LanePart {
    let source: Source
    /// Of a memtable.
    private let order: LaneOrder?
    private let sequence: UInt64
    private let isWhole: Bool
    /// Whether none of the rows was deleted, and all have words.
    private let everyRowCounts: Bool
    private let count: UInt32

    /// A part as a search at the operation `sequence` sees it.
    init(_ source: Source, at sequence: UInt64) {
        self.source = source
        self.sequence = sequence
        isWhole = source.isWhole
        switch source {
        case .segment(let segment):
            order = nil
            count = segment.documentCount
            everyRowCounts = isWhole && segment.text.strata.first?.lengthCode != 0
        case .memtable(let view):
            order = view.memtable.laneOrder(atLeast: view.count)
            count = view.count
            everyRowCounts = false
        }
    }

    /// Rows that have a place, those that do not count included.
    var places: UInt32 { order.map { UInt32($0.documents.count) } ?? count }

    func document(at place: UInt32) -> UInt32 { order?.documents[Int(place)] ?? place }

    func place(of document: UInt32) -> UInt32 { order?.places[Int(document)] ?? document }

    /// A document's length code.
    func lengthCode(of document: UInt32) -> UInt8 {
        switch source {
        case .segment(let segment): return segment.text.lengthCode(of: document)
        case .memtable(let view): return unsafe view.memtable.index.lengthCodes[Int(document)]
        }
    }

    /// Whether a row counts.
    func isSeen(_ document: UInt32) -> Bool {
        everyRowCounts
            || document < count && lengthCode(of: document) > 0
                && (isWhole || source.isLive(document, at: sequence))
    }

    /// How rows that count follow each other, of whatever title.
    var orderOfRows: PrecedingDocuments.Order {
        switch source {
        case .segment(let segment):
            return .numbers(except: segment.text.empty + source.deleted(by: sequence))
        case .memtable: return .own { isSeen($0) ? previous(before: $0) : nil }
        }
    }

    /// The next row that counts, of whatever title.
    func next(after document: UInt32) -> UInt32? {
        var place = self.place(of: document) + 1
        while place < places {
            let next = self.document(at: place)
            if isSeen(next) { return next }
            place += 1
        }
        return nil
    }

    /// The row before that counts, of whatever title.
    func previous(before document: UInt32) -> UInt32? {
        var place = self.place(of: document)
        while place > 0 {
            place -= 1
            let previous = self.document(at: place)
            if isSeen(previous) { return previous }
        }
        return nil
    }

    /// Whether two rows are of one title.
    func isSameLane(_ a: UInt32, _ b: UInt32) -> Bool {
        switch source {
        case .segment(let segment): return segment.lane(of: a).contains(b)
        case .memtable(let view):
            guard let first = unsafe RowView(view.memtable.row(a)),
                let second = unsafe RowView(view.memtable.row(b))
            else { return false }
            return unsafe compareBytes(first.title, second.title) == 0
        }
    }

    /// The names of the titles that have rows here.
    var titles: [[UInt8]] {
        switch source {
        case .segment(let segment): return Array(segment.titles.keys)
        case .memtable(let view): return (0..<view.titleCount).map { view.memtable.titleName($0) }
        }
    }

    /// The documents of some titles, ascending; all for nil, and where they do not lie together.
    func documents(of titles: [[UInt8]]?) -> [Range<UInt32>] {
        guard case .segment(let segment) = source else { return [0..<count] }
        return segment.documents(of: titles)
    }

    /// The places of a title's rows.
    func places(of title: [UInt8]) -> Range<UInt32> {
        switch source {
        case .segment(let segment): return segment.titles[title]?.documents ?? 0..<0
        case .memtable(let view):
            let memtable = view.memtable
            let first = first { memtable.compareTitle($0, title) >= 0 }
            let end = self.first { memtable.compareTitle($0, title) > 0 }
            return first..<end
        }
    }

    /// The first place whose document `isBehind`, as all later ones are.
    private func first(_ isBehind: (UInt32) -> Bool) -> UInt32 {
        var (low, high) = (UInt32(0), places)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(document(at: middle)) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Memtable {
    /// Below zero when a document's title comes before this one, above when behind.
    fileprivate func compareTitle(_ document: UInt32, _ title: [UInt8]) -> Int {
        guard let row = unsafe RowView(row(document)) else { return 0 }
        return unsafe title.withUnsafeBufferPointer { unsafe Int(compareBytes(row.title, $0)) }
    }
}
