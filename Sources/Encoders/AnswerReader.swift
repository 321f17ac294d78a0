// What comes out of an encoder's standard output becomes answers, however it is cut into pieces.
// Nothing is trusted: a header is short, a body is as long as was agreed, and whatever else comes
// is an error that says what it was. Knows no process.

/// Takes bytes and gives answers.
struct AnswerReader {
    /// What was made of a request, or why nothing was; the program is in step in either case.
    struct Answer: Equatable {
        let id: UInt64
        let result: Result<EncoderAnswer, EncoderError>
    }

    /// What the bytes after a header are.
    private enum Body {
        case numbers(count: Int)
        case rows
    }

    /// The most numbers that are read to stay in step with a program of the wrong dimension.
    private static let numbersMax = 1 << 16

    private let dimension: Int?
    private let rowBytes: Int
    private var bytes: [UInt8] = []
    /// The answer whose body is not all there.
    private var open: (id: UInt64, body: Body, length: Int)?

    /// Reads answers of vectors of `dimension` numbers, or of rows when it is nil.
    init(dimension: Int?, rowBytes: Int) {
        self.dimension = dimension
        self.rowBytes = rowBytes
    }

    /// Takes more bytes; gives the answers that are complete.
    ///
    /// Throws when the output cannot be understood, and no more may be read then.
    mutating func read(_ more: some Collection<UInt8>) throws(EncoderError) -> [Answer] {
        bytes += more
        var answers: [Answer] = []
        var start = 0
        while let answer = try next(&start) { answers.append(answer) }
        bytes.removeFirst(start)
        return answers
    }

    private mutating func next(_ start: inout Int) throws(EncoderError) -> Answer? {
        if open == nil {
            guard let line = try line(&start) else { return nil }
            if let answer = try header(line) { return answer }
        }
        guard let (id, body, length) = open, bytes.count - start >= length else { return nil }
        let content = bytes[start..<(start + length)]
        start += length
        open = nil
        switch body {
        case .rows: return Answer(id: id, result: rows(content))
        case .numbers(let count): return Answer(id: id, result: vector(content, count))
        }
    }

    private func line(_ start: inout Int) throws(EncoderError) -> [UInt8]? {
        let rest = bytes[start...]
        guard let end = rest.prefix(HeaderLine.bytesMax + 1).firstIndex(of: 10) else {
            guard rest.count <= HeaderLine.bytesMax else { throw Self.noHeader(Array(rest)) }
            return nil
        }
        start = end + 1
        return Array(rest[..<end])
    }

    /// Opens the answer of a header; gives one that has no body.
    private mutating func header(_ line: [UInt8]) throws(EncoderError) -> Answer? {
        guard let header = HeaderLine(line), let number = header.numbers["id"], number >= 0 else {
            throw Self.noHeader(line)
        }
        let id = UInt64(number)
        if let reason = header.texts["error"] {
            let shown = ErrorLines.harmless(Array(reason.prefix(256).utf8)[...])
            return Answer(id: id, result: .failure(.refused(shown)))
        }
        if let count = header.numbers["dim"] {
            guard (0...Self.numbersMax).contains(count) else {
                throw .answer("a vector of \(count) numbers")
            }
            open = (id, .numbers(count: count), count * 4)
        } else if let length = header.numbers["bytes"] {
            guard (0...rowBytes).contains(length) else {
                throw .answer("rows of \(length) bytes, at most \(rowBytes) are taken")
            }
            open = (id, .rows, length)
        } else {
            throw Self.noHeader(line)
        }
        return nil
    }

    private func rows(_ content: ArraySlice<UInt8>) -> Result<EncoderAnswer, EncoderError> {
        guard let dimension else { return .success(.rows(Array(content))) }
        return .failure(
            .answer(
                "\(content.count) bytes of rows instead of a vector of \(dimension) numbers (an "
                    + "encoder of rows is set without dim=)"))
    }

    private func vector(_ content: ArraySlice<UInt8>, _ count: Int) -> Result<
        EncoderAnswer, EncoderError
    > {
        guard let dimension else {
            return .failure(
                .answer(
                    "a vector of \(count) numbers instead of rows (an encoder of vectors is set "
                        + "with dim=\(count))"))
        }
        guard count == dimension else {
            return .failure(.answer("a vector of \(count) numbers instead of \(dimension)"))
        }
        let bytes = content.span
        let vector = (0..<count).map { index in
            let bits = (0..<4).reduce(UInt32(0)) { bits, place in
                bits | UInt32(bytes[index * 4 + place]) << UInt32(8 * place)
            }
            return Float(bitPattern: bits)
        }
        guard let bad = vector.firstIndex(where: { !$0.isFinite }) else {
            return .success(.vector(vector))
        }
        return .failure(.answer("number \(bad + 1) of the vector is not finite"))
    }

    private static func noHeader(_ line: [UInt8]) -> EncoderError {
        let shown = ErrorLines.harmless(line.prefix(80))
        return .answer("a header was expected, not '\(shown)' (prints belong to standard error)")
    }
}
