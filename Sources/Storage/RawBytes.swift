// From arrays of bytes to raw spans: the form in which bytes are handed to be checked and parsed.

extension [UInt8] {
    /// The array's bytes, without copying.
    @inlinable package var rawSpan: RawSpan {
        // Safe for bytes: they have no padding, so every one of them is initialized.
        @_lifetime(borrow self) get { unsafe span.bytes }
    }
}
