// What encoders wrote down of a film, and the subtitles that come later: these are what was said,
// so a lane that gets them holds no transcript beside them. Rows of an encoder have its name as
// their source.

import Net

extension Importer {
    /// Deletes what encoders of rows wrote to a lane that now has subtitles; says so.
    func takePlaceOfTranscript(_ lane: Lane, _ path: String) throws {
        for encoder in try encodersOfRows() {
            let count = try delete(lane, source: encoder)
            guard count > 0 else { continue }
            tell(
                "\(path): takes the place of \(Terminal.counted(count, "line")) that encoder "
                    + "'\(encoder)' wrote")
        }
    }

    /// The encoders that give rows, asked once.
    private func encodersOfRows() throws -> [String] {
        if let transcribers { return transcribers }
        let known = try connection.ask(Array("ENCODER LIST\n".utf8)).rows
            .filter { $0["dim"] == nil }
            .compactMap { $0["encoder"] }
        transcribers = known
        return known
    }
}
