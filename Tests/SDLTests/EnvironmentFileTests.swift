import Foundation
import TestSupport
import Testing

@testable import sdl

@Suite struct EnvironmentFileTests {
    @Test func theLinesAreRead() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            ".env",
            """
            # a comment

            A=1
              B = two words \t
            export C=3
            D="quoted # not a comment"
            E='single'
            F="
            G=a=b=c
            H=\r
            I=ünïcode
            """)
        let file = try #require(try EnvironmentFile(path: path))
        #expect(
            file.values == [
                "A": "1", "B": "two words", "C": "3", "D": "quoted # not a comment", "E": "single",
                "F": "\"", "G": "a=b=c", "H": "", "I": "ünïcode",
            ])
    }

    @Test func aLineThatIsNoneIsNamedByItsNumberAndNotShown() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(".env", "A=1\nhunter2-canary\nA=2\n9-9=4\n=5\n")
        let failure = try #require(throws: CommandFailure.self) { try EnvironmentFile(path: path) }
        #expect(
            failure
                == CommandFailure(
                    .usage,
                    [
                        "\(path), line 2: this is not KEY=value.",
                        "\(path), line 3: A is set a second time.",
                        "\(path), line 4: this is not KEY=value.",
                        "\(path), line 5: this is not KEY=value.",
                    ]))
    }

    @Test func aMissingFileIsNoError() throws {
        let folder = try TemporaryFolder()
        #expect(try EnvironmentFile(path: folder.path(".env")) == nil)
        #expect(try EnvironmentFile(path: folder.path("none/.env")) == nil)
    }

    @Test func aMissingFileThatWasNamedIsAnError() {
        #expect(throws: CommandFailure(.usage, "/nonexistent/.env does not exist (--env-file).")) {
            try Settings.load(
                environmentFile: "/nonexistent/.env", environment: [:], connectingTo: [])
        }
    }

    @Test(arguments: [0o604, 0o640, 0o660, 0o644, 0o620, 0o601])
    func aFileThatOthersCanUseIsRefused(mode: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(".env", "MYSQL_PASS=canary", mode: mode)
        let digits = String(mode, radix: 8)
        #expect(
            throws: CommandFailure(
                .usage,
                "\(path) holds secrets and its mode \(digits) lets group or others use it; "
                    + "run: chmod 600 \(path)")
        ) { try EnvironmentFile(path: path) }
    }

    @Test func aLinkIsJudgedByTheFileItLeadsTo() throws {
        let folder = try TemporaryFolder()
        let open = try folder.write("open", "A=1", mode: 0o644)
        let link = folder.path(".env")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: open)
        #expect(throws: CommandFailure.self) { try EnvironmentFile(path: link) }
        try folder.setMode(0o400, of: open)
        #expect(try EnvironmentFile(path: link)?.values == ["A": "1"])
    }

    @Test func aFolderThatEverybodyCanWriteToIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(".env", "A=1")
        try folder.setMode(0o777)
        #expect(
            throws: CommandFailure(
                .usage,
                "\(path) lies in a directory that everybody can write to; move it, or run: "
                    + "chmod o-w \(folder.url.path)")
        ) { try EnvironmentFile(path: path) }
    }

    @Test func aFolderThatOthersShareIsNotToBeChanged() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(".env", "A=1")
        try folder.setMode(0o1777)
        #expect(
            throws: CommandFailure(
                .usage,
                "\(path) lies in a directory that everybody can write to; move it to a folder of "
                    + "your own.")
        ) { try EnvironmentFile(path: path) }
    }

    /// File owner, file mode, folder owner, folder mode, and a part of what user 1000 is told; empty when
    /// nothing is wrong.
    @Test(arguments: [
        (1000, 0o600, 1000, 0o755, ""), (0, 0o400, 0, 0o755, ""),
        (1001, 0o600, 1000, 0o755, "belongs to user 1001, not to you (1000)"),
        (1000, 0o640, 1000, 0o755, "run: chmod 600 /f/.env"),
        (1000, 0o600, 1000, 0o777, "or run: chmod o-w /f"),
        (1000, 0o600, 0, 0o777, "move it to a folder of your own."),
        (1000, 0o600, 1000, 0o1777, "move it to a folder of your own."),
    ])
    func theOwnersAndModesDecide(
        owner: UInt32, mode: UInt32, folderOwner: UInt32, folderMode: UInt32, part: String
    ) throws {
        var file = stat()
        file.st_uid = owner
        file.st_mode = S_IFREG | mode
        var folder = stat()
        folder.st_uid = folderOwner
        folder.st_mode = S_IFDIR | folderMode
        let problem = FilePrivacy(
            path: "/f/.env", file: file,
            folders: [FilePrivacy.Folder(path: "/f", status: folder)], user: 1000
        ).problem
        #expect((problem == nil) == part.isEmpty)
        #expect(part.isEmpty || problem?.contains(part) == true)
    }

    @Test func aCommandWithoutSecretsReadsTheFileAndWarns() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(".env", "TZ=Asia/Kolkata\nMYSQL_PASS_FILE=/x\n", mode: 0o644)
        let settings = try Settings.load(
            environmentFile: path, environment: [:], connectingTo: [])
        #expect(settings.timeZone.identifier == "Asia/Kolkata")
        #expect(
            settings.warnings == [
                "\(path) holds secrets and its mode 644 lets group or others use it; "
                    + "run: chmod 600 \(path)"
            ])
    }

    @Test func onlyAFileThatNobodyNamedMayLieInAClosedFolder() {
        #expect(EnvironmentFile.isMissing(ENOENT, mayBeClosed: false))
        #expect(EnvironmentFile.isMissing(EACCES, mayBeClosed: true))
        #expect(!EnvironmentFile.isMissing(EACCES, mayBeClosed: false))
        #expect(!EnvironmentFile.isMissing(ENOTDIR, mayBeClosed: true))
    }

    @Test func whatIsNoFileIsRefused() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: CommandFailure(.usage, "\(pipe) is not a regular file.")) {
            try EnvironmentFile(path: pipe)
        }
    }

    @Test func aFileOfBytesIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.path(".env")
        try Data([0x41, 0x3d, 0xff, 0xfe]).write(to: URL(fileURLWithPath: path))
        try folder.setMode(0o600, of: path)
        #expect(throws: CommandFailure(.usage, "\(path) is not a text file in UTF-8.")) {
            try EnvironmentFile(path: path)
        }
    }

    @Test func aHugeFileIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(".env", String(repeating: "#", count: 1_100_000))
        #expect(
            throws: CommandFailure(
                .usage, "\(path) cannot be read: it is larger than 1048576 bytes.")
        ) { try EnvironmentFile(path: path) }
    }
}
