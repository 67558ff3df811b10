extension RowsEvent {
    /// How the parts of a rows event follow each other; it depends on the event's type.
    package enum Layout: Sendable {
        /// Of MySQL 5.1 before it was finished: one bitmap of columns, also for an update.
        case version0
        /// Of MariaDB, and of MySQL with `log_bin_use_v1_row_events`.
        case version1
        /// Of MySQL 5.6 and later.
        case version2
        /// Version 2, with JSON documents as differences.
        case partial
        /// Versions 1 and 2 of MariaDB with `log_bin_compress`: everything behind the bitmaps is compressed.
        case compressed1
        case compressed2

        init(of type: EventType) {
            self =
                switch type {
                case .writeRowsV0, .updateRowsV0, .deleteRowsV0: .version0
                case .writeRowsV1, .updateRowsV1, .deleteRowsV1: .version1
                case .partialUpdateRows: .partial
                case .writeRowsCompressedV1, .updateRowsCompressedV1, .deleteRowsCompressedV1:
                    .compressed1
                case .writeRowsCompressed, .updateRowsCompressed, .deleteRowsCompressed:
                    .compressed2
                default: .version2
                }
        }

        var hasExtraRowInfo: Bool {
            switch self {
            case .version2, .partial, .compressed2: true
            case .version0, .version1, .compressed1: false
            }
        }

        var hasOneBitmap: Bool { self == .version0 }

        var isCompressed: Bool { self == .compressed1 || self == .compressed2 }
    }
}
