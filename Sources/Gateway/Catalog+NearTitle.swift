// Which title may have been meant by the name of none: the nearest one, or one with the same word
// in it.

import TextIndex

extension Catalog {
    /// Bytes of a name up to which what is near is looked for: more are none that is typed.
    private static let bytesMax = 256

    /// The title nearest to what is the name of none; of several equally near the one that comes
    /// first.
    ///
    /// Nil where there are more titles than `most`, since all are compared.
    func nearTitle(to name: [UInt8], ofAtMost most: Int) -> [UInt8]? {
        guard name.count <= Self.bytesMax, titles.count <= most,
            titles[String(decoding: name, as: UTF8.self)] == nil
        else { return nil }
        let analyzer = Analyzer()
        let wanted = TermKey.word(analyzer.fold(name))
        let distance = EditDistance(to: wanted, atMost: QueryReader.edits(wanted))
        let near = titles.keys.compactMap { title in
            Gateway.edits(analyzer.fold(Array(title.utf8)), distance).map { ($0, title) }
        }
        return near.min { $0 < $1 }.map { Array($0.1.utf8) }
    }
}
