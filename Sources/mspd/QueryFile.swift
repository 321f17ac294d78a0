// The file of benchmark queries: a JSON object with, for each class, a list of strings or of lists
// of words.

/// Queries by class, each as its words.
enum QueryFile {
    typealias Class = (name: String, queries: [[String]])

    static func read(_ path: String) throws(Failure) -> [Class] {
        var reader = Reader(bytes: try Files.read(path))
        guard let classes = reader.classes() else {
            throw Failure(
                .usage, "mspd: \(path) is no file of queries, at byte \(reader.next + 1)")
        }
        return classes
    }

    /// Reads just this shape of JSON; nil where it is something else.
    private struct Reader {
        let bytes: [UInt8]
        var next = 0

        mutating func classes() -> [Class]? {
            var classes: [Class] = []
            let isRead = list("{", "}") { reader in
                guard let name = reader.string(), reader.take(":") else { return false }
                var queries: [[String]] = []
                let isRead = reader.list("[", "]") { reader in
                    guard let query = reader.query() else { return false }
                    queries.append(query)
                    return true
                }
                classes.append((name, queries))
                return isRead
            }
            return isRead ? classes : nil
        }

        private mutating func query() -> [String]? {
            if let text = string() { return text.split(separator: " ").map(String.init) }
            var words: [String] = []
            let isRead = list("[", "]") { reader in
                guard let word = reader.string() else { return false }
                words.append(word)
                return true
            }
            return isRead ? words : nil
        }

        private mutating func list(
            _ open: Character, _ close: Character, _ element: (inout Reader) -> Bool
        ) -> Bool {
            guard take(open) else { return false }
            if take(close) { return true }
            repeat {
                guard element(&self) else { return false }
            } while take(",")
            return take(close)
        }

        private mutating func take(_ character: Character) -> Bool {
            while next < bytes.count, bytes[next] <= 32 { next += 1 }
            guard next < bytes.count, bytes[next] == character.asciiValue else { return false }
            next += 1
            return true
        }

        private mutating func string() -> String? {
            guard take("\"") else { return nil }
            guard let end = bytes[next...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            defer { next = end + 1 }
            return String(validating: bytes[next..<end], as: UTF8.self)
        }
    }
}
