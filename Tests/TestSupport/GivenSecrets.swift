package import Foundation
internal import Testing

/// The passwords that one run of `sdl` was given, in each form in which they could be printed.
package struct GivenSecrets: Sendable {
    /// Shorter ones stand in ordinary words too.
    private static let bytesMin = 8

    private let needles: [Data]

    /// - Parameters:
    ///   - environment: that of the run.
    ///   - folder: where it runs, with perhaps a `.env` file.
    package init(_ environment: [String: String], in folder: URL? = nil) {
        var values = Self.fileOfSettings(in: folder)
        values.merge(environment) { $1 }
        var secrets: Set<String> = []
        for (key, file) in [
            ("MYSQL_PASS", "MYSQL_PASS_FILE"), ("MONGO_URI", "MONGO_URI_FILE"),
        ] {
            for text in [values[key], values[file].flatMap(Self.content)].compactMap({ $0 }) {
                secrets.formUnion(key == "MONGO_URI" ? Self.passwords(of: text) : [text])
            }
        }
        needles = Set(secrets.flatMap(Self.forms))
            .filter { $0.utf8.count >= Self.bytesMin }.map { Data($0.utf8) }
    }

    /// Whether there is anything to search for.
    package var isEmpty: Bool { needles.isEmpty }

    /// A file that holds a secret is the test's failure.
    package func expectNone(in path: String) {
        // Not the secret itself: this text goes to a log as well.
        #expect(foundCount(in: path) == 0, "secrets stand in \(path)")
    }

    /// How many forms of secrets stand in a file; none in one that is not there.
    package func foundCount(in path: String) -> Int {
        if needles.isEmpty { return 0 }
        guard let bytes = FileManager.default.contents(atPath: path) else { return 0 }
        return needles.count { bytes.range(of: $0) != nil }
    }

    private static func fileOfSettings(in folder: URL?) -> [String: String] {
        guard let path = folder?.appendingPathComponent(".env").path, let text = content(path)
        else { return [:] }
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        return values
    }

    private static func content(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .newlines)
        }
    }

    private static func passwords(of uri: String) -> [String] {
        guard let scheme = uri.range(of: "://"), let at = uri.lastIndex(of: "@"),
            at > scheme.upperBound
        else { return [] }
        let user = uri[scheme.upperBound..<at]
        guard let colon = user.firstIndex(of: ":") else { return [] }
        return [String(user[user.index(after: colon)...])]
    }

    /// As it is, percent-encoded with digits of either case, and decoded.
    private static func forms(_ secret: String) -> [String] {
        let plain = secret.removingPercentEncoding ?? secret
        let allowed = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        let encoded = plain.addingPercentEncoding(withAllowedCharacters: allowed) ?? plain
        return [secret, plain, encoded, encoded.replacing(/%[0-9A-F]{2}/) { $0.0.lowercased() }]
    }
}
