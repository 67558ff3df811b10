/// What a failed attempt means, whatever it tried.
package enum Outcome: Sendable, Equatable {
    /// The transaction did not happen; run all of it again.
    case transientTransaction
    /// The commit may have happened; commit again.
    case unknownCommit
    /// The connection or the primary is gone; connect again, then run all of it again.
    case disconnected
    /// The server could not do it now; run all of it again.
    case transient
    /// A document with this key exists.
    case duplicateKey
    /// The login failed; the driver says the same of a refused user and of a server that goes away meanwhile.
    case loginFailed
    /// The user is refused or lacks a privilege.
    case authentication
    /// The server has no transactions, or is too old for the driver.
    case notReplicaSet
    /// A repetition would fail the same way.
    case permanent
}

extension MongoError {
    /// Judges by label first, then by where the error comes from, then by code; an unknown code is permanent.
    package var outcome: Outcome {
        if labels.contains(Self.unknownCommitResult) { return .unknownCommit }
        if labels.contains(Self.transientTransaction) { return .transientTransaction }
        if labels.contains(Self.retryableWrite) { return .disconnected }
        switch domain {
        case .network, .serverSelection: return .disconnected
        case .authentication: return .loginFailed
        case .sessions, .wireVersion: return .notReplicaSet
        case .writeConcern: return Self.byCode(code) == .disconnected ? .disconnected : .transient
        case .server: return Self.byCode(code)
        case .driver: return .permanent
        }
    }

    private static func byCode(_ code: Int32) -> Outcome {
        codes[code] ?? .permanent
    }

    /// The server's codes that are not permanent.
    ///
    /// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
    private static let codes: [Int32: Outcome] = {
        var codes: [Int32: Outcome] = [:]
        let disconnected: [Int32] = [
            6,  // HostUnreachable
            7,  // HostNotFound
            89,  // NetworkTimeout
            91,  // ShutdownInProgress
            189,  // PrimarySteppedDown
            9001,  // SocketException
            10058,  // LegacyNotPrimary
            10107,  // NotWritablePrimary
            11600,  // InterruptedAtShutdown
            11602,  // InterruptedDueToReplStateChange
            13435,  // NotPrimaryNoSecondaryOk
            13436,  // NotPrimaryOrSecondary
        ]
        let transient: [Int32] = [
            24,  // LockTimeout
            43,  // CursorNotFound
            46,  // LockBusy
            50,  // MaxTimeMSExpired
            63,  // StaleShardVersion
            64,  // WriteConcernFailed
            94,  // NotYetInitialized
            112,  // WriteConflict
            117,  // ConflictingOperationInProgress
            133,  // FailedToSatisfyReadPreference
            134,  // ReadConcernMajorityNotAvailableYet
            150,  // StaleEpoch
            175,  // QueryPlanKilled
            202,  // NetworkInterfaceExceededTimeLimit
            225,  // TransactionTooOld
            237,  // CursorKilled
            239,  // SnapshotTooOld
            244,  // TransactionAborted
            246,  // SnapshotUnavailable
            251,  // NoSuchTransaction
            262,  // ExceededTimeLimit
            267,  // PreparedTransactionInProgress
            290,  // TransactionExceededLifetimeLimitSeconds
            365,  // TemporarilyUnavailable
            11601,  // Interrupted
            13388,  // StaleConfig
            14031,  // OutOfDiskSpace
        ]
        for code in disconnected { codes[code] = .disconnected }
        for code in transient { codes[code] = .transient }
        codes[11000] = .duplicateKey
        codes[11001] = .duplicateKey
        codes[12582] = .duplicateKey
        codes[13] = .authentication  // Unauthorized
        codes[18] = .authentication  // AuthenticationFailed
        codes[8000] = .authentication  // AtlasError
        return codes
    }()
}
