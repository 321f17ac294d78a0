// Why a request was refused before anybody ran it: the code and the text of its `-` line.

/// An error of form in one request.
package struct Complaint: Error, Equatable {
    /// `CLASS.reason`.
    package let code: String
    /// What is wrong, where, and how it is written.
    package let text: String

    /// A complaint in these words.
    package init(_ code: String, _ text: String) {
        self.code = code
        self.text = text
    }

    init(_ fault: Frame.Fault, limits: Limits) {
        switch fault {
        case .lineTooLong:
            self.init(
                "LIMIT.line",
                "a line has at most \(limits.line) bytes; it was not read: send a long value as "
                    + "key={n} and its n bytes behind the line")
        case .literalTooLong(let count):
            self.init(
                "LIMIT.literal",
                "a literal of \(count) bytes is refused: at most \(limits.literal) each and "
                    + "\(limits.requestBytes) in a request; the request was not read")
        case .drainTooLong(let count):
            self.init(
                "LIMIT.literal",
                "a literal of \(count) bytes is refused: at most \(limits.literal) each; "
                    + "the connection closes")
        case .literalUnreadable:
            self.init(
                "SYNTAX.literal",
                "the {n} at the end of the line is no count of bytes; "
                    + "the connection closes")
        case .unfinished:
            self.init(
                "SYNTAX.unfinished",
                "the input ended inside a request; nothing of it was done")
        }
    }
}
