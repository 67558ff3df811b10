package import BinlogProtocol
package import Foundation
package import MongoSink

/// Every setting of a run, checked.
package struct Settings: Sendable {
    /// The servers that a command talks to, whose settings must therefore be complete.
    package enum Server: Sendable {
        case mysql, mongo
    }

    package var mysql: ConnectionOptions
    package var mongo: MongoSettings
    package var streamName: String
    package var filter: TableFilter
    package var start: StartPosition
    package var batchDocumentsMax: Int
    package var batchBytesMax: Int
    package var flushInterval: Duration
    package var memoryBytesMax: Int
    /// What follows a passing failure, of either server.
    package var retry: RetryPolicy
    package var onUndecodable: UndecodablePolicy
    package var fullImages: Bool
    package var stagingTTL: Duration
    /// The zone of `tsLocal`.
    package var timeZone: TimeZone
    /// The same as the setting names it.
    package var timeZoneName: String
    package var logLevel: LogLevel
    package var logFormat: LogFormat
    /// What the user should know and what does not keep the program from running.
    package var warnings: [String]

    /// What must not reach a log, for ``Redaction``.
    package var secrets: [String] { [mysql.password.value] + mongo.uri.secrets }

    /// Checks all settings, or throws with one sentence for each that is not allowed.
    package init(
        from source: SettingsSource, connectingTo servers: Set<Server>
    ) throws(CommandFailure) {
        var reader = SettingsReader(source)
        let mysql = MySQLSettings.read(&reader, isUsed: servers.contains(.mysql))
        let mongo = MongoSettings(&reader, isUsed: servers.contains(.mongo))
        let include = reader.pattern(.includeRegex, default: #".*\..*"#)
        let exclude = reader.pattern(
            .excludeRegex, default: #"^(mysql|performance_schema|information_schema|sys)\..*"#)
        let start = Self.start(&reader)
        let timeZone = Self.timeZone(&reader)
        timeZoneName = reader.text(.timeZone, default: "UTC")
        batchDocumentsMax = reader.integer(.batchSize, default: 1000, in: 1...100_000)
        // A staging document stays under 8 MB, its frame included.
        batchBytesMax = reader.bytes(.batchBytes, default: 4 << 20, in: (1 << 10)...(7 << 20))
        flushInterval = reader.duration(
            .flushInterval, default: .seconds(1), in: .milliseconds(1)...(.seconds(3600)))
        memoryBytesMax = reader.bytes(
            .memoryLimit, default: 256 << 20, in: (16 << 20)...(1 << 40))
        retry = Self.retry(&reader)
        onUndecodable = reader.choice(.onUndecodable, default: UndecodablePolicy.stop)
        fullImages = reader.flag(.fullImages, default: false)
        stagingTTL = reader.duration(
            .stagingTTL, default: .seconds(7 * 86_400), in: .seconds(1)...(.seconds(3650 * 86_400)))
        logLevel = reader.choice(.logLevel, default: LogLevel.info)
        logFormat = reader.choice(.logFormat, default: LogFormat.text)
        let address = reader.text(.mysqlAddr, default: MySQLSettings.defaultAddress)
        streamName = Self.streamName(&reader, flavor: mysql?.flavor ?? .mysql, address: address)
        Self.refuseWhatIsNotThere(&reader)
        if memoryBytesMax < 2 * batchBytesMax {
            reader.refuse("MEMORY_LIMIT must be at least twice BATCH_BYTES.")
        }
        guard reader.problems.isEmpty, let mysql, let mongo, let include, let exclude, let start,
            let timeZone
        else {
            // What is missing is often there under a name that is not quite right.
            throw CommandFailure(.usage, reader.problems + source.unknownKeys)
        }
        self.mysql = mysql
        self.mongo = mongo
        self.filter = TableFilter(include: include, exclude: exclude)
        self.start = start
        self.timeZone = timeZone
        self.warnings =
            source.warnings + reader.warnings
            + (servers.contains(.mongo) ? Self.weakTLS(mongo.uri) : [])
    }

    private static func start(_ reader: inout SettingsReader) -> StartPosition? {
        do throws(CommandFailure) {
            return try StartPosition(
                parsing: reader.text(.start, default: "current"), name: "START")
        } catch {
            error.sentences.forEach { reader.refuse($0) }
            return nil
        }
    }

    private static func timeZone(_ reader: inout SettingsReader) -> TimeZone? {
        let text = reader.text(.timeZone, default: "UTC")
        // The C library also takes the name after a colon, and some systems set it so.
        let name = text.hasPrefix(":") ? String(text.dropFirst()) : text
        if let zone = TimeZone(identifier: name) { return zone }
        let nearest = NearestName.nearest(to: name, among: TimeZone.knownTimeZoneIdentifiers)
        let hint = nearest.map { "; did you mean \($0)?" } ?? "."
        let shown = Escaping.escaped(text, bytesMax: 100)
        reader.refuse("TZ must be a time zone such as UTC or Asia/Kolkata, not “\(shown)”\(hint)")
        return nil
    }

    private static func retry(_ reader: inout SettingsReader) -> RetryPolicy {
        let attempts = reader.integer(.retryMax, default: 0, in: 0...1_000_000)
        let range: ClosedRange<Duration> = .milliseconds(1)...(.seconds(3600))
        let initial = reader.duration(.retryInitial, default: .milliseconds(100), in: range)
        let longest = reader.duration(.retryMaxDelay, default: .seconds(10), in: range)
        if longest < initial {
            reader.refuse("RETRY_MAX_DELAY must not be shorter than RETRY_INITIAL.")
        }
        let time = reader.duration(
            .retryMaxTime, default: .zero, in: .zero...(.seconds(7 * 86_400)))
        return RetryPolicy(
            attemptsMax: attempts, initial: initial, maxDelay: max(initial, longest),
            timeMax: time > .zero ? time : nil)
    }

    private static func streamName(
        _ reader: inout SettingsReader, flavor: Flavor, address: String
    ) -> String {
        let name = reader.text(.streamName, default: "\(flavor.rawValue)://\(address)")
        let isAllowed =
            name.utf8.count <= 200
            && !name.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
        if !isAllowed {
            reader.refuse("STREAM_NAME must be at most 200 bytes without control characters.")
        }
        return name
    }

    /// A setting whose feature is missing must not look as if it worked.
    private static func refuseWhatIsNotThere(_ reader: inout SettingsReader) {
        for key in [SettingsKey.mask, .httpAddr] where reader.text(key) != nil {
            reader.refuse("\(key.rawValue) is not supported by this version; remove it.")
        }
    }

    private static func weakTLS(_ uri: MongoURI) -> [String] {
        let weak = ["tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"]
        let warnings = weak.filter(uri.optionNames.contains).map {
            "MONGO_URI has the option \($0): the identity of the MongoDB server is not checked."
        }
        guard !uri.isEncrypted, !uri.isLocal else { return warnings }
        return warnings + [
            "The connection to MongoDB is not encrypted, and not to this machine: people's rows go over the "
                + "network as they are. Add tls=true to MONGO_URI."
        ]
    }
}
