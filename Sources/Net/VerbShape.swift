// What this room must know of a verb to frame, check and order its requests. What the verb does,
// and what its values mean, stays with the service.

/// The form of one verb's requests.
package struct VerbShape: Sendable {
    /// When a request may start, with regard to the earlier ones of its connection.
    package enum Order: Sendable, Equatable {
        /// Answered here, with `+` and these bytes, when the line is the verb alone.
        case constant(reply: [UInt8])
        /// Starts when all earlier requests of the connection are answered.
        case ordered
        /// Starts without waiting for other overlapping requests; replies still come in order.
        case overlapping
    }

    /// Upper case.
    package let name: String
    /// Shown at the end of a syntax error.
    package let usage: String
    /// The keys the verb takes.
    package let keys: Set<String>
    /// Whether keys not in `keys` are passed on rather than refused.
    package let openKeys: Bool
    /// How many words come before the free text; nil when the verb takes none.
    package let freeTextAfterWords: Int?
    /// Whether the first word names a verb, by whose form the rest is read (EXPLAIN SEARCH …).
    package let wrapsVerb: Bool
    /// When its requests may start.
    package let order: Order

    /// - Parameter name: in upper case, without spaces.
    package init(
        name: String, usage: String, keys: Set<String>, openKeys: Bool = false,
        freeTextAfterWords: Int? = nil, wrapsVerb: Bool = false, order: Order
    ) {
        precondition(name == name.uppercased() && !name.isEmpty, "a verb's name is in upper case")
        self.name = name
        self.usage = usage
        self.keys = keys
        self.openKeys = openKeys
        self.freeTextAfterWords = freeTextAfterWords
        self.wrapsVerb = wrapsVerb
        self.order = order
    }
}
