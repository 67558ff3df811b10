import Testing

@testable import MongoSink

@Suite("[F11 T25] when a MongoDB transaction is too large for the server")
struct UnitLossesTests {
    private func error(
        _ code: Int32, _ label: String? = "TransientTransactionError",
        domain: MongoError.Domain = .server
    ) -> MongoError {
        MongoError(
            domain: domain, code: code, labels: label.map { [$0] } ?? [], message: "",
            operation: "")
    }

    private func losses(_ errors: [MongoError], lasted: Duration = .seconds(1)) -> UnitLosses {
        var losses = UnitLosses()
        for error in errors { losses.add(error, lasted: lasted) }
        return losses
    }

    @Test("ended by the server twice, by either of its codes", arguments: [251, 290] as [Int32])
    func ended(_ code: Int32) {
        #expect(!losses([error(code)]).isTooLarge)
        #expect(losses([error(code), error(code)]).isTooLarge)
        #expect(!losses(Array(repeating: error(code), count: 7)).isHopeless)
        #expect(losses(Array(repeating: error(code), count: 8)).isHopeless)
    }

    @Test("the server says so itself", arguments: [257, 388] as [Int32])
    func refused(_ code: Int32) {
        #expect(losses([error(code, nil)]).isTooLarge)
        #expect(!losses([error(code, nil)]).isHopeless)
    }

    @Test("slow and lost, for whatever passing reason")
    func slow() {
        for passing in [
            error(251), error(112), error(189), error(50, "UnknownTransactionCommitResult"),
            error(4, domain: .network), error(0, domain: .driver),
        ] {
            #expect(losses([passing], lasted: UnitLosses.slow).isTooLarge)
            #expect(!losses([passing], lasted: .seconds(19)).isTooLarge)
        }
        #expect(!losses([error(121, nil)], lasted: .seconds(60)).isTooLarge)
        // However long it lasts: whether a single change is too much only the server says.
        let endless = Array(repeating: error(4, domain: .network), count: 100)
        #expect(!losses(endless, lasted: .seconds(60)).isHopeless)
    }

    @Test("write conflicts again and again")
    func conflicts() {
        #expect(!losses(Array(repeating: error(112), count: 5)).isTooLarge)
        #expect(losses(Array(repeating: error(112), count: 6)).isTooLarge)
        #expect(!losses(Array(repeating: error(112), count: 100)).isHopeless)
    }

    @Test("an outage in between is no sign of its size")
    func outages() {
        let mixed = [error(251), error(4, domain: .network), error(251), error(189), error(251)]
        #expect(!losses(mixed).isTooLarge)
        let many = Array(repeating: mixed, count: 10).flatMap { $0 }
        #expect(!losses(many).isHopeless)
    }
}

@Suite("[T25] how large a MongoDB transaction may be, learned from those that failed")
struct UnitSizeTests {
    @Test func halvesDownToOne() {
        var size = UnitSize()
        #expect(size.documentsMax == nil)
        for (refused, limit) in [(1000, 500), (500, 250), (3, 1), (1, 1)] {
            size.refuse(refused)
            #expect(size.documentsMax == limit)
        }
    }

    @Test func growsAgainAfterQuickCommits() {
        var size = UnitSize()
        size.refuse(100)
        for _ in 0..<7 { size.commit(50, lasted: .seconds(1)) }
        size.commit(50, lasted: .seconds(6))
        for _ in 0..<7 { size.commit(50, lasted: .seconds(1)) }
        #expect(size.documentsMax == 50)
        size.commit(50, lasted: .seconds(1))
        #expect(size.documentsMax == 100)
        for _ in 0..<(8 * 20) { size.commit(50, lasted: .seconds(1)) }
        #expect(size.documentsMax == nil)
    }

    @Test func aSlowCommitIsAWarning() {
        var size = UnitSize()
        size.commit(1000, lasted: .seconds(19))
        #expect(size.documentsMax == nil)
        size.commit(1000, lasted: .seconds(20))
        #expect(size.documentsMax == 500)
        size.commit(1, lasted: .seconds(40))
        #expect(size.documentsMax == 500)
    }
}
