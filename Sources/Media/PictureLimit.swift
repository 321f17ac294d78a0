// How large pictures and clips may be that come from outside: a file of two megabytes can hold one
// that takes gigabytes when it is read. Several usual ones are read at a time, and one large one.

import Glibc

enum PictureLimit {
    /// Pixels of one that is read whatever else is: of 8 bytes each at most, so that ffmpeg takes
    /// 200 MB.
    private static let usual = 16 << 20
    /// Pixels of one that is read at all; ffmpeg takes a gigabyte then.
    static let most = 100_000_000

    /// Locked while a large one is read.
    private nonisolated(unsafe) static let turn: UnsafeMutablePointer<pthread_mutex_t> = {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        return unsafe mutex
    }()

    /// Words for ffmpeg that refuse what is not usual.
    static let words = ["-max_pixels", "\(usual)"]

    /// What `body` reads with these words before the file; what is large waits for its turn.
    static func read(
        _ body: (_ words: [String]) throws(FilmError) -> [UInt8]
    ) throws(FilmError) -> [UInt8] {
        do { return try body(words) } catch { guard isTooLarge(error) else { throw error } }
        unsafe pthread_mutex_lock(turn)
        defer { unsafe pthread_mutex_unlock(turn) }
        do {
            return try body(["-threads", "1", "-max_pixels", "\(most)"])
        } catch { throw isTooLarge(error) ? .tooLarge : error }
    }

    private static func isTooLarge(_ error: FilmError) -> Bool {
        guard case .unreadable(let said) = error else { return false }
        return said.contains("exceeds specified max pixel count")
    }
}
