internal import BinlogProtocol
internal import MongoSink

/// Who we are to the source: the same replica in every run of one stream.
enum ReplicaIdentity {
    /// A UUID that follows from the stream's name (RFC 9562, version 8).
    ///
    /// The server ends an older connection of the same replica, so that a ghost of ours does not linger.
    static func uuid(stream name: String) -> ServerUUID {
        var bytes = Array(SHA256.digest(Array("sdl replica \(name)".utf8)[...]).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        return ServerUUID(bytes: bytes)
    }
}
