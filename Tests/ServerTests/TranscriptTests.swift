// Holds docs/PROTOCOL.md against the program: every transcript is replayed, every verb and every
// error code is named.

import Net
import Storage
import TestSupport
import Testing

/// Sends and receives what a transcript says; the first line that differs, as a sentence.
private func difference(_ transcript: Transcript, _ server: ServerProcess) throws -> String? {
    let client = try server.connect()
    var steps = transcript.steps[...]
    if case .receive(let banner)? = steps.first?.step {
        guard Transcript.matches(client.banner, banner) else {
            return "\(transcript.name): banner \(client.banner)"
        }
        steps = steps.dropFirst()
    }
    for (line, step) in steps {
        var received: String?
        switch step {
        case .send(let text):
            client.send(line: text)
            continue
        case .halfClose:
            try client.halfClose()
            continue
        case .receive, .closed:
            received = try client.readLine().map { String(decoding: $0, as: UTF8.self) }
        }
        let isRight: Bool
        switch step {
        case .receive(let pattern):
            isRight = received.map { Transcript.matches($0, pattern) } ?? false
        default: isRight = received == nil
        }
        guard isRight else {
            return "\(transcript.name), line \(line): received \(received ?? "the end")"
        }
    }
    // Nothing may be left over.
    client.send(line: "QUIT")
    let rest = try? client.readLine().map { String(decoding: $0, as: UTF8.self) }
    guard case .closed? = steps.last?.step else {
        return rest == "+ BYE" ? nil : "\(transcript.name): then received \(rest ?? "the end")"
    }
    return nil
}

@Test func `every transcript of the protocol page replays`() throws {
    let transcripts = try Transcript.all(in: Transcript.page())
    #expect(transcripts.count >= 16)
    let scratch = try scratchDirectory("transcripts")
    let server = try ServerProcess(scratch)
    for transcript in transcripts {
        let difference = try difference(transcript, server)
        #expect(difference == nil, "\(difference ?? "")")
    }
    #expect(server.stop() == 0)
}

@Test func `a transcript with a changed line does not replay`() throws {
    let page = """
        ```transcript
        > PING
        < + PANG
        ```
        ```transcript
        > PING
        < + PONG
        < + PONG
        ```
        ```transcript
        > PING
        > PING
        < + PONG
        ```
        ```transcript
        > PING
        < + P*G
        ```
        """
    let scratch = try scratchDirectory("transcripts")
    let server = try ServerProcess(scratch)
    let found = try Transcript.all(in: page)
    #expect(try difference(found[0], server)?.contains("received + PONG") == true)
    #expect(throws: (any Error).self) {
        // Waits for a line that never comes, so the server is gone before.
        let silent = try ServerProcess(try scratchDirectory("gone"))
        _ = silent.stop()
        _ = try difference(found[1], silent)
    }
    #expect(try difference(found[2], server) != nil)
    #expect(try difference(found[3], server) == nil)
}

@Test func `patterns match as the page says`() {
    #expect(Transcript.matches(".\tms=0.17", ".\tms=*"))
    #expect(Transcript.matches("a-b-c", "a*b*c"))
    #expect(!Transcript.matches("a-b-c", "a*c*c"))
    #expect(!Transcript.matches("ab", "ab*b"))
    #expect(!Transcript.matches("x.\tms=1", ".\tms=*"))
    #expect(!Transcript.matches("ab", "a"))
}

@Test func `the page names every verb`() throws {
    let page = try Transcript.page()
    let server = try ServerProcess(try scratchDirectory("verbs"))
    let verbs = try server.connect().request("HELP").rows.compactMap { $0["verb"] }
    #expect(verbs.count >= 15)
    for verb in verbs { #expect(page.contains("> \(verb)") || page.contains("`\(verb)`")) }
}

@Test func `the page lists every error code of the sources, and no other`() throws {
    let root = try #require(SharedData.packageRoot)
    let fs = RealFileSystem()
    var produced: Set<String> = []
    for folder in ["Gateway", "Net", "mspd"] {
        for name in try fs.list("\(root)/Sources/\(folder)") where name.hasSuffix(".swift") {
            produced.formUnion(
                codes(in: try Command.text(of: "\(root)/Sources/\(folder)/\(name)"), "\""))
        }
    }
    #expect(produced.count > 30)
    #expect(produced == codes(in: try Transcript.page(), "`"))
}

/// What stands between two marks and looks like CLASS.reason.
private func codes(in text: String, _ mark: Character) -> Set<String> {
    let words = text.split(separator: mark, omittingEmptySubsequences: false)
    let codes = words.map(String.init).filter { word in
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
            && parts[0].utf8.allSatisfy { (65...90).contains($0) }
            && parts[1].utf8.allSatisfy { (97...122).contains($0) }
    }
    return Set(codes)
}
