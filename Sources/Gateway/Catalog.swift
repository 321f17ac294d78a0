// The titles, tracks and encoders of one view, decoded from the store's named values.

import Segments
import Storage
import Synchronization

/// All titles, tracks and encoders, by name.
package struct Catalog: Sendable {
    /// Titles up to which a name that is none is compared with all, which takes milliseconds.
    private static let comparedMax = 10_000

    /// Titles by name.
    package private(set) var titles: [String: Title] = [:]
    /// Tracks by name.
    package private(set) var tracks: [String: Track] = [:]
    /// Encoders by name, without those that are built in.
    package private(set) var encoders: [String: Encoder] = [:]
    /// Tracks that encoders fill by themselves, by track.
    private(set) var enrichments: [String: Enrichment] = [:]
    /// The names of all attributes that titles have.
    private(set) var titleAttributes: Set<String> = []
    /// The number that the next track gets.
    private(set) var nextTrack: UInt32 = 1

    /// Nothing.
    package init() {}

    /// The titles and tracks that a store's named values describe.
    ///
    /// Synonyms that `previous` has read are not read again.
    package init(
        _ entries: [[UInt8]: [UInt8]], previous: Catalog = Catalog()
    ) throws(GatewayError) {
        var synonyms: [String: [UInt8]] = [:]
        do {
            for (entry, value) in entries {
                let path = String(decoding: entry, as: UTF8.self)
                if path.hasPrefix("title/") {
                    let name = String(path.dropFirst(6))
                    let title = try Title(name: name, encoded: value)
                    titles[name] = title
                    titleAttributes.formUnion(title.attributes.map(\.name))
                } else if path.hasPrefix("track/") {
                    let name = String(path.dropFirst(6))
                    tracks[name] = try Track(name: name, encoded: value)
                } else if path.hasPrefix("encoder/") {
                    let name = String(path.dropFirst(8))
                    encoders[name] = try Encoder(name: name, encoded: value)
                } else if path.hasPrefix("enrich/") {
                    let name = String(path.dropFirst(7))
                    enrichments[name] = try Enrichment(track: name, encoded: value)
                } else if path.hasPrefix("synonyms/") {
                    synonyms[String(path.dropFirst(9))] = value
                } else if entry == Track.nextEntry {
                    var reader = ByteReader(value.rawSpan)
                    nextTrack = try reader.u32()
                }
            }
        } catch {
            throw GatewayError(
                "CORRUPT.catalog", "an entry of the catalog does not decode: \(error)")
        }
        for (name, text) in synonyms { addSynonyms(text, to: name, previous) }
    }

    /// The text was found to be good when it was set.
    private mutating func addSynonyms(_ text: [UInt8], to name: String, _ previous: Catalog) {
        guard let track = tracks[name] else { return }
        if let known = previous.tracks[name]?.synonyms, known.text == text,
            previous.tracks[name]?.language == track.language
        {
            tracks[name]?.synonyms = known
        } else {
            tracks[name]?.synonyms = Synonyms.read(text, track.analyzer).synonyms
        }
    }

    func title(_ name: String) throws(GatewayError) -> Title {
        guard let title = titles[name] else { throw noTitle(name) }
        return title
    }

    /// That there is no title of a name, with the one that may have been meant.
    func noTitle(_ name: String) -> GatewayError {
        let near = nearTitle(to: Array(name.utf8), ofAtMost: Self.comparedMax)
        return .noTitle(name, near: near.map { String(decoding: $0, as: UTF8.self) })
    }

    func track(_ name: String) throws(GatewayError) -> Track {
        guard let track = tracks[name] else { throw .noTrack(name) }
        return track
    }

    /// The names of tracks that begin like a name up to its language.
    private func near(_ name: String) -> [String] {
        let family = name.prefix { $0 != "." }
        return tracks.keys.filter { $0 == family || $0.hasPrefix(family + ".") }.sorted()
    }

    /// The tracks that a list with commas names: each name stands for itself and its languages.
    package func tracks(named list: String) throws(GatewayError) -> [Track] {
        var found: [Track] = []
        for name in list.split(separator: ",").map(String.init) {
            let family = tracks.values.filter { $0.name == name || $0.name.hasPrefix(name + ".") }
                .sorted { $0.name < $1.name }
            guard !family.isEmpty else { throw .noTrack(name, near: near(name)) }
            found += family.filter { track in !found.contains { $0.id == track.id } }
        }
        guard !found.isEmpty else { throw GatewayError("SYNTAX.missing", "a track is missing") }
        return found
    }
}

/// The catalog of the newest view, decoded once for each change of it.
final class CatalogCache: Sendable {
    private let cached = Mutex<(sequence: UInt64, catalog: Catalog)>((0, Catalog()))

    /// The catalog of a view.
    func catalog(of view: View) throws(GatewayError) -> Catalog {
        let known = cached.withLock { $0 }
        if known.sequence == view.catalogSequence { return known.catalog }
        let catalog = try Catalog(view.catalog, previous: known.catalog)
        cached.withLock {
            if view.catalogSequence > $0.sequence {
                $0 = (view.catalogSequence, catalog)
            }
        }
        return catalog
    }
}
