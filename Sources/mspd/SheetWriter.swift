// Writes a contact sheet of results. Results without a picture of their own, such as lines of
// dialogue, get that of the shot they are spoken in.

import Gateway
import Media
import Net

/// Collects pictures of results and lays them out.
struct SheetWriter {
    private let connection: Client

    init(_ connection: Client) { self.connection = connection }

    /// Writes the sheet of some rows.
    func write(_ rows: [ClientReply.Row], to path: String) throws {
        var tiles: [ContactSheet.Tile] = []
        for row in rows.prefix(ContactSheet.tilesMax) where (row["context"] ?? "0") == "0" {
            guard let jpeg = try picture(of: row) else { continue }
            let place = "\(row["in"] ?? "")  \(row["title"] ?? "")"
            tiles.append(ContactSheet.Tile(jpeg: jpeg, lines: [place, row["text"] ?? remark(row)]))
        }
        guard !tiles.isEmpty else {
            Terminal.error("mspd: no result has a picture, so there is no sheet")
            return
        }
        do {
            let sheet = try ContactSheet.png(tiles)
            try Files.write(sheet.bytes, to: path)
            if !sheet.hasLines {
                Terminal.error("mspd: no font for the sheet's lines: apt install fonts-dejavu-core")
            }
        } catch let error as FilmError { throw Failure(.refused, "mspd: \(error)") }
        Terminal.error("\(tiles.count) pictures in \(path)")
    }

    /// How alike a result without text is; where nothing was compared, where it ends.
    private func remark(_ row: ClientReply.Row) -> String {
        if let score = row["score"], Double(score) != 0 { return "score \(score)" }
        return row["out"].map { "to \($0)" } ?? ""
    }

    private func picture(of row: ClientReply.Row) throws -> [UInt8]? {
        if let thumb = row["thumb"] { return Base64.decode(Array(thumb.utf8)) }
        guard let title = row["title"], let place = row["in"] else { return nil }
        var line = RequestLine("CONTEXT")
        line.word("shots")
        line.word(title)
        line.key("at", literal: Array(place.utf8))
        line.word("before=0 after=0 thumb=1")
        guard let near = try? connection.ask(line.line).rows else { return nil }
        return near.lazy.compactMap { $0["thumb"] }.first.flatMap { Base64.decode(Array($0.utf8)) }
    }
}
