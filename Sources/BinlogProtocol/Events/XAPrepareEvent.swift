/// Ends the group of an XA transaction: it is prepared, or committed at once (`XA COMMIT … ONE PHASE`).
///
///     ┌──────────────┬───────────────┬──────────────────┬──────────────────┬───────┬───────┐
///     │ one phase u8 │ format id u32 │ gtrid length u32 │ bqual length u32 │ gtrid │ bqual │
///     └──────────────┴───────────────┴──────────────────┴──────────────────┴───────┴───────┘
/// Whether what was prepared happens is in a later transaction, which holds `XA COMMIT` or `XA ROLLBACK`.
public struct XAPrepareEvent: Equatable, Sendable {
    /// Whether the transaction is committed with this event.
    public let isOnePhase: Bool
    /// The transaction.
    public let id: XAIdentifier

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let phaseOffset = reader.offset
        let phase: UInt8 = try reader.read()
        guard phase <= 1 else {
            throw DecodingError(.invalid("phase of XA_PREPARE_LOG_EVENT"), at: phaseOffset)
        }
        isOnePhase = phase == 1
        let format: UInt32 = try reader.read()
        let lengthOffset = reader.offset
        let globalCount: UInt32 = try reader.read()
        let branchCount: UInt32 = try reader.read()
        id = try XAIdentifier(
            formatID: format, globalCount: Int(globalCount), branchCount: Int(branchCount),
            lengthsAt: lengthOffset, from: &reader)
    }
}
