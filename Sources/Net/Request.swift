// One request as the service sees it: a verb, words, keys with values, free text. Bytes are as
// sent: the line's are valid UTF-8 without control characters, except where an escape or a literal
// put them; a literal's are anything.

/// A parsed request.
package struct Request: Sendable {
    /// The label after `#`, without it; replies carry it.
    package let id: String?
    /// In upper case.
    package let verb: String
    /// The words, quotes and escapes undone.
    package let words: [[UInt8]]
    /// Keys in the order given, none twice.
    package let keys: [(name: String, value: [UInt8])]
    /// The names of those whose values stood in double quotes.
    package let quoted: Set<String>
    /// Free text as it stands, without the spaces around it; nil when there is none.
    package let text: [UInt8]?

    /// A request made by hand, as tests of a service do.
    package init(
        id: String? = nil, verb: String, words: [[UInt8]] = [],
        keys: [(name: String, value: [UInt8])] = [], quoted: Set<String> = [],
        text: [UInt8]? = nil
    ) {
        self.id = id
        self.verb = verb
        self.words = words
        self.keys = keys
        self.quoted = quoted
        self.text = text
    }

    /// The value of a key, or nil when it was not given.
    package func value(_ key: String) -> [UInt8]? {
        keys.first { $0.name == key }?.value
    }
}

/// What became of a request when `Conversation.run` returns.
package enum Outcome: Sendable {
    /// The reply is complete.
    case replied
    /// The reply comes through the request's `Later`; what was written to `reply` is dropped.
    case later
    /// The reply is complete, and the connection closes once it is sent.
    case close
}
