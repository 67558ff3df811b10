import Foundation

/// The targets by the name that `SDL_FUZZ_TARGET` and `make fuzz TARGET=…` give them.
private let targets: [String: @Sendable ([UInt8]) -> Void] = [
    "charsets": fuzzCharsets, "events": fuzzEvents, "gtids": fuzzGTIDs, "handshake": fuzzHandshake,
    "json": fuzzJSON, "lookup": fuzzLookup, "packets": fuzzPackets, "payloads": fuzzPayloads,
    "rows": fuzzRows, "statements": fuzzStatements, "values": fuzzValues,
]

private let target: @Sendable ([UInt8]) -> Void = {
    let name = ProcessInfo.processInfo.environment["SDL_FUZZ_TARGET"] ?? ""
    guard let target = targets[name] else {
        die("SDL_FUZZ_TARGET must be one of \(targets.keys.sorted().joined(separator: ", "))")
    }
    return target
}()

private func die(_ message: String) -> Never {
    FileHandle.standardError.write(Data("sdl-fuzz: \(message)\n".utf8))
    exit(2)
}

/// libFuzzer's own `main` calls this first: it may have been started for something else than fuzzing.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) -> CInt {
    let environment = ProcessInfo.processInfo.environment
    if environment["SDL_FUZZ_LIST"] != nil {
        print(targets.keys.sorted().joined(separator: "\n"))
        exit(0)
    }
    if let fixtures = environment["SDL_FUZZ_FIXTURES"], let seeds = environment["SDL_FUZZ_SEEDS"] {
        do {
            try SeedWriter(directory: seeds).write(
                fixtures: fixtures, targets: targets.keys.sorted())
        } catch {
            die("the seeds could not be made: \(error)")
        }
        exit(0)
    }
    _ = target
    return 0
}

/// libFuzzer calls this with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
