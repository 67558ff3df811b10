internal import Logging
internal import MongoSink

/// Writes the sink's notices to the log, the ones that operators look for word for word.
enum SinkLog {
    static func write(_ notice: SinkNotice, to log: Logger) {
        switch notice {
        case .connected(let version, let setName):
            log.info(
                LogMessage.connectedToMongoDB,
                metadata: ["version": "\(version)", "replicaSet": "\(setName)"])
        case .recovering(let batches):
            log.info(LogMessage.recovering(batches: batches))
        case .retrying, .dangerousTTL, .batchKept, .waitingForLease, .leaseTakenOver,
            .positionChanged, .settingsChanged, .transactionSplit, .otherImages:
            log.warning("\(notice)")
        default:
            log.info("\(notice)")
        }
    }
}
