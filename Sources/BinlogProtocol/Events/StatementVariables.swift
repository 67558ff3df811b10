/// A number that a statement in the log uses: the value of an AUTO_INCREMENT column or of `LAST_INSERT_ID()`.
///
///     ┌─────────┬───────────┐
///     │ kind u8 │ value u64 │   kind: 1 LAST_INSERT_ID, 2 INSERT_ID
///     └─────────┴───────────┘
public struct IntVarEvent: Equatable, Sendable {
    /// What the number is for.
    public enum Kind: UInt8, Sendable {
        /// What `LAST_INSERT_ID()` gives.
        case lastInsertID = 1
        /// The first AUTO_INCREMENT value.
        case insertID = 2
    }

    /// What the number is for.
    public let kind: Kind
    /// The number.
    public let value: UInt64

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let offset = reader.offset
        guard let kind = Kind(rawValue: try reader.read()) else {
            throw DecodingError(.unsupported("kind of INTVAR_EVENT"), at: offset)
        }
        self.kind = kind
        value = try reader.read()
    }
}

/// The seeds of `RAND()` in the statement that follows.
///
///     ┌───────────────┬────────────────┐
///     │ first seed u64│ second seed u64│
///     └───────────────┴────────────────┘
public struct RandEvent: Hashable, Sendable {
    /// The first seed.
    public let first: UInt64
    /// The second seed.
    public let second: UInt64

    package init(from reader: inout ByteReader) throws(DecodingError) {
        first = try reader.read()
        second = try reader.read()
    }
}

/// A user variable that the statement that follows uses.
///
///     ┌─────────────┬──────┬────────────┬─ unless NULL ────────────────────────────────────────────┐
///     │ length u32  │ name │ is NULL u8 │ type u8 │ collation u32 │ length u32 │ value │ flags u8? │
///     └─────────────┴──────┴────────────┴───────────────────────────────────────────────────────────┘
/// The value is somebody's data and is not kept: only the name.
public struct UserVarEvent: Equatable, Sendable {
    /// The name without `@`.
    public let name: String

    /// Bytes that a name has at most: 64 characters.
    private static let nameByteCountMax: UInt32 = 256

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let offset = reader.offset
        let count: UInt32 = try reader.read()
        guard count <= Self.nameByteCountMax else {
            throw DecodingError(.invalid("length of a user variable's name"), at: offset)
        }
        name = String(decoding: try reader.readBytes(Int(count)), as: UTF8.self)
        guard try reader.read(UInt8.self) == 0 else { return }
        try reader.skip(1 + 4)
        let length: UInt32 = try reader.read()
        try reader.skip(Int(length))
        // Whether the value is unsigned; old servers do not say.
        if !reader.isAtEnd { try reader.skip(1) }
    }
}
