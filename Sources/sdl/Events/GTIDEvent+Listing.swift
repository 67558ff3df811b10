internal import BinlogProtocol

extension GTIDEvent {
    func list(to text: ListingText) {
        text.line("gtid \(gtid?.description ?? "anonymous")")
        domainTransaction?.list(to: text)
        if let flags = scheduling.flags {
            text.line("flags \(ListingText.flags(flags, [1: "MAY_HAVE_SBR"]))")
        }
        if let last = scheduling.lastCommitted, let own = scheduling.sequenceNumber {
            text.line("last committed \(last), sequence number \(own)")
        }
        if let immediateCommitTime {
            text.line(
                "immediate commit \(ListingText.time(microseconds: immediateCommitTime))")
        }
        if let originalCommitTime {
            text.line("original commit \(ListingText.time(microseconds: originalCommitTime))")
        }
        if let transactionLength { text.line("transaction length \(transactionLength)") }
        if let version = scheduling.immediateServerVersion {
            text.line("immediate server version \(version)")
        }
        if let version = scheduling.originalServerVersion {
            text.line("original server version \(version)")
        }
        if let ticket = scheduling.commitGroupTicket, ticket != 0 {
            text.line("commit group ticket \(ticket)")
        }
    }
}

extension DomainTransaction {
    /// What MariaDB's GTID_EVENT says of its transaction.
    fileprivate func list(to text: ListingText) {
        let names: KeyValuePairs<UInt64, String> = [
            1: "STANDALONE", 2: "GROUP_COMMIT_ID", 4: "TRANSACTIONAL", 8: "ALLOW_PARALLEL",
            16: "WAITED", 32: "DDL", 64: "PREPARED_XA", 128: "COMPLETED_XA",
        ]
        text.line("flags \(ListingText.flags(UInt64(flags.rawValue), names))")
        if let commitID { text.line("commit id \(commitID)") }
        if let xa { text.line("xa \(xa)") }
    }
}
