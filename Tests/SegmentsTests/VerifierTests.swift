// The verifier on folders with a file of each kind: whatever is damaged it says so, by file and
// place, and it says nothing of what is sound.

import Segments
import Storage
import Synchronization
import TestSupport
import Testing
import TextIndex

@Suite struct VerifierTests {
    private func verify(
        _ fs: FaultyFileSystem, isLive: Bool = false, _ pace: Pace = Pace()
    ) throws -> Verification {
        var verifier = Verifier("/data", in: fs, isLive: isLive, pace)
        return try verifier.run()
    }

    @Test(arguments: [false, true]) func `a sound folder is sound`(crashed: Bool) throws {
        let sample = try DamageSample(crashed: crashed)
        let result = try verify(sample.fs)
        #expect(result.damage == [])
        #expect(result.files == sample.paths.count { !$0.hasSuffix(".clean") })
        let bytes = sample.paths.reduce(0) { $0 + (sample.fs.contents($1)?.count ?? 0) }
        #expect(result.bytes == UInt64(bytes))
        #expect(try recoveredState(sample.fs) == sample.answer.state)
    }

    @Test func `a changed byte anywhere is found in its file`() throws {
        let sample = try DamageSample(crashed: false)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for path in sample.paths where !path.hasSuffix(".clean") {
            let bytes = try #require(sample.fs.contents(path))
            let places =
                bytes.count < 600
                ? Array(bytes.indices)
                : (0..<600).map { _ in
                    Int.random(in: bytes.indices, using: &random)
                }
            for place in places {
                var damaged = bytes
                damaged[place] ^= UInt8.random(in: 1...255, using: &random)
                let fs = sample.fs.powerCut(.keepAll)
                fs.place(damaged, at: path)
                let found: Verification
                do { found = try verify(fs) } catch StorageError.newerFormat(path, _, _) {
                    continue
                }
                #expect(
                    !found.damage.isEmpty
                        && found.damage.allSatisfy { path.hasSuffix($0.file) },
                    "seed \(seed): \(path), byte \(place): \(found.damage)")
                guard !found.damage.isEmpty else { break }
            }
        }
    }

    @Test func `a missing file is found`() throws {
        let sample = try DamageSample(crashed: false)
        for path in sample.paths {
            guard [".seg", ".del", ".log", "MANIFEST"].contains(where: path.contains) else {
                continue
            }
            let fs = sample.fs.powerCut(.keepAll)
            try fs.remove(path)
            let found = try verify(fs)
            #expect(found.damage.contains { path.hasPrefix("/data/" + $0.file) }, "\(path)")
        }
    }

    @Test func `all damage of several files is listed with track and section`() throws {
        let sample = try DamageSample(crashed: false)
        let segments = sample.paths.filter { $0.hasSuffix(".seg") }
        #expect(segments.count >= 2)
        for path in segments {
            var bytes = try #require(sample.fs.contents(path))
            let file = try SectionFile(
                opening: path, kind: SegmentFormat.kind, fileID: nil, in: sample.fs)
            for section in [SegmentSection.rows, .starts] {
                let place = try #require(file.section(section.rawValue)).offset
                bytes[Int(place)] ^= 1
            }
            sample.fs.place(bytes, at: path)
        }
        let found = try verify(sample.fs).damage
        #expect(Set(found.map { "/data/" + $0.file }) == Set(segments))
        #expect(found.map(\.section) == segments.flatMap { _ in ["rows", "starts"] })
        #expect(found.allSatisfy { $0.track == 1 && $0.what == "page checksum differs" })
    }

    @Test func `a segment with sound checksums and wrong content is found`() throws {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        try store.write([.create(track: 1)])
        var source = RandomOperations(seed: 8)
        let rows = (0..<20).map { _ in source.annotation() }
        try store.write([.put(track: 1, rows: batch(rows))])
        try store.flush()
        store.close()
        let path = "/data/tracks/1/segments/0000000001.seg"
        #expect(try verify(fs).damage == [])
        for section in [SegmentSection.starts, .keys, .summary, .titles] {
            let changed = fs.powerCut(.keepAll)
            try rewrite(path, changed, section.rawValue) { bytes in
                bytes[section == .starts || section == .keys ? 16 : bytes.count - 1] ^= 1
            }
            #expect(!(try verify(changed).damage.isEmpty), "\(section) is not looked at")
        }
    }

    @Test(arguments: [150, 4_300])
    func `whatever a segment holds behind sound checksums, reading it never traps`(
        count: Int
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        try store.write([.create(track: 1)])
        var source = RandomOperations(seed: seed)
        let rows = (0..<count).map { _ in source.annotation() }
        let words = rows.prefix(40).flatMap { Analyzer().terms($0.text ?? []) }
        try store.write([.put(track: 1, rows: batch(rows))])
        try store.flush()
        store.close()
        let path = "/data/tracks/1/segments/0000000001.seg"
        let sections = try SectionFile(
            opening: path, kind: SegmentFormat.kind, fileID: 1, in: fs
        ).sections.map(\.id)
        let deadline = ContinuousClock.now + .seconds(4)
        var tried = 0
        while ContinuousClock.now < deadline {
            let changed = fs.powerCut(.keepAll)
            let section = sections[Int.random(in: 0..<sections.count, using: &random)]
            try rewrite(path, changed, section) { bytes in
                for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                    let reach = random.oneIn(2) ? 200 : bytes.count
                    let place = Int.random(in: 0..<min(bytes.count, reach), using: &random)
                    let all: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, bytes[place] ^ 1]
                    bytes[place] = all[Int.random(in: 0..<all.count, using: &random)]
                }
                if random.oneIn(8), !bytes.isEmpty { bytes.removeLast() }
            }
            _ = try? verify(changed)
            if let segment = try? Segment(path, id: 1, in: changed) {
                for _ in 0..<20 {
                    try? search(
                        segment, (0..<3).compactMap { _ in words.randomElement(using: &random) })
                }
                for document in 0..<segment.documentCount where random.oneIn(count / 100) {
                    guard let row = try? segment.annotation(document) else { continue }
                    _ = try? segment.document(title: row.title, key: row.key)
                }
                for row in rows.prefix(150) {
                    _ = try? segment.document(title: row.title, key: row.key)
                }
            }
            tried += 1
        }
        print("wrong segments: \(tried), seed \(seed)")
    }

    /// Looks for some words, all of them, and the phrase of them; what is found does not matter.
    private func search(_ segment: Segment, _ words: [[UInt8]]) throws {
        let terms = words.map { TermKey.word($0) }
        for query in [
            TextQuery(clauses: terms.map { .init(.should, [$0]) }),
            TextQuery(clauses: terms.map { .init(.must, [$0]) }),
            TextQuery(clauses: [.init(.must, terms)]),
            TextQuery(clauses: [.init(.should, [terms[0]])]),
        ] {
            let bound = try BoundQuery(query, segment.text)
            let weights = QueryWeights(
                documentFrequencies: bound.documentFrequencies, BM25(segment.statistics))
            var best = TopK(capacity: 5, precedes: <, inRuns: true)
            _ = bound.evaluate(
                weights, DocumentFilter(ranges: [0..<segment.documentCount]), into: &best,
                countLimit: words.count % 2 == 0 ? 0 : 10)
        }
    }

    /// Writes a segment again with another content of one section and checksums to match.
    private func rewrite(
        _ path: String, _ fs: FaultyFileSystem, _ changed: UInt32,
        _ change: (inout [UInt8]) -> Void
    ) throws {
        let file = try SectionFile(opening: path, kind: SegmentFormat.kind, fileID: 1, in: fs)
        var sections = try file.sections.map { section in
            (
                section.id,
                Array(
                    try #require(fs.contents(path))[
                        Int(section.offset)..<Int(section.offset) + section.count])
            )
        }
        let index = try #require(sections.firstIndex { $0.0 == changed })
        change(&sections[index].1)
        try fs.remove(path)
        let writer = try SectionFileWriter(
            creating: path, kind: SegmentFormat.kind, fileID: 1, in: fs)
        for (id, bytes) in sections {
            writer.begin(id)
            try writer.append(bytes)
        }
        _ = try writer.finish()
    }

    @Test func `a verification stands in the list of jobs and can be cancelled`() throws {
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.verifyBytesPerSecond = 1 << 16
        let store = try Store(opening: "/data", in: FaultyFileSystem(), settings)
        defer { store.close() }
        try store.write([.create(track: 1)])
        var random = SeededRandom(seed: 1)
        let rows = (0..<300).map { place in
            Annotation(
                title: [UInt8](text: "t"), start: place, end: place, text: random.bytes(8_000))
        }
        try store.write([.put(track: 1, rows: batch(rows))])
        try store.flush()
        let result = outcome { finish in
            store.verify(finish: finish)
            let job = store.jobs.first { $0.kind == .verify }
            #expect((job?.progress.total ?? 0) > 2_000_000)
            #expect(job.map { store.cancel($0.id) } == true)
        }
        #expect(throws: StoreError.cancelled) { try result.get() }
        #expect(store.jobs.isEmpty)
        // A job that has ended is not there to be cancelled.
        #expect(!store.cancel(1))
    }

    @Test func `an open store is verified beside its writer`() throws {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 20_000))
        try store.write([.create(track: 1)])
        var source = RandomOperations(seed: 6)
        let found = Mutex<[Result<Verification, StoreError>]>([])
        for round in 0..<40 {
            let rows = (0..<20).map { _ in source.annotation() }
            try store.write([.put(track: 1, rows: batch(rows))])
            store.verify { result in found.withLock { $0.append(result) } }
            if round % 5 == 4 { try store.flush() }
        }
        store.close()
        let results = found.withLock { $0 }
        #expect(results.count == 40)
        var done = 0
        for result in results {
            switch result {
            case .success(let verification):
                done += 1
                #expect(verification.damage == [])
            case .failure(.busy), .failure(.stopped): break
            case .failure(let error): Issue.record("\(error)")
            }
        }
        #expect(done > 0)
        #expect(try verify(fs).damage == [])
    }
}
