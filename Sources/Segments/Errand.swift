// Something worked out on a thread of its own until it is needed. Ends before it goes: no errand is
// left running when what sent it has failed.

import Storage

/// A result that is on its way.
final class Errand<Value> {
    private let result: Monitor<Result<Value, StorageError>?>
    private let thread: BackgroundThread

    /// Begins the work.
    init(_ work: @escaping @Sendable () throws(StorageError) -> Value) {
        let result = Monitor<Result<Value, StorageError>?>(nil)
        self.result = result
        thread = BackgroundThread {
            let value: Result<Value, StorageError>
            do throws(StorageError) { value = .success(try work()) } catch {
                value = .failure(error)
            }
            result.update { $0 = value }
        }
    }

    deinit { thread.join() }

    /// Waits for the result.
    func value() throws(StorageError) -> Value {
        try result.wait { $0 }.get()
    }
}
