internal import BinlogProtocol
internal import Synchronization

/// Who is told a sink's notices until the sink has ended; a thread may be stuck in the driver for longer.
final class NoticeListener: Sendable {
    private let notice: Locked<(@Sendable (SinkNotice) -> Void)?>

    init(_ notice: @escaping @Sendable (SinkNotice) -> Void) {
        self.notice = Locked(notice)
    }

    func tell(_ what: SinkNotice) {
        // Outside of the lock: the listener may ask the sink for something.
        let notice = notice.withLock { $0 }
        notice?(what)
    }

    /// Nothing is told from now on.
    func leave() {
        notice.withLock { $0 = nil }
    }
}
