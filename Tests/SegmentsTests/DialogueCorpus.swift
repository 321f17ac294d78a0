// A million lines of real speech, where the shared test material is there: number, title, in and
// out in milliseconds, speaker, line.

import Glibc
import Segments
import TestSupport

/// Reads the corpus line by line.
@safe final class DialogueCorpus {
    // The pipe is closed with the object.
    private let pipe: UnsafeMutablePointer<FILE>
    private var line: UnsafeMutablePointer<CChar>?
    private var capacity = 0

    /// Nil, with a note, when there is no corpus here.
    init?() {
        guard let path = SharedData.folder("data/dialogue-1m.tsv.xz") else { return nil }
        guard let pipe = unsafe popen("xz -dc '\(path)' 2>/dev/null", "r") else { return nil }
        unsafe self.pipe = pipe
    }

    deinit {
        unsafe pclose(pipe)
        unsafe free(line)
    }

    /// The next line as an annotation; nil at the end.
    func next() -> Annotation? {
        let count = unsafe getline(&line, &capacity, pipe)
        guard count > 0, let start = unsafe line else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count - 1)
        let fields = unsafe bytes.split(
            separator: UInt8(ascii: "\t"), maxSplits: 5, omittingEmptySubsequences: false)
        guard unsafe fields.count == 6 else { return nil }
        func number(_ index: Int) -> Int64 {
            unsafe Int64(String(decoding: fields[index], as: UTF8.self)) ?? 0
        }
        // Some of the lines end before they begin.
        return unsafe Annotation(
            title: Array(fields[1]), start: number(2) * 1_000_000,
            end: max(number(2), number(3)) * 1_000_000,
            key: Array(fields[0]), text: Array(fields[5]),
            attributes: [
                Attribute(
                    name: [UInt8](text: "speaker"), type: .keyword, value: Array(fields[4]))
            ])
    }

    /// The next lines, fewer at the end.
    func next(_ count: Int) -> [Annotation] {
        var annotations: [Annotation] = []
        while annotations.count < count, let annotation = next() { annotations.append(annotation) }
        return annotations
    }
}
