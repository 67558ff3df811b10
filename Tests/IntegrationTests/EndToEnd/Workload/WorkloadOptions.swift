/// What a workload's server can do and how it writes its log.
struct WorkloadOptions {
    /// How much of a row the log carries (`binlog_row_image`).
    enum RowImage: String {
        case full = "FULL"
        case minimal = "MINIMAL"
        case noBlob = "NOBLOB"
    }

    var isMariaDB = false
    /// Sessions change between these.
    var rowImages: [RowImage] = [.full]
    /// Whether sessions log updates of JSON columns as differences (`binlog_row_value_options`).
    var partialJSON = false
    /// Whether transactions are sometimes XA transactions.
    var xa = false
    /// What the log says of columns (`binlog_row_metadata`).
    var rowMetadata = "FULL"
    /// Whether the server compresses events (`log_bin_compress` of MariaDB).
    var compressesEvents = false

    /// Whether each image holds every column.
    var hasWholeImages: Bool { rowImages == [.full] }
    /// Labels that are looked up may have another order by now, so numbers are stored.
    var logsLabels: Bool { rowMetadata == "FULL" }
    /// Where names are looked up on the server, they are right only while nobody changes them.
    var mayAlter: Bool { rowMetadata == "FULL" }

    /// What most servers do in most cases, the rest in the others.
    static func random(isMariaDB: Bool, _ dice: inout Dice) -> WorkloadOptions {
        var options = WorkloadOptions(isMariaDB: isMariaDB)
        switch dice.roll(1...4) {
        case 1: options.rowImages = [.minimal]
        case 2: options.rowImages = [.full, .minimal, .noBlob]
        default: break
        }
        options.partialJSON = !isMariaDB && dice.chance(40)
        // Without the old document the differences alone are logged; the document's value is not known then.
        if options.partialJSON { options.rowImages.removeAll { $0 == .minimal } }
        if options.rowImages.isEmpty { options.rowImages = [.full] }
        options.xa = dice.chance(40)
        if dice.chance(30) {
            options.rowMetadata = isMariaDB ? dice.pick(["MINIMAL", "NO_LOG"]) : "MINIMAL"
        }
        options.compressesEvents = isMariaDB && dice.chance(40)
        return options
    }

    /// Settings of the whole server.
    var globals: [String] {
        ["binlog_row_metadata = \(rowMetadata)"]
            + (isMariaDB
                ? [
                    "log_bin_compress = \(compressesEvents ? "ON" : "OFF")",
                    "log_bin_compress_min_len = 10",
                ] : [])
    }

    /// Settings of each session at its start.
    var sessions: [String] {
        let common = ["binlog_row_image = \(rowImages[0].rawValue)"]
        if isMariaDB { return common + ["binlog_annotate_row_events = ON"] }
        return common + [
            "binlog_rows_query_log_events = ON",
            "binlog_row_value_options = '\(partialJSON ? "PARTIAL_JSON" : "")'",
        ]
    }
}

extension WorkloadOptions: CustomStringConvertible {
    var description: String {
        "\(isMariaDB ? "MariaDB" : "MySQL"), image "
            + rowImages.map(\.rawValue).joined(separator: "/") + ", metadata \(rowMetadata)"
            + (partialJSON ? ", partial JSON" : "") + (xa ? ", XA" : "")
            + (compressesEvents ? ", compressed events" : "")
    }
}
