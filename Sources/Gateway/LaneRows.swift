// All rows of a lane in order, without searching: what fills one track from another reads these.

import Segments
import Storage

/// The rows of one track in one title.
struct LaneRows {
    private static let step = 1_000

    private let reader: LaneReader
    private let track: UInt32
    private let title: [UInt8]

    init(_ view: View, _ track: UInt32, title: String) {
        reader = LaneReader(view)
        self.track = track
        self.title = Array(title.utf8)
    }

    /// Whether there is no row.
    func isEmpty() throws(GatewayError) -> Bool { try places(1).isEmpty }

    /// How many rows there are; none is read.
    func count() throws(GatewayError) -> Int { try places(.max).count }

    /// All rows, read.
    func rows() throws(GatewayError) -> [Annotation] {
        var rows: [Annotation] = []
        for entry in try places(.max) {
            do { rows.append(try reader.annotation(entry.place)) } catch {
                throw GatewayError(error)
            }
        }
        return rows
    }

    /// The keys of the rows that have no vector.
    func keysWithoutVectors() throws(GatewayError) -> Set<[UInt8]> {
        var keys: Set<[UInt8]> = []
        for entry in try places(.max) {
            do {
                if try reader.hasVectors(entry.place) { continue }
                keys.insert(try reader.annotation(entry.place).key)
            } catch { throw GatewayError(error) }
        }
        return keys
    }

    /// The first rows, so many at most.
    private func places(_ limit: Int) throws(GatewayError) -> [LaneEntry] {
        do {
            var step = min(limit, Self.step)
            var all = try reader.neighbours(track, title: title, around: -1, before: 0, after: step)
                .after
            while all.count < limit, let last = all.last, step == min(limit, Self.step) {
                let more = try reader.neighbours(of: last.place, before: 0, after: step).after
                all += more
                if more.count < step { step = 0 }
            }
            return all
        } catch { throw GatewayError(error) }
    }
}
