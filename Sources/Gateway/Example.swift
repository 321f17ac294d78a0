// The examples of SIMILAR: places on titles' timelines, each with a weight, and the vector that
// they stand for together.

import Segments
import VectorIndex

/// A place whose annotation is an example of what is looked for.
struct Example {
    /// Examples that a request may name.
    static let countMax = 64

    let title: Title
    /// Nanoseconds from the title's first frame.
    let time: Int64
    /// As it was typed, for errors.
    let label: String
    /// Below 0 for what is not wanted.
    let weight: Float

    /// Reads `a@00:01:02:12*2,-b@5s`.
    static func list(_ text: String, _ catalog: Catalog) throws(GatewayError) -> [Example] {
        let parts = text.split(separator: ",")
        guard (1...countMax).contains(parts.count) else {
            throw GatewayError(
                "SYNTAX.value", "like= takes 1 to \(countMax) places such as film@00:01:02:12")
        }
        var examples: [Example] = []
        for part in parts { examples.append(try Example(part, catalog)) }
        guard examples.contains(where: { $0.weight > 0 }) else {
            throw GatewayError(
                "SYNTAX.value",
                "like= names only what is not wanted; name a place that is looked for as well, "
                    + "such as film@00:01:02:12,\(text.prefix(64))")
        }
        return examples
    }

    private init(_ text: Substring, _ catalog: Catalog) throws(GatewayError) {
        var rest = text
        var weight: Float = 1
        if rest.first == "-", catalog.titles[String(rest.prefix { $0 != "@" })] == nil {
            weight = -1
            rest = rest.dropFirst()
        }
        guard let mark = rest.firstIndex(of: "@") else {
            throw GatewayError(
                "SYNTAX.value",
                "like=\(text.prefix(64)) names no place; write TITLE@TIME, such as "
                    + "film@00:01:02:12, film@62.5s*2 or -film@62.5s")
        }
        title = try catalog.title(String(rest[..<mark]))
        var time = rest[rest.index(after: mark)...]
        if let star = time.lastIndex(of: "*") {
            guard let factor = Float(time[time.index(after: star)...]), factor.isFinite, factor > 0
            else {
                throw GatewayError(
                    "SYNTAX.value", "\(text.prefix(64)): a weight is a number above 0, such as *2")
            }
            weight *= factor
            time = time[..<star]
        }
        self.time = try title.time(String(time), "like")
        label = "\(title.name)@\(time)"
        self.weight = weight
    }
}

extension [Example] {
    /// The vector that the examples stand for in each track that has them, and their places.
    func question(
        _ tracks: [Track], _ view: View
    ) throws(GatewayError) -> (vectors: [UInt32: [Float]], examples: Set<DocumentPlace>) {
        var missing: GatewayError?
        var vectors: [UInt32: [Float]] = [:]
        var places: Set<DocumentPlace> = []
        for track in tracks {
            guard let shape = track.vector else { continue }
            var sum = [Float](repeating: 0, count: shape.dimension)
            do throws(GatewayError) {
                for example in self { places.insert(try example.add(to: &sum, track, view)) }
            } catch {
                guard error.code == "NOTFOUND.example" else { throw error }
                missing = error
                continue
            }
            vectors[track.id] = try vector(sum, track, shape)
        }
        if vectors.isEmpty, let missing { throw missing }
        return (vectors, places)
    }

    /// The vector in the middle of the examples.
    private func vector(
        _ sum: [Float], _ track: Track, _ shape: VectorShape
    ) throws(GatewayError) -> [Float] {
        let weights = reduce(0) { $0 + $1.weight }
        if shape.metric == .l2 {
            guard weights > 0 else {
                throw GatewayError(
                    "SYNTAX.value",
                    "under l2 the weights of like= must be above 0 altogether, for the point "
                        + "looked for lies in the middle of them")
            }
            return sum.map { $0 / weights }
        }
        do { try shape.check(sum) } catch {
            throw GatewayError(
                "SYNTAX.value", "the examples of like= cancel each other out in '\(track.name)'")
        }
        return sum
    }
}

extension Example {
    /// Adds the example's vector, weighted: the mean where it has several.
    fileprivate func add(
        to sum: inout [Float], _ track: Track, _ view: View
    ) throws(GatewayError) -> DocumentPlace {
        let found: (place: DocumentPlace, vectors: [[Float]])?
        do {
            found = try view.example(track.id, title: Array(title.name.utf8), at: time)
        } catch { throw GatewayError(error) }
        guard let found else {
            throw GatewayError(
                "NOTFOUND.example",
                try lies(in: track, view)
                    ? "what lies in '\(track.name)' at \(label) has no vector, as shots without "
                        + "anything to be seen; name a place beside it"
                    : "nothing in '\(track.name)' lies at \(label); CONTEXT \(track.name) "
                        + "\(title.name) at=TIME shows what is around a place")
        }
        for vector in found.vectors {
            for index in sum.indices {
                sum[index] += weight * vector[index] / Float(found.vectors.count)
            }
        }
        return found.place
    }

    /// Whether an annotation without a vector lies at the place.
    private func lies(in track: Track, _ view: View) throws(GatewayError) -> Bool {
        do {
            let rows = try view.context(
                track.id, title: Array(title.name.utf8), at: time, before: 0, after: 0)
            return rows.contains { $0.start == time || ($0.start..<$0.end).contains(time) }
        } catch { throw GatewayError(error) }
    }
}
