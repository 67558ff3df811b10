extension SourceInfo {
    /// Whether the server writes the names of columns into its log.
    package var logsColumnNames: Bool { binlogRowMetadata?.uppercased() == "FULL" }

    /// What looking names up costs and how the server comes to log them; nil when it does.
    package var columnNamesAdvice: String? {
        if logsColumnNames { return nil }
        let consequence =
            "the log holds no column names. They are looked up in information_schema as they are now, "
            + "documents say src.schema \"lookup\", and ENUM and SET are numbers."
        guard let binlogRowMetadata else {
            return "This server does not know binlog_row_metadata: \(consequence)"
        }
        let remedy =
            flavor == .mysql
            ? "SET PERSIST binlog_row_metadata = FULL on the server."
            : "SET GLOBAL binlog_row_metadata = FULL on the server, and put it into its configuration."
        return "binlog_row_metadata is \(binlogRowMetadata): \(consequence) Run \(remedy)"
    }
}
