// Framing and parsing of requests: whatever arrives, and however it is cut, the same requests come
// of it.

import Net

private let grammar = Grammar(
    verbs: [
        VerbShape(name: "PING", usage: "PING", keys: [], order: .constant(reply: [79])),
        VerbShape(
            name: "PUT", usage: "PUT track title", keys: ["in"], openKeys: true,
            order: .overlapping),
        VerbShape(name: "GET", usage: "GET track", keys: ["limit"], order: .ordered),
        VerbShape(
            name: "SEARCH", usage: "SEARCH track words", keys: ["limit"], freeTextAfterWords: 1,
            order: .ordered),
        VerbShape(name: "EXPLAIN", usage: "EXPLAIN", keys: [], wrapsVerb: true, order: .ordered),
    ],
    isTrackKey: { track, key in track == "dialogue" && key == "speaker" })

private let limits: Limits = {
    var limits = Limits()
    limits.line = 200
    limits.literal = 300
    limits.drain = 600
    limits.requestBytes = 500
    return limits
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe bytes(start, count)
    guard let step = input.first else { return 0 }
    let stream = Array(input.dropFirst())
    let whole = frames(stream, pieces: stream.count)
    precondition(whole == frames(stream, pieces: max(1, Int(step))), "cutting changes requests")
    for var frame in whole where frame.fault == nil {
        precondition(frame.line.count <= limits.line, "a line beyond the limit")
        let head = LineHead(frame.line.span)
        frame.shape = grammar.find(frame.line.span.extracting(head.verb))
        _ = RequestParser.parse(frame, head: head, grammar: grammar)
    }
    return 0
}

/// The requests in a stream that arrives in pieces.
private func frames(_ stream: [UInt8], pieces: Int) -> [Frame] {
    var decoder = RequestDecoder(limits: limits)
    var frames: [Frame] = []
    var start = 0
    while start < stream.count {
        let piece = Array(stream[start..<min(stream.count, start + pieces)])
        start += piece.count
        var position = 0
        reading: while true {
            switch decoder.next(in: piece.span, at: &position) {
            case .starved: break reading
            case .line(let range): frames.append(Frame(line: Array(piece[range])))
            case .frame(let frame): frames.append(frame)
            }
        }
    }
    if let last = decoder.finish() { frames.append(last) }
    return frames
}
