/// What a version 2 rows event says beside its rows.
///
///     ┌──────────────────────────────┬────────────────────────────────────────┐
///     │ length u16, itself included  │ items, each a type u8 and its data     │
///     └──────────────────────────────┴────────────────────────────────────────┘
///     type 0 (NDB): length u8, itself included, then bytes that only NDB reads
///     type 1 (partition): u16, of an update a second u16 for where the rows came from
struct ExtraRowInfo: Equatable {
    var partition: Int?
    var sourcePartition: Int?

    init() {}

    init(from reader: inout ByteReader, isUpdate: Bool) throws(DecodingError) {
        let at = reader.offset
        let length: UInt16 = try reader.read()
        guard length >= 2 else {
            throw DecodingError(.invalid("length of the extra row info"), at: at)
        }
        var items = try reader.slice(Int(length) - 2)
        while !items.isAtEnd {
            switch try items.read(UInt8.self) {
            case 0:
                let at = items.offset
                let length: UInt8 = try items.read()
                guard length >= 1 else {
                    throw DecodingError(.invalid("length of the NDB row info"), at: at)
                }
                try items.skip(Int(length) - 1)
            case 1:
                partition = Int(try items.read(UInt16.self))
                if isUpdate { sourcePartition = Int(try items.read(UInt16.self)) }
            default:
                // Servers and replicas agree that what a newer version adds here may be ignored;
                // an unknown item has no length of its own, so the rest of the block goes with it.
                try items.skip(items.remaining)
            }
        }
    }
}
