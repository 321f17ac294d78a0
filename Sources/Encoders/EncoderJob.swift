// Requests that wait for an encoder, in the order in which they are to be answered.

/// What a caller asked at once, and is answered at once.
struct EncoderJob: Sendable {
    /// Takes the answers, one for each request, or what went wrong; called once.
    typealias Finish = @Sendable (Result<[EncoderAnswer], EncoderError>) -> Void

    let requests: [EncoderRequest]
    /// The time in seconds after which the answer is of no use any more.
    let deadline: Double
    /// Seconds from its start to the deadline, for the message.
    let seconds: Double
    let finish: Finish
    /// Sent by itself: it was in a batch during which the program failed, and may be why.
    var isSuspect = false

    var byteCount: Int { requests.reduce(0) { $0 + $1.bytes.count } }
}

/// The jobs that wait.
struct JobQueue: Sendable {
    private var jobs: [EncoderJob] = []
    private(set) var requestCount = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { jobs.isEmpty }

    /// The time of the first deadline.
    var deadline: Double? { jobs.map(\.deadline).min() }

    /// Adds a job behind the others, one that waited before in front of them.
    mutating func add(_ job: EncoderJob, inFront: Bool = false) {
        count(job, 1)
        jobs.insert(job, at: inFront ? 0 : jobs.count)
    }

    /// Takes what is sent together: the first job, and more as long as they fit.
    mutating func takeBatch(_ limit: (requests: Int, bytes: Int)) -> [EncoderJob] {
        var batch: [EncoderJob] = []
        var size = (requests: 0, bytes: 0)
        while let job = jobs.first {
            let requests = size.requests + job.requests.count
            let bytes = size.bytes + job.byteCount
            let fits = requests <= limit.requests && bytes <= limit.bytes
            let goesAlone = job.isSuspect || batch.first?.isSuspect == true
            guard batch.isEmpty || (fits && !goesAlone) else { break }
            size = (requests, bytes)
            batch.append(job)
            count(job, -1)
            jobs.removeFirst()
        }
        return batch
    }

    /// Takes the jobs whose deadline has passed.
    mutating func takeExpired(now: Double) -> [EncoderJob] {
        let expired = jobs.filter { $0.deadline <= now }
        guard !expired.isEmpty else { return [] }
        jobs.removeAll { $0.deadline <= now }
        for job in expired { count(job, -1) }
        return expired
    }

    /// Takes all.
    mutating func takeAll() -> [EncoderJob] {
        defer { self = JobQueue() }
        return jobs
    }

    private mutating func count(_ job: EncoderJob, _ sign: Int) {
        requestCount += sign * job.requests.count
        byteCount += sign * job.byteCount
    }
}
