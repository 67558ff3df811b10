internal import BinlogProtocol

/// The settings that decide what is stored, as the position and the ledger record them: names and values, no secrets.
public struct RecordedSettings: Sendable, Equatable {
    /// The values by the settings' names.
    public var values: [String: String]

    /// Makes settings from their values.
    public init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// A setting that has another value than before.
    struct Change: Sendable, Equatable {
        let name: String
        /// Nil when it was not recorded before, or is not any more.
        let from: String?
        let to: String?
    }

    /// What is different from `old`, in the order of the names.
    func changes(from old: RecordedSettings?) -> [Change] {
        let before = old?.values ?? [:]
        return Set(values.keys).union(before.keys).sorted().compactMap { name in
            before[name] == values[name]
                ? nil : Change(name: name, from: before[name], to: values[name])
        }
    }
}

extension RecordedSettings {
    /// The element `settings: { <name>: <value> }`; nothing when there are none.
    func append(to writer: inout BSONWriter) {
        if values.isEmpty { return }
        writer.append("settings") { fields in
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                fields.append(BSONKey(columnName: name), string: value)
            }
        }
    }

    /// The SHA-256 of names and values, by which staged work says with which settings it was made; nil when there are none.
    var digest: [UInt8]? {
        values.isEmpty ? nil : SHA256.digest(BSONWriter.document { append(to: &$0) }[...])
    }

    /// Nil when the document does not say.
    init?(in document: BSONDocument) throws(DecodingError) {
        guard let fields = try document.document("settings") else { return nil }
        var values: [String: String] = [:]
        var cursor = fields.elements()
        while let element = try cursor.next() { values[element.name] = element.string ?? "" }
        self.init(values)
    }
}

extension [RecordedSettings.Change] {
    /// The element `settings: { <name>: { f, t } }`; nothing when there are none.
    func append(to writer: inout BSONWriter) {
        if isEmpty { return }
        writer.append("settings") { fields in
            for change in self {
                fields.append(BSONKey(columnName: change.name)) {
                    if let from = change.from { $0.append(DocumentKeys.from, string: from) }
                    if let to = change.to { $0.append(DocumentKeys.to, string: to) }
                }
            }
        }
    }
}
