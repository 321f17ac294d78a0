// What a check of files found: which of them were read, and every place that is not as written.

/// One damaged place of a data folder or snapshot.
package struct Damage: Sendable, Equatable {
    /// The track that the file belongs to; nil for those of the whole folder.
    package var track: UInt32?
    /// The file's path in the folder.
    package var file: String
    /// The part of the file, such as `rows`; empty where there is none.
    package var section: String
    /// Where in the file the damage begins.
    package var offset: UInt64
    /// What is wrong there.
    package var what: String
}

/// One file that was checked.
package struct CheckedFile: Sendable, Equatable {
    /// The track that the file belongs to; nil for those of the whole folder.
    package var track: UInt32?
    /// The file's path in the folder.
    package var file: String
    /// Its length.
    package var bytes: UInt64
    /// All that is wrong with it, in no particular order.
    package var damage: [Damage]
}

/// What a whole check came to.
package struct Verification: Sendable, Equatable {
    /// Files read.
    package var files = 0
    /// Their bytes.
    package var bytes: UInt64 = 0
    /// All damage found.
    package var damage: [Damage] = []

    /// Files with damage, missing ones included.
    package var damagedFiles: Int { Set(damage.map(\.file)).count }

    mutating func add(_ file: CheckedFile) {
        files += 1
        bytes += file.bytes
        damage += file.damage
    }
}
