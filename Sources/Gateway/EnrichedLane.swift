// The lane of a title that an encoder fills, and whether there is something to be done for it: it
// is empty, or what it was made of changed since. What an encoder made has its name as its source,
// so that rows that came from anybody else are never taken for it.

import Segments
import Storage

/// A lane that is made of another, or of the film itself.
struct EnrichedLane {
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

    /// Whether the encoder made it, and rows of the source came or went since.
    ///
    /// Rows that others put to the lane itself change nothing.
    func isStale() throws(GatewayError) -> Bool {
        guard from != nil, !isOfItself else { return false }
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
        guard let from else { return 0 }
        do throws(StorageError) {
            return try view.lastChange(from.id, title: Array(title.name.utf8))
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
