/// The global transaction identifier of one transaction: MySQL's `uuid:number` or MariaDB's `domain-server-sequence`.
///
/// https://dev.mysql.com/doc/refman/9.4/en/replication-gtids-concepts.html
/// https://mariadb.com/kb/en/gtid/
public struct GTID: Hashable, Sendable {
    /// Who counts transactions.
    public enum Origin: Hashable, Sendable {
        /// MySQL: a server, with or without a tag.
        case server(Source)
        /// MariaDB: a replication domain; the server that wrote the transaction, by its `server_id`, is only noted.
        case domain(UInt32, serverID: UInt32)
    }

    /// The MySQL server (and tag) that counts the transaction.
    public struct Source: Hashable, Sendable {
        /// The server where the transaction was first committed.
        public let uuid: ServerUUID
        /// The tag of MySQL 8.3 and later, lower case; empty when there is none.
        public let tag: String

        /// Makes a source without a tag.
        public init(uuid: ServerUUID) {
            self.uuid = uuid
            tag = ""
        }

        /// Makes a source with a tag: a letter or underscore, then at most 31 letters, digits or underscores.
        ///
        /// Nil when the tag is anything else.
        public init?(uuid: ServerUUID, tag: String) {
            guard let tag = GTID.normalizedTag(tag.utf8) else { return nil }
            self.init(uuid: uuid, checkedTag: tag)
        }

        /// Makes a source with a tag as ``GTID/normalizedTag(_:)`` returns it, or with an empty one.
        package init(uuid: ServerUUID, checkedTag: String) {
            self.uuid = uuid
            tag = checkedTag
        }
    }

    /// The largest transaction number that a server uses: 2^63 - 2.
    package static let numberMax = Int64.max - 1

    /// Who counts.
    public let origin: Origin
    /// The transaction's number, from 1 to 2^63 - 2; of a MariaDB position also 0, for a domain without transactions.
    public let number: Int64

    /// Makes a MySQL GTID; `number` must be from 1 to 2^63 - 2.
    package init(source: Source, number: Int64) {
        precondition((1...Self.numberMax).contains(number))
        origin = .server(source)
        self.number = number
    }

    /// Makes a MariaDB GTID; `sequence` must be from 0 to 2^63 - 2.
    package init(domain: UInt32, serverID: UInt32, sequence: Int64) {
        precondition((0...Self.numberMax).contains(sequence))
        origin = .domain(domain, serverID: serverID)
        number = sequence
    }

    /// A tag as servers accept it: a letter or underscore, then at most 31 letters, digits or underscores.
    ///
    /// - Returns: the tag in lower case, or nil.
    static func normalizedTag(_ text: some Collection<UInt8>) -> String? {
        guard (1...32).contains(text.count) else { return nil }
        var result: [UInt8] = []
        for (index, character) in text.enumerated() {
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): result.append(character)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): result.append(character | 0x20)
            case UInt8(ascii: "0")...UInt8(ascii: "9") where index > 0: result.append(character)
            default: return nil
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension GTID.Source: Comparable, CustomStringConvertible {
    /// Orders by server, then by tag; no tag comes first.
    public static func < (left: Self, right: Self) -> Bool {
        (left.uuid, left.tag) < (right.uuid, right.tag)
    }

    /// `uuid` or `uuid:tag`.
    public var description: String { tag.isEmpty ? "\(uuid)" : "\(uuid):\(tag)" }
}

extension GTID: CustomStringConvertible {
    /// `uuid:23`, `uuid:tag:23` or `domain-server-23`.
    public var description: String {
        switch origin {
        case .server(let source): "\(source):\(number)"
        case .domain(let domain, let serverID): "\(domain)-\(serverID)-\(number)"
        }
    }
}
