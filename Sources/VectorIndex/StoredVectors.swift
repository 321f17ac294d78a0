// Vectors in half precision, in the order of their numbers, searched one after the other.
@safe package struct StoredVectors: @unchecked Sendable {
    package let layout: VectorLayout
    package let count: Int
    let base: UnsafeRawPointer
    let keeper: AnyObject
    @unsafe package init(
        _ layout: VectorLayout, _ base: UnsafeRawPointer, count: Int, keeping: AnyObject
    ) {
        self.layout = layout
        unsafe self.base = base
        self.count = count
        keeper = keeping
    }
    package func numbers(_ index: Int) -> [Float] {
        (0..<layout.shape.dimension).map {
            Float(
                unsafe base.load(
                    fromByteOffset: index * layout.storedBytes + 2 * $0, as: Float16.self))
        }
    }
    package func withBytes<E: Error>(of range: Range<Int>, _ body: (RawSpan) throws(E) -> Void)
        throws(E)
    {
        let span = unsafe RawSpan(
            _unsafeStart: base + range.lowerBound * layout.storedBytes,
            byteCount: range.count * layout.storedBytes)
        try body(span)
    }
    package func nearest(_ query: [Float], limit: Int, filter: VectorFilter?) -> [VectorHit] {
        let padded = AlignedMemory<Float>(count: layout.stride)
        unsafe layout.prepare(query, into: padded.base)
        let asked = (0..<layout.shape.dimension).map { padded[$0] }
        var hits: [VectorHit] = []
        for index in 0..<count where filter?.contains(index) ?? true {
            hits.append(
                VectorHit(document: UInt32(index), score: layout.shape.score(asked, numbers(index)))
            )
        }
        hits.sort { $0.score == $1.score ? $0.document < $1.document : $0.score > $1.score }
        return Array(hits.prefix(limit))
    }
}
extension VectorLayout {
    package var storedBytes: Int { stride * 2 }
    @unsafe package func store(
        _ vector: UnsafePointer<Float>, into row: UnsafeMutablePointer<UInt8>
    ) {
        let padded = AlignedMemory<Float>(count: stride)
        unsafe prepare(vector, into: padded.base)
        let out = UnsafeMutableRawPointer(row)
        for i in 0..<stride {
            unsafe out.storeBytes(of: Float16(padded[i]), toByteOffset: i * 2, as: Float16.self)
        }
    }
}
