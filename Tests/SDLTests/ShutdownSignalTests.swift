import Synchronization
import Testing

@testable import sdl

@Suite struct ShutdownSignalTests {
    @Test func theFirstRequestWakesOnce() {
        let shutdown = ShutdownSignal()
        let counter = Counter()
        shutdown.onRequest { counter.add() }
        #expect(!shutdown.isRequested)
        shutdown.request()
        shutdown.request()
        #expect(shutdown.isRequested)
        #expect(counter.count == 1)
    }

    @Test func whoAsksTooLateIsWokenAtOnce() {
        let shutdown = ShutdownSignal()
        let counter = Counter()
        shutdown.request()
        shutdown.onRequest { counter.add() }
        #expect(counter.count == 1)
    }
}

/// Counts calls from any thread.
final class Counter: Sendable {
    private let value = Atomic(0)

    var count: Int { value.load(ordering: .relaxed) }

    func add() {
        value.add(1, ordering: .relaxed)
    }
}
