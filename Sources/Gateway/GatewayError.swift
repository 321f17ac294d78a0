// What a request can be told when it fails: a code that scripts act on, and a sentence for people.

package import Segments
package import Storage

/// A refused or failed request.
package struct GatewayError: Error, Sendable, Equatable {
    /// CLASS.reason, as docs/PROTOCOL.md lists them.
    package var code: String
    /// Whether the same request may succeed later.
    package var retry = false
    /// What happened and what to do.
    package var text: String

    /// A failure with its code and what to do about it.
    package init(_ code: String, retry: Bool = false, _ text: String) {
        self.code = code
        self.retry = retry
        self.text = text
    }

    /// What a failure of the store means to a client.
    package init(_ error: StoreError) {
        switch error {
        case .storage(let storage): self.init(storage)
        case .damagedTrack(_, let reason): self = .damagedTrack("", reason)
        case .snapshotExists: self.init("EXISTS.snapshot", "\(error); SNAPSHOT DROP removes it")
        case .noSnapshot: self.init("NOTFOUND.snapshot", "\(error); SNAPSHOT LIST shows them")
        case .notEmpty: self.init("EXISTS.snapshot", "\(error)")
        case .busy: self.init("BUSY.upkeep", retry: true, "\(error)")
        case .noTrack: self.init("NOTFOUND.track", "the track was dropped meanwhile")
        case .diskFull: self.init("LIMIT.disk", retry: true, "\(error)")
        case .tooLarge: self.init("LIMIT.request", "\(error)")
        case .noOperation: self.init("NOTFOUND.operation", "\(error)")
        case .laneTaken: self.init("CONFLICT.operation", "\(error)")
        case .tooManyOperations: self.init("LIMIT.operations", retry: true, "\(error)")
        case .noCommit: self.init("NOTFOUND.commit", "\(error)")
        case .changedMeanwhile: self.init("CONFLICT.operation", "\(error)")
        case .cancelled: self.init("CONFLICT.cancelled", "\(error)")
        case .stopped: self.init("BUSY.stopping", retry: true, "\(error)")
        }
    }

    /// What a failure of files means to a client.
    package init(_ error: StorageError) {
        switch error {
        case .corrupt: self.init("CORRUPT.file", "\(error); VERIFY lists all that is damaged")
        default: self.init("INTERNAL.storage", retry: true, "\(error)")
        }
    }

    static func noTitle(_ name: String, near: String?) -> GatewayError {
        let hint = near.map { "did you mean '\($0)'? " } ?? ""
        return GatewayError(
            "NOTFOUND.title",
            "there is no title '\(name)'; \(hint)TITLE LIST shows them, "
                + "TITLE SET \(name) fps=24 makes it")
    }

    /// A track that was set aside when the folder was opened.
    static func damagedTrack(_ name: String, _ reason: StorageError) -> GatewayError {
        let track = name.isEmpty ? "the track" : "track '\(name)'"
        return GatewayError(
            "CORRUPT.track",
            "\(track) is damaged: \(reason); restore the folder from a snapshot with mspd restore, "
                + "or give the track up with TRACK DROP")
    }

    /// There is no folder of encoders.
    package static var noEncoders: GatewayError {
        GatewayError(
            "ENCODER.none", "this server runs no encoders; start it with --encoders FOLDER")
    }

    static func otherTitle(_ operation: UInt64, _ title: String) -> GatewayError {
        GatewayError(
            "CONFLICT.operation", "operation \(operation) is on title '\(title)' only")
    }

    static func noTrack(_ name: String, near: [String] = []) -> GatewayError {
        let hint = near.isEmpty ? "" : "but there is \(near.prefix(8).joined(separator: ", ")); "
        return GatewayError(
            "NOTFOUND.track",
            "there is no track '\(name)'; \(hint)TRACK LIST shows them, "
                + "TRACK CREATE \(name) makes it"
        )
    }
}
