import MongoSink
import Testing

struct SinkSettingsTests {
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (inout SinkSettings) -> Void
        init(_ name: String, _ apply: @escaping @Sendable (inout SinkSettings) -> Void) {
            testDescription = name
            self.apply = apply
        }
    }

    @Test func theDefaultsAreValid() throws {
        try SinkSettings(uri: "mongodb://h/", streamName: "s", owner: "o/1").validate()
    }

    @Test(arguments: [
        Change("MONGO_DB") { $0.database = "" }, Change("STREAM_NAME") { $0.streamName = "" },
        Change("MONGO_COLL") { $0.collection = "a\0b" },
        Change("differ") { $0.offsetsCollection = $0.collection },
        Change("BATCH_SIZE") { $0.batchSize = 0 },
        Change("BATCH_BYTES") { $0.batchBytes = 8 << 20 },
        Change("BATCH_BYTES") { $0.batchBytes = -1 },
        Change("MEMORY_LIMIT") { $0.memoryLimit = 100 },
        Change("RETRY_MAX") { $0.retryMax = -1 },
        Change("RETRY_INITIAL") { $0.retryInitial = .zero },
        Change("RETRY_MAX_DELAY") { $0.retryMaxDelay = .zero },
        Change("RETRY_MAX_TIME") { $0.retryMaxTime = .seconds(-1) },
        Change("FLUSH_INTERVAL") { $0.flushInterval = .zero },
        Change("STAGING_TTL") { $0.stagingTTL = .seconds(-1) },
        Change("lease") { $0.leaseDuration = .zero }, Change("owner") { $0.owner = "" },
    ])
    func aBadSettingIsNamed(_ change: Change) {
        var settings = SinkSettings(uri: "mongodb://h/", streamName: "s", owner: "o/1")
        change.apply(&settings)
        var failure: SinkError?
        do throws(SinkError) {
            try settings.validate()
        } catch {
            failure = error
        }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.contains(change.testDescription) == true)
    }
}

struct LeaseOwnerTests {
    @Test func aNameIsTakenApart() {
        #expect(LeaseOwner("host/12").host == "host")
        #expect(LeaseOwner("host/12").process == 12)
        #expect(LeaseOwner("a/b/12").host == "a/b")
        #expect(LeaseOwner("host").process == nil)
        #expect(LeaseOwner("host/x").process == nil)
    }

    @Test func onlyADeadProcessOfThisHostIsDead() {
        let here = LeaseOwner("here/1")
        #expect(!LeaseOwner("here/1").isDeadProcess(ofHostOf: here))
        #expect(LeaseOwner("here/2147483647").isDeadProcess(ofHostOf: here))
        #expect(!LeaseOwner("there/2147483647").isDeadProcess(ofHostOf: here))
        #expect(!LeaseOwner("here/0").isDeadProcess(ofHostOf: here))
        #expect(!LeaseOwner("here/-1").isDeadProcess(ofHostOf: here))
        #expect(!LeaseOwner("here").isDeadProcess(ofHostOf: here))
    }
}
