import Testing

@testable import sdl

@Suite struct UnitTextTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("0", .zero), ("1ms", .milliseconds(1)),
        ("100ms", .milliseconds(100)),
        ("1s", .seconds(1)), ("90s", .seconds(90)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
        ("7d", .seconds(604_800)),
    ])
    func durations(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.parse(DurationText.format(duration)) == duration)
    }

    @Test(arguments: [
        "", "1", "s", "1 s", "-1s", "+1s", "1.5s", "1S", "1sec", "1s ", "٣s",
        "99999999999999999999d",
        "9223372036854775807d", "100000000d",
    ])
    func whatIsNoDuration(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        ("0", 0), ("1", 1), ("12B", 12), ("1KiB", 1024), ("4MiB", 4_194_304),
        ("4 MiB", 4_194_304), ("256MiB", 268_435_456), ("2GiB", 2_147_483_648), ("1KB", 1000),
        ("1kB", 1000), ("3MB", 3_000_000), ("1GB", 1_000_000_000),
    ])
    func sizes(text: String, bytes: Int) {
        #expect(ByteSize.parse(text) == bytes)
        #expect(ByteSize.parse(ByteSize.format(bytes)) == bytes)
    }

    @Test(arguments: [
        "", "MiB", "-1", "+1", "1.5MiB", "4mib", "1TiB", "4MiBs", "99999999999999999999",
        "9223372036854775807KiB", "٣",
    ])
    func whatIsNoSize(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }
}
