// Whether a search that may have been meant finds anything. Each is carried out up to its first
// hit; all together take no longer than a person would not notice.

import Segments
import TextIndex

/// Tries requests like one that found nothing.
struct Trials {
    /// Requests that are tried.
    private static let most = 12
    /// All of them take no more than so many seconds.
    private static let seconds = 0.05

    private let gateway: Gateway
    private let arguments: Arguments
    private let plan: SearchPlan
    private let deadline: Deadline
    private var left = most

    /// Tries what differs from a request in one thing, in what that sees.
    init(_ gateway: Gateway, _ arguments: Arguments, _ plan: SearchPlan) {
        self.gateway = gateway
        self.arguments = arguments
        self.plan = plan
        deadline = Deadline(gateway.clock() + Self.seconds, on: gateway.clock)
    }

    /// Whether another may be tried.
    var areLeft: Bool { left > 0 && !deadline.hasPassed }

    /// Whether another query finds anything.
    mutating func finds(_ text: [UInt8]) -> Bool {
        var other = arguments
        if let place = other.keys.firstIndex(where: { $0.name == "q" }) {
            other.keys[place].value = text
        } else {
            other.text = text
        }
        return finds(other)
    }

    /// Whether anything is found with another value of an attribute.
    mutating func finds(_ value: [UInt8], as name: String) -> Bool {
        var other = arguments
        for place in other.keys.indices where other.keys[place].name == name {
            other.keys[place].value = value
        }
        other.quoted.insert(name)
        return finds(other)
    }

    private mutating func finds(_ other: Arguments) -> Bool {
        guard areLeft else { return false }
        left -= 1
        guard var request = try? gateway.request(other, plan.tracks, plan.catalog) else {
            return false
        }
        request.limit = 1
        request.countLimit = 0
        request.deadline = deadline
        let found = try? plan.view.search(plan.tracks.map(\.id), request)
        return !(found?.hits.isEmpty ?? true)
    }
}
