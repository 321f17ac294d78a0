// Places in lists of hits that a client may go on from: each pins the view that it was made on, so
// that the list stays as it is while data changes. Their number is bounded, their lives are short.

import Segments
import Synchronization

/// The searches that can be gone on with.
final class CursorTable: Sendable {
    /// Seconds that a cursor lives.
    static let lifetime = 60.0
    /// Cursors that are kept at most; beyond that the oldest go.
    static let countMax = 4_096
    /// Bytes of memtables that only cursors keep alive at most; beyond that the oldest go.
    static let bytesMax = 256 << 20

    fileprivate struct Entry {
        let plan: SearchPlan
        let identity: [UInt8]
        let expires: Double
        /// The cursor that this one came from.
        let parent: String?
    }

    fileprivate struct Table {
        var entries: [String: Entry] = [:]
        /// All that may still be there, oldest first.
        var order: [String] = []
        /// When memory was last looked at.
        var checked = -Double.infinity
    }

    private let table = Mutex(Table())
    private let clock: @Sendable () -> Double

    init(_ clock: @escaping @Sendable () -> Double) { self.clock = clock }

    /// Cursors that can be gone on from.
    var count: Int {
        let now = clock()
        return table.withLock { table in
            table.expire(now)
            return table.entries.count
        }
    }

    /// Drops what is too old.
    func expire() {
        let now = clock()
        table.withLock { $0.expire(now) }
    }

    /// Keeps a plan and gives the name to ask for it with.
    ///
    /// `parent` is the cursor that led here. It stays, so that its page can be asked for again; the
    /// one before it goes. `newest` tells what memory would live without cursors.
    func keep(
        _ plan: SearchPlan, _ identity: [UInt8], from parent: String?, newest: View
    ) -> String {
        let now = clock()
        let token = Self.token()
        table.withLock { table in
            table.expire(now)
            if let parent, let before = table.entries[parent]?.parent {
                table.entries[before] = nil
            }
            table.entries[token] = Entry(
                plan: plan, identity: identity, expires: now + Self.lifetime, parent: parent)
            table.order.append(token)
            table.shrink(now, newest)
        }
        return token
    }

    /// The plan of a cursor, for a request of the same identity.
    func plan(_ token: String, _ identity: [UInt8]) throws(GatewayError) -> SearchPlan {
        let now = clock()
        let entry = table.withLock { table in
            table.expire(now)
            return table.entries[token]
        }
        guard let entry else {
            throw GatewayError(
                "LIMIT.cursor",
                "there is no cursor '\(token.prefix(64))': it lives \(Int(Self.lifetime)) seconds; "
                    + "begin again without cursor=")
        }
        guard entry.identity == identity else {
            throw GatewayError(
                "SYNTAX.cursor",
                "this cursor goes on with another search: repeat that one's track, words and keys "
                    + "(only limit, context, highlight and deadline may differ)")
        }
        return entry.plan
    }

    /// 128 bits that nobody can guess.
    private static func token() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(UInt32.random(in: 0...UInt32.max, using: &random), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }
}

extension CursorTable.Table {
    /// Drops what is older than a cursor may be.
    fileprivate mutating func expire(_ now: Double) {
        let alive = order.firstIndex { token in entries[token].map { $0.expires > now } ?? false }
        drop(first: alive ?? order.count)
    }

    /// Drops the oldest until there are few enough, and now and then what holds too much memory.
    fileprivate mutating func shrink(_ now: Double, _ newest: View) {
        drop(first: order.count - CursorTable.countMax)
        guard now >= checked + 1 else { return }
        checked = now
        var counted = Set(newest.heldMemory.keys)
        var bytes = 0
        for (place, token) in order.enumerated().reversed() {
            for (name, size) in entries[token]?.plan.view.heldMemory ?? [:]
            where counted.insert(name).inserted { bytes += size }
            if bytes > CursorTable.bytesMax { return drop(first: place + 1) }
        }
    }

    private mutating func drop(first count: Int) {
        guard count > 0 else { return }
        for token in order.prefix(count) { entries[token] = nil }
        order.removeFirst(count)
    }
}
