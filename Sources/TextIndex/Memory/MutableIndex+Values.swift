// The values of keyword attributes that a memtable has, which nothing but completion goes through.

extension MutableIndexView {
    /// Calls `body` with each term that has a prefix (both as `TermKey` builds them) and how many
    /// documents hold it, in any order.
    package func forEachTermOfAnyKind(
        withPrefix prefix: [UInt8], _ body: ([UInt8], UInt64) -> Void
    ) {
        guard let kind = prefix.first.flatMap({ TermKind(rawValue: $0) }) else { return }
        unsafe index.forEachTerm(of: kind) { bytes, _, number in
            guard unsafe bytes.starts(with: prefix.dropFirst()) else { return }
            let documents = index.documentCount(ofTerm: number, below: documentCount)
            if documents > 0 { body(index.bytes(ofTerm: number), UInt64(documents)) }
        }
    }
}
