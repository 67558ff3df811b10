/// How many documents one MongoDB transaction may hold, learned from those that the server gave up: a value without a clock.
package struct UnitSize: Sendable, Equatable {
    /// Nil while the server takes what comes.
    package private(set) var documentsMax: Int?
    private var quick = 0

    /// So many quick commits in a row double the limit.
    package static let quickMax = 8
    /// From here on there is no limit.
    package static let unlimited = 100_000

    package init() {}

    /// A transaction of this many documents was too large.
    package mutating func refuse(_ documents: Int) {
        documentsMax = max(1, documents / 2)
        quick = 0
    }

    /// A transaction of this many documents was committed in this time.
    package mutating func commit(_ documents: Int, lasted: Duration) {
        if lasted >= UnitLosses.slow, documents > 1 { return refuse(documents) }
        guard let limit = documentsMax else { return }
        guard lasted < UnitLosses.slow / 4 else {
            quick = 0
            return
        }
        quick += 1
        guard quick >= Self.quickMax else { return }
        quick = 0
        documentsMax = limit > Self.unlimited / 2 ? nil : limit * 2
    }
}
