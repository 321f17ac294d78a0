// What a call gives back, before any front end has put it into its own form.

package import Segments

/// A value of a row.
package enum FieldValue: Sendable, Equatable {
    case text(String)
    case bytes([UInt8])
    case integer(Int64)
    case number(Double, decimals: Int)
    /// As short as it can be read back.
    case decimal(Double)
}

/// A named value of a row.
package struct AnswerField: Sendable, Equatable {
    /// What the value is.
    package var name: String
    /// The value.
    package var value: FieldValue

    /// A named value.
    package init(_ name: String, _ value: FieldValue) {
        self.name = name
        self.value = value
    }

    init(_ name: String, _ value: String) { self.init(name, .text(value)) }
    init(_ name: String, _ value: Int) { self.init(name, .integer(Int64(value))) }
}

/// What a call gives back.
package enum Answer: Sendable, Equatable {
    /// It is done; the word says what came of it.
    case done(String)
    /// It is done, with these particulars.
    case ok([AnswerField])
    /// Rows, then what is to be said of them altogether.
    case rows([[AnswerField]], summary: [AnswerField])
}

/// How a call goes on.
package enum CallOutcome: Sendable {
    /// Takes the answer of something long.
    package typealias Finish = @Sendable (Result<Answer, GatewayError>) -> Void

    case answer(Answer)
    /// Operations to hand to the store; `answer` makes the reply of what they did.
    case write([Segments.Operation], answer: @Sendable (Applied) -> Answer)
    /// Something long: to be started with what to call with its answer, once, from any thread.
    case later(@Sendable (@escaping Finish) -> Void)
    /// The connection is to be closed after a farewell.
    case goodbye
}
