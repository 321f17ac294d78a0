// How well shots are found in real films: the changes found against those counted by eye. What is
// measured here stands in docs/BENCHMARKS.md.

import Media
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct ShotFigureTests {
    @Test func changesOfRealFilmsAreFound() throws {
        guard let folder = SharedData.folder("data/demo") else { return }
        var (right, wrong, missed) = (0, 0, 0)
        for counted in CountedCuts.all {
            let path = "\(folder)/\(counted.path)"
            let found = try ShotReader.shots(path, try FilmProbe.film(at: path))
            let rate = try #require(found.rate)
            #expect(rate.numerator == counted.rate.0 && rate.denominator == counted.rate.1)
            var frames = found.shots.dropFirst().map {
                Int(Timecode.frame(at: $0.start, rate: rate))
            }
            let ranges = counted.cuts.map { $0 - 1...$0 + 1 } + counted.dissolves
            for range in ranges {
                if let place = frames.firstIndex(where: { range.contains($0) }) {
                    right += 1
                    frames.remove(at: place)
                } else {
                    missed += 1
                    print("missed in \(counted.path): \(range)")
                }
            }
            frames.removeAll { frame in counted.doubtful.contains { abs($0 - frame) <= 1 } }
            wrong += frames.count
            if !frames.isEmpty { print("wrong in \(counted.path): \(frames)") }
        }
        let precision = Double(right) / Double(right + wrong)
        let recall = Double(right) / Double(right + missed)
        print("shots: \(right) right, \(wrong) wrong, \(missed) missed")
        #expect(precision >= 0.95 && recall >= 0.95)
    }

    /// The same films between bars, above and below or at the sides, of more than half of a frame.
    @Test(arguments: [(0, 20), (28, 0)])
    func barsHideFewChanges(columns: Int, rows: Int) throws {
        guard let folder = SharedData.folder("data/demo") else { return }
        var (without, within, common) = (0, 0, 0)
        for counted in CountedCuts.all.prefix(4) {
            let path = "\(folder)/\(counted.path)"
            let frames = try FrameReader(path, try FilmProbe.film(at: path), largeSeconds: 60)
            var (plain, barred) = (ShotDetector(), ShotDetector())
            var (first, second): ([Int], [Int]) = ([], [])
            while let frame = try frames.next() {
                first += plain.add(frame.picture).map(\.frame)
                second += barred.add(frame.picture.between(columns, rows)).map(\.frame)
            }
            first += plain.finish().map(\.frame)
            second += barred.finish().map(\.frame)
            (without, within) = (without + first.count, within + second.count)
            common += first.count { frame in second.contains { abs($0 - frame) <= 2 } }
        }
        print("shots between bars: \(common) of \(without), \(within) in all")
        #expect(10 * common >= 9 * without && 10 * common >= 9 * within)
    }
}

extension Picture {
    /// A smaller one between black bars of so many columns and rows on each side.
    fileprivate func between(_ columns: Int, _ rows: Int) -> Picture {
        let (width, height) = (Picture.width - 2 * columns, Picture.height - 2 * rows)
        var planes = [UInt8](repeating: 0, count: Picture.bytes)
        for plane in 0..<3 {
            for row in 0..<height {
                for column in 0..<width {
                    let from =
                        (row * Picture.height / height) * Picture.width
                        + column * Picture.width / width
                    let to = (rows + row) * Picture.width + columns + column
                    let start = plane * Picture.width * Picture.height
                    planes[start + to] = self.planes[start + from]
                }
            }
        }
        return Picture(planes: planes) ?? self
    }
}
