// TITLE: the catalog of films, episodes and reels.

import Media
import Segments

extension Gateway {
    func title(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> CallOutcome {
        let action = try arguments.word(0, "SET, GET, LIST or DROP").uppercased()
        try arguments.expectWords(atMost: action == "LIST" ? 1 : 2)
        if action != "SET", let key = arguments.keys.first {
            throw GatewayError("SYNTAX.key", "TITLE \(action) takes no '\(key.name.prefix(64))='")
        }
        switch action {
        case "SET": return try setTitle(arguments)
        case "GET":
            let title = try current().catalog.title(try arguments.word(1, "the title's name"))
            return .answer(.rows([row(title)], summary: [AnswerField("shown", 1)]))
        case "LIST":
            let titles = try current().catalog.titles.values.sorted { $0.name < $1.name }
            return .answer(
                .rows(titles.map(row), summary: [AnswerField("shown", titles.count)]))
        case "DROP": return try dropTitle(arguments)
        default:
            throw GatewayError(
                "SYNTAX.word", "TITLE \(action.prefix(64)) is none of SET, GET, LIST, DROP")
        }
    }

    private func setTitle(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let name = try arguments.word(1, "the title's name")
        try Name.check(name, "a title")
        var title = try current().catalog.titles[name] ?? Title(name: name)
        if let fps = try arguments.string("fps") {
            guard let rate = FrameRate(fps) else {
                throw GatewayError(
                    "SYNTAX.value",
                    "fps=\(fps.prefix(32)) is no frame rate; write 23.976, 24, 25, 29.97, 30, 50, "
                        + "59.94, 60 or a fraction such as 24000/1001")
            }
            try setRate(rate, of: &title, keepsLabel: arguments.bytes("start") == nil)
        }
        if let start = try arguments.string("start") { try setStart(start, of: &title) }
        for key in arguments.keys where !["fps", "start"].contains(key.name) {
            try Name.check(key.name, "an attribute")
            let value = try utf8(key.value, key.name)
            title.attributes.removeAll { $0.name == key.name }
            if !value.isEmpty { title.attributes.append((key.name, value)) }
        }
        return .write([.set(name: Title.entry(name), value: title.encoded)]) { _ in
            .ok([AnswerField("title", name)])
        }
    }

    /// Sets a title's rate; its first label stays as it is written, unless another comes with it.
    private func setRate(
        _ rate: FrameRate, of title: inout Title, keepsLabel: Bool
    ) throws(GatewayError) {
        let label = title.rate.map {
            Timecode.label(frames: title.startFrame, rate: $0, dropFrame: title.dropFrame)
        }
        title.rate = rate
        guard keepsLabel, let label else { return }
        do { try setStart(label, of: &title) } catch {
            throw GatewayError(
                "SYNTAX.time",
                "the title starts at \(label), which is no label at \(rate) frames a second; give "
                    + "start= with fps=")
        }
    }

    private func setStart(_ start: String, of title: inout Title) throws(GatewayError) {
        guard let rate = title.rate else {
            throw GatewayError("SYNTAX.value", "start= is a label, which needs fps=")
        }
        do {
            let label = try Timecode.frames(label: start, rate: rate)
            title.startFrame = label.frames
            title.dropFrame = label.dropFrame
        } catch {
            throw GatewayError("SYNTAX.time", "start=\(start.prefix(32)): \(error)")
        }
    }

    private func dropTitle(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let name = try arguments.word(1, "the title's name")
        let (view, catalog) = try current()
        _ = try catalog.title(name)
        try checkSound(Array(catalog.tracks.values), view)
        var operations: [Segments.Operation] = catalog.tracks.values.sorted { $0.id < $1.id }.map {
            .clear(track: $0.id, title: Array(name.utf8), name: [], value: [])
        }
        operations.append(.unset(name: Title.entry(name)))
        return .write(operations) { applied in
            .ok([AnswerField("title", name), AnswerField("deleted", applied.deleted)])
        }
    }

    private func row(_ title: Title) -> [AnswerField] {
        var row = [AnswerField("title", title.name)]
        if let rate = title.rate {
            row.append(AnswerField("fps", rate.description))
            row.append(
                AnswerField(
                    "start",
                    Timecode.label(
                        frames: title.startFrame, rate: rate, dropFrame: title.dropFrame)))
        }
        return row + title.attributes.map { AnswerField($0.name, $0.value) }
    }
}
