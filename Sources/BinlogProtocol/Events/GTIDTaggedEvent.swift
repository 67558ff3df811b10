/// GTID_TAGGED_LOG_EVENT of MySQL 8.3 and later: the fields of ``GTIDEvent`` and a tag, in `mysql::serialization` form.
///
///     ┌────────────────┬─────────────────────┬───────────────────────────────┬──────────────────────┐
///     │ version varint │ message size varint │ last non-ignorable id varint  │ { field id, value }… │
///     └────────────────┴─────────────────────┴───────────────────────────────┴──────────────────────┘
/// `libs/mysql/serialization/readme.md` and `libs/mysql/binlog/event/control_events.h` of the server.
enum GTIDTaggedEvent {
    private enum Field {
        static let flags: UInt64 = 0
        static let uuid: UInt64 = 1
        static let number: UInt64 = 2
        static let tag: UInt64 = 3
        static let lastCommitted: UInt64 = 4
        static let sequenceNumber: UInt64 = 5
        static let immediateCommitTime: UInt64 = 6
        static let originalCommitTime: UInt64 = 7
        static let transactionLength: UInt64 = 8
        static let immediateServerVersion: UInt64 = 9
        static let originalServerVersion: UInt64 = 10
        static let commitGroupTicket: UInt64 = 11
    }

    static func decode(from reader: inout ByteReader) throws(DecodingError) -> GTIDEvent {
        let start = reader.offset
        let version = try Serialization.readUnsigned(from: &reader)
        guard version == 1 else {
            throw DecodingError(.unsupported("GTID_TAGGED_LOG_EVENT version \(version)"), at: start)
        }
        let sizeOffset = reader.offset
        let size = try Serialization.readUnsigned(from: &reader)
        guard size == UInt64(reader.end - start) else {
            throw DecodingError(.invalid("message size of GTID_TAGGED_LOG_EVENT"), at: sizeOffset)
        }
        let lastNonIgnorable = try Serialization.readUnsigned(from: &reader)
        var fields = Fields()
        var previous: UInt64?
        while !reader.isAtEnd {
            let idOffset = reader.offset
            let id = try Serialization.readUnsigned(from: &reader)
            if let previous, id <= previous {
                throw DecodingError(.invalid("field order in GTID_TAGGED_LOG_EVENT"), at: idOffset)
            }
            previous = id
            guard try fields.read(id, from: &reader) else {
                // Fields that came after this library was written have no known length; the rest is theirs.
                guard id > lastNonIgnorable else {
                    throw DecodingError(
                        .unsupported("field \(id) of GTID_TAGGED_LOG_EVENT"), at: idOffset)
                }
                _ = reader.readRemaining()
                break
            }
        }
        guard let uuid = fields.uuid, let number = fields.number else {
            throw DecodingError(.invalid("GTID_TAGGED_LOG_EVENT without a GTID"), at: start)
        }
        return GTIDEvent(
            gtid: GTID(source: GTID.Source(uuid: uuid, checkedTag: fields.tag), number: number),
            originalCommitTime: fields.originalCommitTime,
            immediateCommitTime: fields.immediateCommitTime,
            transactionLength: fields.transactionLength, scheduling: fields.scheduling)
    }

    private struct Fields {
        var uuid: ServerUUID?
        var number: Int64?
        var tag = ""
        var immediateCommitTime: UInt64?
        var originalCommitTime: UInt64?
        var transactionLength: UInt64?
        var scheduling = GTIDEvent.Scheduling()

        /// Reads one field's value; false when the field is not known.
        mutating func read(
            _ id: UInt64, from reader: inout ByteReader
        ) throws(DecodingError) -> Bool {
            let offset = reader.offset
            switch id {
            case Field.flags, Field.lastCommitted, Field.sequenceNumber,
                Field.immediateServerVersion, Field.originalServerVersion, Field.commitGroupTicket:
                try readScheduling(id, from: &reader)
            case Field.uuid:
                var bytes: [UInt8] = []
                for _ in 0..<16 {
                    let value = try Serialization.readUnsigned(from: &reader)
                    guard let byte = UInt8(exactly: value) else {
                        throw DecodingError(.invalid("server UUID"), at: offset)
                    }
                    bytes.append(byte)
                }
                uuid = ServerUUID(bytes: bytes)
            case Field.number:
                let value = try Serialization.readSigned(from: &reader)
                guard (1...GTID.numberMax).contains(value) else {
                    throw DecodingError(.invalid("transaction number"), at: offset)
                }
                number = value
            case Field.tag:
                let length = try Serialization.readUnsigned(from: &reader)
                guard length <= 32 else { throw DecodingError(.invalid("GTID tag"), at: offset) }
                let characters = try reader.readBytes(Int(length))
                if characters.isEmpty { break }
                guard let text = GTID.normalizedTag(characters) else {
                    throw DecodingError(.invalid("GTID tag"), at: offset)
                }
                tag = text
            case Field.immediateCommitTime:
                immediateCommitTime = try Serialization.readUnsigned(from: &reader)
            case Field.originalCommitTime:
                originalCommitTime = try Serialization.readUnsigned(from: &reader)
            case Field.transactionLength:
                transactionLength = try Serialization.readUnsigned(from: &reader)
            default:
                return false
            }
            return true
        }

        private mutating func readScheduling(
            _ id: UInt64, from reader: inout ByteReader
        ) throws(DecodingError) {
            switch id {
            case Field.lastCommitted:
                scheduling.lastCommitted = try Serialization.readSigned(from: &reader)
            case Field.sequenceNumber:
                scheduling.sequenceNumber = try Serialization.readSigned(from: &reader)
            default:
                let value = try Serialization.readUnsigned(from: &reader)
                switch id {
                case Field.flags: scheduling.flags = value
                case Field.immediateServerVersion: scheduling.immediateServerVersion = value
                case Field.originalServerVersion: scheduling.originalServerVersion = value
                default: scheduling.commitGroupTicket = value
                }
            }
        }
    }
}
