// Every limit of a server in one value, so that the banner, the decoder and the tests read the same
// numbers. Whatever a peer does, what one connection holds in memory stays below
// line + requestBytes + queuedBytes + outputBytes and one reply.

/// What a server allows its connections; sizes in bytes.
package struct Limits: Sendable, Equatable {
    /// The longest request line, its line ends excluded; the parts around literals count together.
    package var line = 65_536
    /// The largest literal that is accepted.
    package var literal = 16_777_216
    /// What is read and thrown away to stay in step with a client whose literals are refused.
    package var drain = 64 << 20
    /// All literals of one request together.
    package var requestBytes = 64 << 20
    /// Connections open at a time.
    package var connections = 1_000
    /// Seconds without a byte and without a pending request before a connection is closed.
    package var idleSeconds = 300
    /// Requests received and not yet started, per connection; above it reading stops.
    package var queuedBytes = 32 << 20
    /// Replies made and not yet taken by the peer, per connection; above it no request is started.
    package var outputBytes = 1 << 20
    /// Requests of one connection that may await their `Later` at a time.
    package var inFlight = 4_096
    /// Threads that run requests: more than processors, so that short ones need not wait for
    /// long ones.
    package var workers = 8
    /// Threads that read and write sockets.
    package var eventLoops = 1

    /// The defaults.
    package init() {}
}
