// What is run, what it is asked, and within which limits.

/// An encoder program.
package struct EncoderDescription: Sendable, Equatable {
    /// Names it in messages.
    package var name: String
    /// The file that is run, a name in the folder of encoders.
    package var command: String
    /// Numbers in each vector; nil when it answers with rows.
    package var dimension: Int?
    /// Seconds that may pass without an answer before it is given up.
    package var seconds: Double
    /// Bytes of address space for each of its processes.
    package var memory: UInt64
    /// Whether it may start processes.
    package var forks: Bool

    /// A program with its limits.
    package init(
        name: String, command: String, dimension: Int?, seconds: Double = 30,
        memory: UInt64 = 4 << 30, forks: Bool = false
    ) {
        self.name = name
        self.command = command
        self.dimension = dimension
        self.seconds = seconds
        self.memory = memory
        self.forks = forks
    }
}

/// One thing for an encoder to look at.
package struct EncoderRequest: Sendable, Equatable {
    /// What the bytes are: a word without quotes, such as `text`.
    package var kind: String
    /// The thing itself.
    package var bytes: [UInt8]

    /// A thing of a kind.
    package init(_ kind: String, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }
}

/// What an encoder made of a request.
package enum EncoderAnswer: Sendable, Equatable {
    /// Finite numbers, as many as the description says.
    case vector([Float])
    /// Bytes as the program wrote them.
    case rows([UInt8])
}

/// What holds for all encoders of a server.
package struct EncoderSettings: Sendable {
    /// The folder of encoders, without a slash at its end.
    package var folder: String
    /// What starts a program once it has given up what it may not have: a path and its words.
    package var launcher = ["/proc/self/exe", "encoder-child"]
    /// The folder in which each running encoder gets one of its own to write in.
    package var scratch = "/tmp"
    /// Bytes that may lie in such a folder.
    package var scratchBytes: UInt64 = 4 << 30
    /// Seconds that the first answer after a start may take longer, for models to load.
    package var startSeconds = 60.0
    /// Seconds without a request after which a program is ended.
    package var idleSeconds = 600.0
    /// Most requests of a batch, and their bytes beyond the first.
    package var batch = (requests: 64, bytes: 16 << 20)
    /// Most requests that wait, and their bytes.
    package var waiting = (requests: 1_024, bytes: 256 << 20)
    /// The largest answer of rows in bytes.
    package var rowBytes = 64 << 20
    /// Seconds on a clock that only goes forward.
    package var clock: @Sendable () -> Double
    /// Takes lines for the log, from any thread.
    package var log: @Sendable (String) -> Void

    /// The defaults, for the encoders in a folder.
    package init(
        folder: String, clock: @escaping @Sendable () -> Double,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.folder = folder
        self.clock = clock
        self.log = log
    }
}
