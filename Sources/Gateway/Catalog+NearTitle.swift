// Which title may have been meant by the name of none: the nearest one, or one with the same word
// in it.

import TextIndex

extension Catalog {
    /// The title nearest to what is the name of none; of several equally near the one that comes
    /// first.
    ///
    /// Nil where there are more titles than `most`, since all are compared.
    func nearTitle(to name: [UInt8], ofAtMost most: Int) -> [UInt8]? {
        let analyzer = Analyzer()
        guard titles.count <= most, titles[String(decoding: name, as: UTF8.self)] == nil,
            let wanted = NearName(name, analyzer)
        else { return nil }
        let near = titles.keys.compactMap { title in
            wanted.edits(analyzer.fold(Array(title.utf8))).map { ($0, title) }
        }
        return near.min { $0 < $1 }.map { Array($0.1.utf8) }
    }
}
