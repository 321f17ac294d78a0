// Joins the network to the gateway: a request of the one becomes a call of the other, and its
// answer a reply. All that happens here is translation.

import Gateway
import Net
import Segments
import Synchronization

/// Answers connections out of a gateway.
final class Dispatcher: Service {
    private let gateway: Gateway
    private let store: Store

    init(_ gateway: Gateway, _ store: Store) {
        self.gateway = gateway
        self.store = store
    }

    func greet(peer: String, options: ConnectionOptions) -> any Conversation {
        GatewayConversation(gateway, store, options)
    }

    /// The verbs in the form that framing needs.
    static func grammar(_ gateway: Gateway) -> Grammar {
        Grammar(
            verbs: Verb.all.map { verb in
                VerbShape(
                    name: verb.name, usage: verb.usage, keys: verb.keys, openKeys: verb.openKeys,
                    freeTextAfterWords: verb.freeTextAfterWords, wrapsVerb: verb.wrapsVerb,
                    order: verb.order.shape)
            },
            isTrackKey: { tracks, key in gateway.isAttribute(key, ofTracks: tracks) },
            trackKeys: { tracks in gateway.attributes(ofTracks: tracks) })
    }
}

extension Verb.Order {
    fileprivate var shape: VerbShape.Order {
        switch self {
        case .constant(let reply): return .constant(reply: Array(reply.utf8))
        case .ordered: return .ordered
        case .overlapping: return .overlapping
        }
    }
}

/// One connection's talk with the gateway.
private final class GatewayConversation: Conversation {
    private let gateway: Gateway
    private let store: Store
    private let options: ConnectionOptions
    private let settings = Mutex(ConversationSettings())

    init(_ gateway: Gateway, _ store: Store, _ options: ConnectionOptions) {
        self.gateway = gateway
        self.store = store
        self.options = options
    }

    func run(_ request: Request, reply: inout Reply, later: Later) -> Outcome {
        let started = Terminal.seconds
        var settings = self.settings.withLock { $0 }
        let arguments = Arguments(
            words: request.words, keys: request.keys, quoted: request.quoted, text: request.text)
        do throws(GatewayError) {
            let outcome = try gateway.call(request.verb, arguments, &settings)
            let kept = settings
            self.settings.withLock { $0 = kept }
            options.json = settings.json
            switch outcome {
            case .answer(let answer):
                reply.write(answer, since: started)
                return .replied
            case .goodbye:
                reply.done("BYE")
                return .close
            case .later(let start):
                start { result in
                    later.finish { reply in
                        switch result {
                        case .success(let answer): reply.write(answer, since: started)
                        case .failure(let error): reply.write(error, nil)
                        }
                    }
                }
                return .later
            case .write(let operations, let answer):
                store.submit(operations, token: arguments.bytes("req")) { result in
                    later.finish { reply in
                        switch result {
                        case .success(let applied): reply.write(answer(applied), since: started)
                        case .failure(let error): reply.write(GatewayError(error), nil)
                        }
                    }
                }
                return .later
            }
        } catch {
            reply.write(error, Verb.named(request.verb)?.usage)
            return .replied
        }
    }
}

extension Reply {
    fileprivate mutating func write(_ error: GatewayError, _ usage: String?) {
        let isSyntax = error.code.hasPrefix("SYNTAX.") && error.code != "SYNTAX.json"
        let hint = isSyntax ? usage.map { "; usage: \($0)" } ?? "" : ""
        failed(error.code, retry: error.retry, error.text + hint)
    }

    fileprivate mutating func write(_ answer: Answer, since started: Double) {
        switch answer {
        case .done(let word): done(word)
        case .ok(let fields): done(fields: fields.map(\.pair))
        case .rows(let rows, let summary):
            for fields in rows {
                beginRow()
                for value in fields { field(name: value.name, value.value.field) }
                endRow()
            }
            let milliseconds = (Terminal.seconds - started) * 1_000
            end(summary.map(\.pair) + [("ms", .number(milliseconds, decimals: 2))])
        }
    }
}

extension AnswerField {
    fileprivate var pair: (String, Field) { (name, value.field) }
}

extension FieldValue {
    fileprivate var field: Field {
        switch self {
        case .text(let text): return .text(text)
        case .bytes(let bytes): return .bytes(bytes)
        case .integer(let integer): return .integer(integer)
        case .number(let number, let decimals): return .number(number, decimals: decimals)
        case .decimal(let number): return .decimal(number)
        }
    }
}
