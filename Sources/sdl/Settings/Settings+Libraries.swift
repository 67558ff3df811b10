internal import BinlogProtocol
internal import Foundation
package import MongoSink

extension Settings {
    /// The settings as the sink wants them.
    package func sinkSettings(standby: Bool) -> SinkSettings {
        let owner =
            "\(ProcessInfo.processInfo.hostName)/\(ProcessInfo.processInfo.processIdentifier)"
        var sink = SinkSettings(uri: mongo.uri.text, streamName: streamName, owner: owner)
        sink.database = mongo.database
        sink.collection = mongo.changes
        sink.offsetsCollection = mongo.offsets
        sink.stagingCollection = mongo.staging
        sink.batchSize = batchDocumentsMax
        sink.batchBytes = batchBytesMax
        sink.flushInterval = flushInterval
        // The other half is for the copies that are being made, staged and committed.
        sink.memoryLimit = memoryBytesMax / 2
        sink.retryMax = retry.attemptsMax
        sink.retryInitial = retry.initial
        sink.retryMaxDelay = retry.maxDelay
        sink.retryMaxTime = retry.timeMax ?? .zero
        sink.stagingTTL = stagingTTL
        sink.standby = standby
        sink.recorded = RecordedSettings([
            SettingsKey.includeRegex.rawValue: filter.include.source,
            SettingsKey.excludeRegex.rawValue: filter.exclude.source,
            SettingsKey.fullImages.rawValue: "\(fullImages)",
            SettingsKey.onUndecodable.rawValue: onUndecodable.rawValue,
            SettingsKey.timeZone.rawValue: timeZoneName,
        ])
        return sink
    }

    /// What the documents hold.
    package var documentOptions: DocumentOptions {
        DocumentOptions(timeZone: timeZone, fullImages: fullImages) { [filter] database, table in
            filter.includes(database: database, table: table)
        }
    }
}
