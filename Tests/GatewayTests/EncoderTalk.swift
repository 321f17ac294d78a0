// A gateway with encoders that a test invents, and films that exist as a few samples.

import Gateway
import Glibc
import Segments
import Synchronization
import TestSupport

/// Encoders without processes: a vector counts letters, rows say what was heard.
final class InventedEncoders: QueryEncoder {
    /// Called when an encoder is at work.
    let work = Mutex<@Sendable () -> Void>({})
    let builtIn = [Encoder(name: "look", accepts: [.image, .video], dimension: 8)]
    /// How many inputs came at once, and what they were.
    let asked = Mutex<[[EncoderInput]]>([])
    let forgotten = Mutex<[String]>([])
    /// The request for vectors from which on none is answered.
    let silentFrom = Atomic(Int.max)
    /// The request for rows from sound that is refused.
    let deafAt = Atomic(0)

    /// Counts of the letters a to h.
    static func vector(_ bytes: [UInt8]) -> [Float] {
        (0..<8).map { letter in Float(bytes.count { $0 == 97 + letter }) }
    }

    func vectors(
        of inputs: [EncoderInput], with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[[Float]], GatewayError>) -> Void
    ) {
        work.withLock { $0 }()
        let count = asked.withLock { asked in
            asked.append(inputs)
            return asked.count
        }
        guard count < silentFrom.load(ordering: .relaxed) else { return }
        if inputs.contains(where: { $0.bytes == Array("bad".utf8) }) {
            return then(.failure(GatewayError("ENCODER.refused", "bad is bad")))
        }
        if inputs.contains(where: { $0.bytes == Array("fall".utf8) }) {
            return then(.failure(GatewayError("ENCODER.exited", "it fell")))
        }
        then(.success(inputs.map { Self.vector($0.bytes) }))
    }

    func rows(
        of input: EncoderInput, with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[UInt8], GatewayError>) -> Void
    ) {
        work.withLock { $0 }()
        let count = asked.withLock { asked in
            asked.append([input])
            return asked.count
        }
        if input.kind == .annotations {
            let lines = input.bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
            let text = lines.map { $0.replacing("\"text\":\"", with: "\"text\":\"so: ") + "\n" }
            return then(.success(Array(text.joined().utf8)))
        }
        if count == deafAt.load(ordering: .relaxed) {
            return then(.failure(GatewayError("ENCODER.refused", "too loud")))
        }
        let seconds = Double(input.bytes.count - 44) / 32_000
        let text = "{\"in\":500,\"out\":\(Int(seconds * 1_000)),\"text\":\"piece \(count)\"}\n"
        then(.success(Array(text.utf8)))
    }

    func standing(of encoder: Encoder) -> EncoderStanding { EncoderStanding("idle") }
    func forget(_ name: String) { forgotten.withLock { $0.append(name) } }
}

/// One film of 75 seconds: loud, with a quiet second that begins at 25 s and at 50 s; from 60 s on
/// there is nothing to be seen.
final class InventedFilm: FilmSource {
    /// The times of which pictures were taken.
    let pictures = Mutex<[Int64]>([])
    /// Called when a picture is taken.
    let work = Mutex<@Sendable () -> Void>({})

    func pictures(of film: String) throws(GatewayError) -> FilmPictures {
        FilmPictures(
            picture: { time throws(GatewayError) in try self.picture(at: time) },
            clip: { start, end in
                (start / 1_000_000_000..<end / 1_000_000_000).map { 97 + UInt8($0) }
            })
    }

    private func picture(at time: Int64) throws(GatewayError) -> [UInt8] {
        work.withLock { $0 }()
        pictures.withLock { $0.append(time) }
        guard time < 60_000_000_000 else { throw GatewayError("FILM.unreadable", "nothing") }
        return Array(repeating: 97 + UInt8(time / 1_000_000_000), count: 3)
    }

    func sound(of film: String) throws(GatewayError) -> FilmSound {
        var first = 0
        return FilmSound(seconds: 75) { bytes throws(GatewayError) in
            let last = min(75 * 16_000, first + bytes / 2)
            defer { first = last }
            return (first..<last).flatMap { sample -> [UInt8] in
                [25, 50].contains(sample / 16_000) ? [0, 0] : [0, sample % 2 == 0 ? 0x20 : 0xE0]
            }
        }
    }
}

/// One connection to a gateway of its own, with encoders and a thread that fills tracks.
final class EncoderTalk {
    let encoders = InventedEncoders()
    let films = InventedFilm()
    let store: Store
    let gateway: Gateway
    private let enricher: Enricher
    private var settings = ConversationSettings()
    let log = Log()
    let clock = HandClock()
    let rests = Rests()

    final class Log: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// The rests of the thread that fills tracks, in seconds; each takes a moment.
    final class Rests: Sendable {
        let seconds = Mutex(0.0)
        var sum: Double { seconds.withLock { $0 } }
    }

    init() throws {
        var options = StoreSettings()
        options.memtableBytes = 1 << 24
        options.reserveBytes = 0
        options.logStepBytes = 1 << 16
        store = try Store(opening: "/data", in: FaultyFileSystem(), options)
        let log = self.log
        let (clock, rests) = (self.clock, self.rests)
        gateway = Gateway(
            store, encoders: encoders, films: films, clock: { clock.now })
        enricher = Enricher(
            gateway,
            pause: { seconds in
                rests.seconds.withLock { $0 += seconds }
                usleep(200)
            }
        ) { line in
            log.lines.withLock { $0.append(line) }
        }
    }

    deinit {
        enricher.stop()
        store.close()
    }

    /// Carries out a request as it would be typed, without quotes; literals are not known.
    @discardableResult
    func ask(_ line: String, _ more: (name: String, value: String)...) throws -> TalkAnswer {
        switch try outcome(line, more) {
        case .answer(let answer): return Talk.read(answer)
        case .write(let operations, let answer):
            return Talk.read(answer(try store.write(operations)))
        case .later(let start):
            let box = Self.box(start)
            return Talk.read(try box.wait { $0 }.get())
        case .goodbye: return TalkAnswer()
        }
    }

    /// Begins a request that is answered later; what comes of it comes into the box.
    func begin(_ line: String) throws -> Monitor<Result<Answer, GatewayError>?>? {
        guard case .later(let start) = try outcome(line, []) else { return nil }
        return Self.box(start)
    }

    private static func box(
        _ start: (@escaping CallOutcome.Finish) -> Void
    ) -> Monitor<Result<Answer, GatewayError>?> {
        let box = Monitor<Result<Answer, GatewayError>?>(nil)
        start { result in box.update { $0 = result } }
        return box
    }

    private func outcome(
        _ line: String, _ more: [(name: String, value: String)]
    ) throws -> CallOutcome {
        let parts = line.split(separator: " ").map(String.init)
        let isKey = { (part: String) in part.contains("=") }
        let keys = parts.dropFirst().filter(isKey).map { part in
            let ends = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(ends[0]), value: Array(String(ends[1]).utf8))
        }
        let arguments = Arguments(
            words: parts.dropFirst().filter { !isKey($0) }.map { Array($0.utf8) },
            keys: keys + more.map { (name: $0.name, value: Array($0.value.utf8)) })
        return try gateway.call(parts[0], arguments, &settings)
    }

    /// The code of the error that a request gets; nil when it is carried out.
    func refusal(_ line: String) -> String? {
        do {
            try ask(line)
            return nil
        } catch let error as GatewayError { return error.code } catch { return "\(error)" }
    }
}
