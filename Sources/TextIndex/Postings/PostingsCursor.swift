// Owns the state of a walk through one term's postings, and what it points into. The state is made
// when it is first asked for: of the many words that a prefix stands for, most are never walked.

import Glibc

/// A term's documents, frequencies and positions, read in order; owns the state and its buffers.
@safe package final class PostingsCursor {
    /// The document number after the last.
    package static let end = UInt32.max

    private enum Postings {
        case packed(PackedPostings)
        case dense(DensePostings)
        case decoded
    }

    /// Documents that hold the term, in this part of the track.
    package let documentFrequency: Int
    /// Keeps alive what the postings are read from.
    private let owner: AnyObject
    private let postings: Postings
    /// The state in the memory that is freed with the cursor; nil before it is asked for.
    @exclusivity(unchecked) private var opened: UnsafeMutablePointer<PostingsState>?

    /// A cursor over the postings of a segment with so many documents, whose sections live as long
    /// as their owner.
    init(_ bytes: TermBytes, documents: UInt32, owner: AnyObject) {
        documentFrequency = bytes.documentFrequency
        self.owner = owner
        postings =
            PostingsFormat.isDense(documentFrequency, of: documents)
            ? .dense(DensePostings(bytes, documents: documents)) : .packed(PackedPostings(bytes))
    }

    /// A cursor over decoded postings.
    package init(_ decoded: DecodedPostings) {
        documentFrequency = decoded.count
        owner = decoded
        postings = .decoded
        let (room, _) = unsafe Self.allocate(0)
        unsafe room.initialize(to: PostingsState(decoded))
        unsafe opened = room
    }

    /// Another cursor over the postings of one, at their first document.
    package init(over other: PostingsCursor) {
        documentFrequency = other.documentFrequency
        owner = other.owner
        postings = other.postings
        guard case .decoded = postings, let decoded = owner as? DecodedPostings else { return }
        let (room, _) = unsafe Self.allocate(0)
        unsafe room.initialize(to: PostingsState(decoded))
        unsafe opened = room
    }

    deinit {
        guard let opened = unsafe opened else { return }
        unsafe opened.deinitialize(count: 1)
        unsafe free(opened)
    }

    /// Valid as long as the cursor lives, which keeps alive what it points into.
    @inline(__always)
    var state: UnsafeMutablePointer<PostingsState> { unsafe opened ?? open() }

    @inline(never)
    private func open() -> UnsafeMutablePointer<PostingsState> {
        let capacity: Int
        switch postings {
        case .packed, .decoded: capacity = min(documentFrequency, PostingsFormat.blockCount)
        case .dense: capacity = PostingsFormat.windowPart
        }
        let (room, buffer) = unsafe Self.allocate(2 * capacity)
        switch postings {
        case .packed(let packed):
            unsafe room.initialize(to: PostingsState(packed, buffer, buffer + capacity))
        case .dense(let dense):
            unsafe room.initialize(to: PostingsState(dense, buffer, buffer + capacity))
        case .decoded: preconditionFailure("decoded postings are open")
        }
        unsafe opened = room
        return unsafe room
    }

    /// Room for a state and, behind it, so many numbers.
    private static func allocate(
        _ numbers: Int
    ) -> (UnsafeMutablePointer<PostingsState>, UnsafeMutablePointer<UInt32>) {
        let stride = MemoryLayout<PostingsState>.stride
        guard let room = unsafe malloc(stride + numbers * MemoryLayout<UInt32>.stride) else {
            preconditionFailure("out of memory")
        }
        return unsafe (
            room.bindMemory(to: PostingsState.self, capacity: 1),
            (room + stride).bindMemory(to: UInt32.self, capacity: numbers)
        )
    }

    /// The current document.
    package var document: UInt32 {
        if unsafe opened == nil, case .packed(let packed) = postings,
            let first = packed.firstDocument
        {
            return first
        }
        return unsafe state.pointee.document
    }

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
