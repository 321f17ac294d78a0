// The requests that were sent together and are not all answered. Knows no process: it says what is
// to be written, and takes answers.

/// A batch on its way.
struct Batch {
    private struct Entry {
        let job: EncoderJob
        var answers: [EncoderAnswer?]
        var isFinished = false
    }

    private var entries: [Entry] = []
    private let firstID: UInt64
    /// Where each request belongs: its number less `firstID` is the place here.
    private var places: [(entry: Int, request: Int)] = []
    private var isAnswered: [Bool] = []
    /// Requests without an answer.
    private(set) var openCount = 0
    /// What is to be written, and how much of it was.
    private(set) var outbox: [UInt8] = []
    private(set) var written = 0

    /// Nothing on its way.
    init() { firstID = 0 }

    /// Jobs to be sent; their requests get numbers from `firstID` on.
    init(_ jobs: [EncoderJob], firstID: UInt64, dimension: Int?) {
        self.firstID = firstID
        openCount = jobs.reduce(0) { $0 + $1.requests.count }
        var more = openCount
        for job in jobs {
            for (index, request) in job.requests.enumerated() {
                more -= 1
                outbox += HeaderLine.request(
                    id: firstID + UInt64(places.count), kind: request.kind,
                    bytes: request.bytes.count, more: more, dimension: dimension)
                outbox += request.bytes
                places.append((entries.count, index))
            }
            entries.append(
                Entry(job: job, answers: Array(repeating: nil, count: job.requests.count)))
        }
        isAnswered = Array(repeating: false, count: places.count)
    }

    /// Whether there is something left to write.
    var isWriting: Bool { written < outbox.count }

    /// The first deadline of jobs that wait for their answer.
    var deadline: Double? {
        entries.lazy.filter { !$0.isFinished }.map(\.job.deadline).min()
    }

    /// So many bytes were written.
    mutating func wrote(_ count: Int) {
        written += count
        if !isWriting { (outbox, written) = ([], 0) }
    }

    /// Takes an answer; gives the job that it finishes, with its result.
    ///
    /// Throws for an answer to no request.
    mutating func take(
        _ answer: AnswerReader.Answer
    ) throws(EncoderError) -> (job: EncoderJob, result: Result<[EncoderAnswer], EncoderError>)? {
        guard answer.id >= firstID, answer.id - firstID < UInt64(places.count),
            !isAnswered[Int(answer.id - firstID)]
        else { throw .answer("an answer to request \(answer.id), which does not wait for one") }
        let number = Int(answer.id - firstID)
        isAnswered[number] = true
        openCount -= 1
        let (entry, request) = places[number]
        guard !entries[entry].isFinished else { return nil }
        switch answer.result {
        case .failure(let error):
            entries[entry].isFinished = true
            return (entries[entry].job, .failure(error))
        case .success(let value): entries[entry].answers[request] = value
        }
        let answers = entries[entry].answers.compactMap { $0 }
        guard answers.count == entries[entry].answers.count else { return nil }
        entries[entry].isFinished = true
        return (entries[entry].job, .success(answers))
    }

    /// Takes the jobs whose deadline has passed; answers that still come for them go nowhere.
    mutating func takeExpired(now: Double) -> [EncoderJob] {
        takeUnfinished { $0.deadline <= now }
    }

    /// Takes all jobs that are not answered.
    mutating func takeAll() -> [EncoderJob] { takeUnfinished { _ in true } }

    private mutating func takeUnfinished(_ isTaken: (EncoderJob) -> Bool) -> [EncoderJob] {
        var taken: [EncoderJob] = []
        for index in entries.indices where !entries[index].isFinished {
            guard isTaken(entries[index].job) else { continue }
            entries[index].isFinished = true
            taken.append(entries[index].job)
        }
        return taken
    }
}
