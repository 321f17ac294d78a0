// What people type into a search box, synonyms, lines of JSON, and the words of any text.

import Gateway
import TextIndex

private let analyzers = [Analyzer(), Analyzer(.plain), Analyzer(.fr)]

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe bytes(start, count)
    for analyzer in analyzers {
        let match: [QueryReader.Match] = [.any, .all, .atLeast(2)]
        let query = QueryReader.read(
            QuerySyntax(input), match[count % 3], analyzer, attributes: [[97]],
            synonyms: Synonyms.read(input, analyzer).synonyms
        ).query
        _ = Highlight(query, analyzer).mark(input)
        let folded = analyzer.fold(input)
        precondition(analyzer.fold(folded) == folded, "folding twice differs")
    }
    _ = RowLines.title(input[...])
    return 0
}
