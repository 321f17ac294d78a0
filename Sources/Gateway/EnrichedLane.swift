// The lane of a title that an encoder fills, and whether there is something to be done for it: it
// is empty, or what it was made of changed since. What an encoder made has its name as its source,
// so that rows that came from anybody else are never taken for it.

import Segments
import Storage

/// A lane that is made of another, or of the film itself.
struct EnrichedLane {
    /// The attribute of shots that says which file they are from.
    private static let filmName = Array("film".utf8)

    let view: View
    let catalog: Catalog
    let title: Title
    /// The track that is filled.
    let target: Track
    /// The name of the encoder that fills it.
    let encoder: String
    /// The track whose rows are looked at; nil for the film itself.
    let from: Track?

    /// Whether it has no row.
    func isEmpty() throws(GatewayError) -> Bool {
        try LaneRows(view, target.id, title: title.name).isEmpty()
    }

    /// Whether the encoder made it, and rows of the source came or went since, or another film.
    ///
    /// Rows that others put to the lane itself change nothing.
    func isStale() throws(GatewayError) -> Bool {
        guard !isOfItself else { return false }
        let changed = try sourceChange()
        do throws(StorageError) {
            guard let eldest = try view.eldest(target.id, title: Array(title.name.utf8)) else {
                return false
            }
            return eldest.sequence < changed
                && eldest.annotation.value(of: Track.sourceName) == Array(encoder.utf8)
        } catch { throw GatewayError(error) }
    }

    /// The last operation that changed the rows it is made of; 0 for none.
    func sourceChange() throws(GatewayError) -> UInt64 {
        guard let from else { return try filmChange() }
        do throws(StorageError) {
            return try view.lastChange(from.id, title: Array(title.name.utf8))
        } catch { throw GatewayError(error) }
    }

    /// The operation that brought the shots of the title's film; 0 for none.
    ///
    /// Who imports another brings them anew. `mspd import` names shots after the file that they are
    /// from, and keeps its size and when it was changed with them; where several tracks have those
    /// of one file, the first that came count.
    private func filmChange() throws(GatewayError) -> UInt64 {
        guard let name = title.film?.split(separator: "/").last else { return 0 }
        var newest: (file: [Substring], sequence: UInt64) = ([], 0)
        var first: [[Substring]: UInt64] = [:]
        for track in catalog.tracks.values where track.field("film")?.type == .keyword {
            for number in ["1", "1.1"] {
                guard let (sequence, film) = try shot("\(name)#\(number)", of: track),
                    film.hasPrefix("\(name):")
                else { continue }
                let file = Array(film.dropFirst(name.count + 1).split(separator: ":").prefix(2))
                first[file] = min(first[file] ?? sequence, sequence)
                if sequence > newest.sequence { newest = (file, sequence) }
            }
        }
        return first[newest.file] ?? 0
    }

    /// The operation that brought a shot, and what it says of its film.
    private func shot(
        _ key: String, of track: Track
    ) throws(GatewayError) -> (sequence: UInt64, film: String)? {
        do throws(StorageError) {
            let title = Array(title.name.utf8)
            let found = try view.arrival(track.id, title: title, key: Array(key.utf8))
            guard let found, let film = found.annotation.value(of: Self.filmName) else {
                return nil
            }
            return (found.sequence, String(decoding: film, as: UTF8.self))
        } catch { throw GatewayError(error) }
    }

    /// Whether filling it changes what it is made of, by way of other tracks that are filled by
    /// themselves: that would never end.
    private var isOfItself: Bool {
        guard var name = from?.name else { return false }
        var seen: Set<String> = [target.name]
        while seen.insert(name).inserted {
            guard let next = catalog.enrichments[name]?.from else { return false }
            name = next
        }
        return true
    }
}
