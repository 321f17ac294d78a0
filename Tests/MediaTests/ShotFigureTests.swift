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
}
