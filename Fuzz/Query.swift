// What people type into a search box, lines of JSON, and the words of any text.

import Gateway
import TextIndex

private let analyzers = [Analyzer(), Analyzer(.alphanumeric)]

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe bytes(start, count)
    for analyzer in analyzers {
        let query = QueryReader.read(input, matchesAll: count % 2 == 0, analyzer)
        for clause in query.clauses { precondition(!clause.terms.isEmpty, "a clause of no words") }
        let folded = analyzer.fold(input)
        precondition(analyzer.fold(folded) == folded, "folding twice differs")
    }
    _ = RowLines.titles(input[...])
    return 0
}
