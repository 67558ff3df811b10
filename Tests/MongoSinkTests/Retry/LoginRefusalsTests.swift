import Testing

@testable import MongoSink

@Suite("When a refused login is believed")
struct LoginRefusalsTests {
    private let start = ContinuousClock.now

    private func refuse(
        _ refusals: inout LoginRefusals, after seconds: Int, wasRight: Bool = true
    ) -> Bool {
        refusals.refuse(
            at: start + .seconds(seconds), wasRight: wasRight, patience: .seconds(60))
    }

    @Test("the third one of a user who was never accepted")
    func first() {
        var refusals = LoginRefusals()
        #expect(!refuse(&refusals, after: 0, wasRight: false))
        #expect(!refuse(&refusals, after: 0, wasRight: false))
        #expect(refuse(&refusals, after: 0, wasRight: false))
    }

    @Test("a user who was right is wrong when refused for long, and often")
    func later() {
        var refusals = LoginRefusals()
        for second in 0..<60 { #expect(!refuse(&refusals, after: second)) }
        #expect(refuse(&refusals, after: 60))
        var rare = LoginRefusals()
        for second in [0, 100, 200, 300] { #expect(!refuse(&rare, after: second)) }
        #expect(refuse(&rare, after: 400))
    }

    @Test("a server that is away in between is an outage")
    func outage() {
        var refusals = LoginRefusals()
        for round in 0..<100 {
            for second in 0..<30 { #expect(!refuse(&refusals, after: round * 31 + second)) }
            refusals.end()
        }
    }
}
