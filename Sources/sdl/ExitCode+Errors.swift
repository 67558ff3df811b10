internal import BinlogProtocol
internal import MongoSink

extension ExitCode {
    /// The exit code for an error of one of the two libraries.
    package init(of error: any Error) {
        switch error {
        case let error as BinlogError: self = ExitCode(source: error.code)
        case let error as SinkError: self = ExitCode(sink: error.code)
        case is DecodingError: self = .undecodable
        case let failure as CommandFailure: self = failure.exitCode
        default: self = .failure
        }
    }

    private init(source code: BinlogError.Code) {
        switch code {
        case .connectionFailed, .connectionLost, .serverError: self = .failure
        case .tls, .configuration, .wrongFlavor: self = .usage
        case .duplicateReplica: self = .leaseHeld
        case .authentication, .privilege: self = .access
        case .purged, .diverged, .nextFileMissing: self = .sourceHistory
        case .corrupt, .undecodable: self = .undecodable
        // Only a stop that was asked for cancels, and a clean stop is no failure.
        case .cancelled: self = .done
        }
    }

    private init(sink code: SinkError.Code) {
        switch code {
        case .configuration, .notReplicaSet: self = .usage
        case .authentication: self = .access
        case .leaseHeld, .fenced: self = .leaseHeld
        case .integrity: self = .undecodable
        case .permanent, .retriesExhausted, .offsetMismatch: self = .failure
        case .cancelled: self = .done
        }
    }
}
