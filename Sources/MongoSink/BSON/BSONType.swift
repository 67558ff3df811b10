/// The type byte of a BSON element. https://bsonspec.org/spec.html
package enum BSONType: UInt8, Sendable {
    case double = 0x01
    case string = 0x02
    case document = 0x03
    case array = 0x04
    case binary = 0x05
    case undefined = 0x06
    case objectID = 0x07
    case bool = 0x08
    case utcDateTime = 0x09
    case null = 0x0A
    case regularExpression = 0x0B
    case dbPointer = 0x0C
    case javaScript = 0x0D
    case symbol = 0x0E
    case javaScriptWithScope = 0x0F
    case int32 = 0x10
    case timestamp = 0x11
    case int64 = 0x12
    case decimal128 = 0x13
    case minKey = 0xFF
    case maxKey = 0x7F
}

/// What kind of bytes a BSON binary holds.
package enum BSONBinarySubtype: UInt8, Sendable {
    case generic = 0x00
    case vector = 0x09
}

/// The largest sizes that MongoDB accepts, and ours below them.
package enum BSONLimits {
    /// MongoDB refuses a larger document.
    package static let documentBytesMax = 16 << 20
    /// The largest document of a change: in staging it stands inside another one.
    package static let changeBytesMax = documentBytesMax - (16 << 10)
    /// MongoDB refuses deeper nesting.
    package static let depthMax = 100
    /// An empty document: its length and its terminator.
    package static let documentBytesMin = 5
}
