// Subtitle files of every format and encoding.

import Media

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe bytes(start, count)
    guard let kind = input.first else { return 0 }
    let formats: [SubtitleFormat?] = [nil, .srt, .webVTT]
    let format = formats[Int(kind) % formats.count]
    guard let file = try? SubtitleReader.read(Array(input.dropFirst()), format: format) else {
        return 0
    }
    precondition(!file.cues.isEmpty, "a file without cues")
    return 0
}
