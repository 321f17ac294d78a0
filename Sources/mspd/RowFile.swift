// A file of rows as lines of JSON, told apart by title: those of titles that the server has replace
// what is there, the others are new.

import Gateway

/// The lines of a file.
struct RowFile {
    /// Lines that follow each other.
    struct Piece {
        var bytes: Range<Int>
        /// The number of the first, from 1.
        var firstLine: Int
        var lines: Int
    }

    /// The file.
    let bytes: [UInt8]
    /// Lines of new titles, and those whose title cannot be read.
    private(set) var fresh: [Piece] = []
    /// Lines of titles that the server has, in the order in which the titles come.
    private(set) var replaced: [(title: String, pieces: [Piece])] = []

    private static let chunkBytes = 1 << 20

    init(_ bytes: [UInt8], known: Set<String>) {
        self.bytes = bytes
        guard !known.isEmpty else {
            fresh = [Piece(bytes: 0..<bytes.count, firstLine: 1, lines: Self.lines(bytes[...]))]
            return
        }
        var places: [String: Int] = [:]
        var start = 0
        var number = 1
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
            let line = Piece(bytes: start..<end, firstLine: number, lines: 1)
            if let title = RowLines.title(bytes[start..<end]), known.contains(title) {
                let place = places[title] ?? replaced.count
                places[title] = place
                if place == replaced.count { replaced.append((title, [])) }
                Self.append(line, to: &replaced[place].pieces)
            } else {
                Self.append(line, to: &fresh)
            }
            start = end
            number += 1
        }
    }

    private static func append(_ line: Piece, to pieces: inout [Piece]) {
        if let last = pieces.last, last.bytes.upperBound == line.bytes.lowerBound {
            pieces[pieces.count - 1].bytes = last.bytes.lowerBound..<line.bytes.upperBound
            pieces[pieces.count - 1].lines += 1
        } else {
            pieces.append(line)
        }
    }

    /// The same lines in pieces of about a mebibyte each.
    func chunks(of pieces: [Piece]) -> [[Piece]] {
        var chunks: [[Piece]] = []
        var size = Self.chunkBytes
        for piece in pieces {
            var rest = piece
            while !rest.bytes.isEmpty {
                if size >= Self.chunkBytes {
                    chunks.append([])
                    size = 0
                }
                let head = head(of: rest, upTo: Self.chunkBytes - size)
                chunks[chunks.count - 1].append(head)
                size += head.bytes.count
                rest.bytes = head.bytes.upperBound..<rest.bytes.upperBound
                rest.firstLine += head.lines
                rest.lines -= head.lines
            }
        }
        return chunks
    }

    /// Whole lines from the front of a piece, at least one.
    private func head(of piece: Piece, upTo count: Int) -> Piece {
        guard piece.bytes.count > count else { return piece }
        let start = piece.bytes.lowerBound
        let end =
            bytes[start..<start + count].lastIndex(of: 10)
            ?? bytes[(start + count)..<piece.bytes.upperBound].firstIndex(of: 10)
        let head = start..<(end.map { $0 + 1 } ?? piece.bytes.upperBound)
        return Piece(
            bytes: head, firstLine: piece.firstLine, lines: Self.lines(bytes[head]))
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 == 10 } }

    /// The line of the file that is a row of some pieces; rows count from 1.
    static func line(ofRow row: Int, in pieces: [Piece]) -> Int {
        var left = row - 1
        for piece in pieces {
            if left < piece.lines { return piece.firstLine + left }
            left -= piece.lines
        }
        // After the last LF.
        return pieces.last.map { $0.firstLine + $0.lines + left } ?? row
    }
}
