/// The largest sizes accepted from a server or a file, each with its unit in its name.
package enum Limits {
    /// `max_log_event_size` of the server: an event is never larger than 1 GiB.
    package static let eventBytesMax = 1 << 30
    /// One logical packet: an event and its status byte.
    package static let packetBytesMax = eventBytesMax + 1
    /// Packets before the stream starts (greeting, results of our own queries).
    package static let handshakePacketBytesMax = 16 << 20
    /// The whole answer to one of our own queries.
    package static let resultBytesMax = 256 << 20
    /// MySQL's own limit of columns in a table.
    package static let columnsMax = 4096
    /// Nesting of a JSON document; the server refuses more than 100.
    package static let jsonDepthMax = 100
    /// Table maps kept for later statements, and their bytes; beyond it those of earlier statements go.
    package static let tableMapsMax = 2000
    package static let tableMapBytesMax = 32 << 20
    /// Table maps of one statement, and their bytes: LOCK TABLES can make many.
    package static let statementTableMapsMax = 65_536
    package static let statementTableMapBytesMax = 256 << 20
    /// Labels of one ENUM and of one SET column, as the server allows.
    package static let enumLabelsMax = 65_535
    package static let setLabelsMax = 64
    /// Labels of all ENUM and SET columns of a table.
    package static let labelsMax = 1 << 20
    /// Server UUIDs (with tags) in one GTID set, and intervals of one of them.
    package static let gtidSourcesMax = 1 << 20
    package static let gtidIntervalsMax = 1 << 24
}
