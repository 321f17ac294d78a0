// The record log's reader, and the operations in its records.

import Segments
import Storage

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe bytes(start, count)
    guard let kind = input.first else { return 0 }
    let file = Array(input.dropFirst())
    var records = 0
    let end = try? RecordLogReader.read("/f", in: folder(kind % 4 == 0 ? file : repairedLog(file)))
    {
        frame in
        records += 1
        if let decoded = try? Operation.decode(frame.payload.rawSpan) {
            for operation in decoded.operations { check(operation) }
        }
    }
    if let end {
        precondition(end.recordCount == records, "a record was passed on twice or not at all")
        precondition(end.size <= UInt64(file.count), "the log ends behind its file")
    }
    return 0
}

/// Rows that were taken for sound must decode.
private func check(_ operation: Operation) {
    guard case .put(_, let rows) = operation else { return }
    var reader = ByteReader(rows.bytes.bytes.rawSpan)
    for _ in 0..<rows.count {
        guard let row = try? reader.lengthPrefixed(), (try? Annotation(row: row.rawSpan)) != nil
        else { preconditionFailure("a row that was checked does not parse") }
    }
}
