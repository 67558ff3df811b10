import TestSupport
import Testing

@testable import MongoSink

extension AuditTrail {
    /// Compares what is stored with what a run stores that nothing disturbs: the same bytes.
    ///
    /// - Returns: whether it is the same.
    @discardableResult
    func compareWithUndisturbedRun(_ label: String = "") throws -> Bool {
        let kept = ["START", "FULL_IMAGES", "MYSQL_FLAVOR", "TZ"]
        var undisturbed = self
        undisturbed.database += "_undisturbed"
        undisturbed.environment = environment.filter { kept.contains($0.key) }.merging([
            "MYSQL_ADDR": try source.address, "MYSQL_USER": try source.user,
            "MYSQL_PASS": try source.password, "MONGO_URI": mongoURI,
            "MONGO_DB": undisturbed.database, "STREAM_NAME": "mysql://\(undisturbed.database)",
            "MYSQL_SERVER_ID": "\(UInt32.random(in: 10_000...4_000_000))",
        ]) { one, _ in one }
        try undisturbed.storeAll()
        let expected = Set(try undisturbed.rowChanges().map(\.bytes))
        let found = try rowChanges().map(\.bytes)
        let isSame = found.count == expected.count && Set(found) == expected
        #expect(
            isSame,
            "\(label): \(found.count) documents, undisturbed \(expected.count), see \(database)")
        try undisturbed.drop()
        return isSame
    }
}
