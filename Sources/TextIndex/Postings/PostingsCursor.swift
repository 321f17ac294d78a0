// Owns the state of a walk through one term's postings, and what it points into.

package import Storage

/// A term's documents, frequencies and positions, read in order; owns the state and its buffers.
@safe package final class PostingsCursor {
    /// The document number after the last.
    package static let end = UInt32.max

    /// Documents that hold the term, in this part of the track.
    package let documentFrequency: Int
    private let owners: (AnyObject, AnyObject)
    /// Valid as long as the cursor lives, which keeps alive what it points into.
    let state: UnsafeMutablePointer<PostingsState>

    /// A cursor over the postings of a segment with so many documents; the ranges of `info` have
    /// been verified.
    package init(_ info: TermInfo, postings: Section, positions: Section, documents: UInt32) {
        documentFrequency = Int(info.documentFrequency)
        owners = (postings, positions)
        let bytes = TermBytes(info, postings: postings, positions: positions)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(
            to: PostingsFormat.isDense(documentFrequency, of: documents)
                ? PostingsState(DensePostings(bytes, documents: documents))
                : PostingsState(PackedPostings(bytes)))
    }

    /// A cursor over decoded postings.
    package init(_ decoded: DecodedPostings) {
        documentFrequency = decoded.count
        owners = (decoded, decoded)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: PostingsState(decoded))
    }

    deinit {
        unsafe state.pointee.deallocate()
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    /// The current document.
    package var document: UInt32 { unsafe state.pointee.document }

    /// How often the term occurs in the current document.
    package var frequency: UInt32 { unsafe state.pointee.frequency }

    /// Goes to the next document.
    package func advance() { unsafe state.pointee.advance() }

    /// Goes to the first document that is `target` or later.
    package func advance(to target: UInt32) { unsafe state.pointee.advance(to: target) }

    /// Replaces `list` with the positions of the current document.
    package func positions(into list: inout [UInt32]) {
        unsafe state.pointee.positions(into: &list)
    }
}
