import Foundation
import TestSupport
import Testing

@testable import sdl

/// Files that hold one secret: the owner, the mode and the place of each are looked at.
@Suite struct PrivateFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func problem(_ environment: [String: String]) throws -> String? {
        let given = ["MYSQL_USER": "u"].merging(environment) { $1 }
        do {
            _ = try Settings(
                from: SettingsSource(environment: given), connectingTo: [.mysql, .mongo])
            return nil
        } catch {
            return error.sentences.joined(separator: "\n")
        }
    }

    @Test(
        "S2: a file that others can use ends the program with the chmod that helps",
        arguments: ["MYSQL_PASS_FILE", "MONGO_URI_FILE"], [0o644, 0o604, 0o666, 0o622])
    func modes(key: String, mode: Int) throws {
        let text = key == "MONGO_URI_FILE" ? "mongodb://u:sEcret-canary@h/" : "sEcret-canary"
        let path = try folder.write("secret", text, mode: mode)
        let digits = String(mode, radix: 8)
        #expect(
            try problem([key: path]) == "\(key): \(path) holds secrets and its mode \(digits) lets "
                + "group or others use it; run: chmod 600 \(path)")
        let run = try SDLCommand.run(
            ["run"], environment: ["MYSQL_USER": "u", key: path], in: folder.url)
        #expect(run.exitCode == 2)
        #expect(try run.complaints.contains("run: chmod 600 \(path)"))
        try folder.setMode(0o400, of: path)
        #expect(try problem([key: path]) == nil)
    }

    @Test("a link is judged by the file and the folder that it leads to")
    func links() throws {
        let place = folder.path("place")
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: false)
        let path = try folder.write("place/secret", "x", mode: 0o600)
        let link = folder.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(try problem(["MYSQL_PASS_FILE": link]) == nil)
        try folder.setMode(0o777, of: place)
        #expect(
            try problem(["MYSQL_PASS_FILE": link])?.contains("run: chmod o-w \(place)") == true)
        // There nobody can put another file in the place of this one.
        try folder.setMode(0o1777, of: place)
        #expect(try problem(["MYSQL_PASS_FILE": link]) == nil)
        try folder.setMode(0o640, of: path)
        let isRoot = geteuid() == 0
        #expect(try (problem(["MYSQL_PASS_FILE": link]) == nil) == isRoot)
        try folder.setMode(0o644, of: path)
        #expect(try problem(["MYSQL_PASS_FILE": link])?.contains("chmod 600 \(link)") == true)
    }

    /// File owner, mode, folder owner, folder mode, and a part of what user 1000 is told; empty when nothing is wrong.
    @Test(
        "what containers and systemd put there for us is fine",
        arguments: [
            (1000, 0o400, 0, 0o755, ""), (0, 0o440, 0, 0o1777, ""), (0, 0o640, 0, 0o755, ""),
            (1000, 0o440, 0, 0o755, "chmod 600"), (0, 0o444, 0, 0o755, "chmod 600"),
            (0, 0o660, 0, 0o755, "chmod 600"), (1001, 0o400, 0, 0o755, "belongs to user 1001"),
            (1000, 0o400, 1000, 0o777, "chmod o-w /f"), (0, 0o400, 0, 0o777, "move it"),
        ])
    func provisioned(
        owner: UInt32, mode: UInt32, folderOwner: UInt32, folderMode: UInt32, part: String
    ) {
        var file = stat()
        file.st_uid = owner
        file.st_mode = S_IFREG | mode
        var folder = stat()
        folder.st_uid = folderOwner
        folder.st_mode = S_IFDIR | folderMode
        let problem = FilePrivacy(
            path: "/f/secret", file: file,
            folders: [FilePrivacy.Folder(path: "/f", status: folder)], user: 1000,
            isProvisioned: true
        ).problem
        #expect((problem == nil) == part.isEmpty)
        #expect(part.isEmpty || problem?.contains(part) == true)
    }

    @Test("the file with our key that a connection string names")
    func keyOfTheDriver() throws {
        let path = try folder.write("my key.pem", "x", mode: 0o644)
        let encoded = path.replacing(" ", with: "%20")
        let uri = "mongodb://127.0.0.1/?tls=true&tlsCertificateKeyFile=\(encoded)"
        #expect(
            try problem(["MONGO_URI": uri])
                == "tlsCertificateKeyFile of MONGO_URI: \(path) holds secrets and its mode 644 lets "
                + "group or others use it; run: chmod 600 \(path)")
        try folder.setMode(0o600, of: path)
        #expect(try problem(["MONGO_URI": uri]) == nil)
        #expect(
            try problem(["MONGO_URI": "mongodb://h/?tlsCertificateKeyFile=/nonexistent"])
                == "tlsCertificateKeyFile of MONGO_URI: /nonexistent cannot be read: No such file or directory."
        )
        // A command that does not connect looks at no file.
        _ = try Settings(
            from: SettingsSource(environment: ["MONGO_URI": "mongodb://h/?tlsCertificateKeyFile=/x"]
            ),
            connectingTo: [])
    }

    @Test("what is no file, and what is too large for a secret")
    func others() throws {
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(
            try problem(["MYSQL_PASS_FILE": pipe])
                == "MYSQL_PASS_FILE: \(pipe) is not a regular file.")
        let large = try folder.write("large", String(repeating: "x", count: 65_537))
        #expect(
            try problem(["MYSQL_PASS_FILE": large])
                == "MYSQL_PASS_FILE: \(large) cannot be read: it is larger than 65536 bytes.")
    }

    @Test(
        "S15: a line to MongoDB in clear text across a network is a warning",
        arguments: [
            ("mongodb://db1/?replicaSet=rs0", true), ("mongodb://127.0.0.1,db1:27017/", true),
            ("mongodb://db1/?tls=false", true), ("mongodb://db1/?tls=true", false),
            ("mongodb://db1/?ssl=true", false), ("mongodb+srv://db1/", false),
            ("mongodb://localhost,127.0.0.1:27018,[::1]:27017/", false),
            ("mongodb://u@%2Ftmp%2Fmongodb.sock/", false), ("mongodb://[2001:db8::1]/", true),
        ])
    func clearText(uri: String, isWarned: Bool) throws {
        let settings = try Settings(
            from: SettingsSource(environment: ["MONGO_URI": uri]), connectingTo: [.mongo])
        #expect(settings.warnings.contains { $0.contains("Add tls=true") } == isWarned)
    }
}
