// The transcripts of docs/PROTOCOL.md, read from the page as it stands.

import TestSupport

/// One fenced block: what is sent and received on one connection.
struct Transcript {
    /// A line of a block.
    enum Step: Equatable {
        /// `> `: sent, with an LF.
        case send(String)
        /// `< `: received; `*` stands for any run of characters.
        case receive(String)
        /// `>|`: the sender half-closes.
        case halfClose
        /// `<|`: the server has closed.
        case closed
    }

    /// The nearest heading above the block.
    let name: String
    /// The steps with their line numbers in the page.
    let steps: [(line: Int, step: Step)]

    /// The page, where the tests' sources lie in a checkout.
    static func page() throws -> String {
        guard let root = SharedData.packageRoot else {
            throw ServerProcess.Trouble(text: "the package's folder is not found")
        }
        return try Command.text(of: "\(root)/docs/PROTOCOL.md")
    }

    /// All transcripts of a page; a line of none of the four kinds is an error.
    static func all(in page: String) throws -> [Transcript] {
        var found: [Transcript] = []
        var heading = ""
        var steps: [(line: Int, step: Step)]?
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if let read = steps {
                if line == "```" {
                    found.append(Transcript(name: heading, steps: read))
                    steps = nil
                } else if let step = step(String(line)) {
                    steps = read + [(index + 1, step)]
                } else {
                    throw ServerProcess.Trouble(text: "line \(index + 1) is no step: \(line)")
                }
            } else if line == "```transcript" {
                steps = []
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
            }
        }
        return found
    }

    private static func step(_ line: String) -> Step? {
        let text = String(line.dropFirst(2).map { $0 == "→" ? "\t" : $0 })
        switch line.prefix(2) {
        case "> ": return .send(text)
        case "< ": return .receive(text)
        case ">|": return .halfClose
        case "<|": return .closed
        default: return nil
        }
    }

    /// Whether a line is what a pattern says; `*` stands for any run of characters.
    static func matches(_ line: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else {
            return line == pattern
        }
        guard line.hasPrefix(first) else { return false }
        var rest = Array(line.utf8)[first.utf8.count...]
        for part in parts.dropFirst().dropLast() {
            let wanted = Array(part.utf8)
            guard
                let place = rest.indices.first(where: { rest[$0...].starts(with: wanted) })
            else { return false }
            rest = rest[(place + wanted.count)...]
        }
        return rest.count >= last.utf8.count
            && rest.suffix(last.utf8.count).elementsEqual(last.utf8)
    }
}
