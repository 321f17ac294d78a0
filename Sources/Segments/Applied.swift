// What a request did, for its acknowledgement.

/// Counts of what operations did.
package struct Applied: Sendable, Equatable {
    /// Annotations written.
    package var put = 0
    /// Of those, how many took the place of another.
    package var replaced = 0
    /// Annotations deleted.
    package var deleted = 0
    /// The operation that was begun; 0 for none.
    package var operation: UInt64 = 0
    /// Whether the request had been carried out before, and did nothing now.
    package var isRepeated = false

    /// Nothing done.
    package init() {}

    /// Adds the counts of a further operation.
    package static func += (sum: inout Applied, part: Applied) {
        sum.put += part.put
        sum.replaced += part.replaced
        sum.deleted += part.deleted
        sum.operation = max(sum.operation, part.operation)
    }
}
