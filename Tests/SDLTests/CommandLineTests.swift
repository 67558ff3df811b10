import Foundation
import TestSupport
import Testing

@testable import sdl

@Suite struct CommandLineTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func theVersion() throws {
        let run = try SDLCommand.run(["--version"], in: folder.url)
        #expect(run.exitCode == 0)
        #expect(try run.output == "sdl \(Version.text)\n")
        #expect(try run.complaints.isEmpty)
    }

    @Test func theHelpNamesEveryCommand() throws {
        let run = try SDLCommand.run(["--help"], in: folder.url)
        #expect(run.exitCode == 0)
        for command in ["run", "tail", "decode", "init"] {
            #expect(try run.output.contains("\n  \(command) "))
        }
    }

    @Test(arguments: ["run", "tail", "decode", "init"])
    func theHelpOfACommandHasAnExampleAndNoPasswordOption(command: String) throws {
        let run = try SDLCommand.run([command, "--help"], in: folder.url)
        #expect(run.exitCode == 0)
        #expect(try run.output.contains("EXAMPLE"))
        #expect(try run.output.contains("--env-file"))
        // An argument is visible to every user of the machine, so none takes a secret.
        #expect(try !run.output.contains("--pass"))
        #expect(try !run.output.contains("--mongo"))
    }

    @Test(arguments: [
        ["--nonsense"], ["nonsense"], ["run", "--mysql-pass", "x"], ["run", "--start"], ["decode"],
        ["decode", "-", "-"], ["decode", "x", "--format", "xml"], ["run", "--until", "someday"],
        ["tail", "--until", "earliest"], ["run", "--until", ""], ["tail", "--until", " "],
        ["run", "--start", ""], ["tail", "--start", ""], ["run", "--start", "someday"],
        ["init", "--env-file", "/nonexistent/.env"], ["run"],
    ])
    func badUsageEndsWithTwo(arguments: [String]) throws {
        let run = try SDLCommand.run(arguments, in: folder.url)
        #expect(run.exitCode == 2)
        #expect(try run.output.isEmpty)
        #expect(try !run.complaints.isEmpty)
    }

    @Test func aBadFlagIsOneSentence() throws {
        let run = try SDLCommand.run(["run", "--until", "someday\u{1b}"], in: folder.url)
        #expect(
            try run.complaints
                == "sdl: --until must be current or a GTID set, not “someday\\x1b”.\n")
    }

    @Test func badSettingsAreOneSentenceEach() throws {
        let run = try SDLCommand.run(
            ["run"], environment: ["BATCH_SIZE": "many", "TZ": "Mars/Olympus"], in: folder.url)
        #expect(run.exitCode == 2)
        #expect(
            try run.complaints.split(separator: "\n").sorted() == [
                "sdl: BATCH_SIZE must be a whole number from 1 to 100000, not “many”.",
                "sdl: MYSQL_USER is not set: name the MySQL account that follows the log.",
                "sdl: TZ must be a time zone such as UTC or Asia/Kolkata, not “Mars/Olympus”.",
            ])
    }

    @Test func theFileInTheCurrentFolderIsReadAndMustBePrivate() throws {
        _ = try folder.write(".env", "MYSQL_PASS=canary-in-file\nBATCH_SIZE=many\n", mode: 0o644)
        let open = try SDLCommand.run(["run"], in: folder.url)
        #expect(open.exitCode == 2)
        #expect(
            try open.complaints
                == "sdl: ./.env holds secrets and its mode 644 lets group or others use it; "
                + "run: chmod 600 ./.env\n")
        try folder.setMode(0o600, of: folder.path(".env"))
        let shut = try SDLCommand.run(["run"], in: folder.url)
        #expect(shut.exitCode == 2)
        #expect(try shut.complaints.contains("sdl: BATCH_SIZE must be a whole number"))
    }

    @Test func noSecretIsPrintedWhateverIsWrong() throws {
        let canary = "k9-canary@/:%"
        let encoded = "k9-canary%40%2F%3A%25"
        let base = [
            "MYSQL_USER": "repl", "MYSQL_PASS": canary, "MYSQL_ADDR": "127.0.0.1:1",
            "MONGO_URI": "mongodb://u:\(encoded)@127.0.0.1:1/?serverSelectionTimeoutMS=100",
            "RETRY_MAX": "1", "RETRY_INITIAL": "1ms", "LOG_LEVEL": "trace",
        ]
        let spoilt: [[String: String]] = [
            [:], ["MYSQL_ADDR": "x:y:z"], ["MONGO_URI": "u:\(encoded)@h"], ["BATCH_SIZE": "x"],
            ["MONGO_URI": "mongodb://u:\(canary)@h/?w=bad&x"], ["MYSQL_PASS_FILE": "/x"],
            ["MYSQL_PASS": "", "MYSQL_PASS_FILE": canary],
            ["MONGO_URI": "", "MONGO_URI_FILE": "mongodb://u:\(encoded)@h/"],
            ["MONGO_URI": "mongodb://u:\(encoded)@127.0.0.1:1/?authMechanism=NONSENSE"],
        ]
        for changes in spoilt {
            let environment = base.merging(changes) { $1 }
            for command in ["run", "tail", "init"] {
                let run = try SDLCommand.run([command], environment: environment, in: folder.url)
                #expect(run.exitCode != 0, "\(command) \(changes.keys)")
                for text in [try run.output, try run.complaints] {
                    #expect(!text.contains("k9-canary"), "\(command) \(changes.keys)")
                }
            }
        }
    }

    @Test func aMisspelledKeyIsNamedBesideWhatIsMissing() throws {
        _ = try folder.write(".env", "MYSQL_USR=audit\n")
        let run = try SDLCommand.run(["run"], in: folder.url)
        #expect(run.exitCode == 2)
        #expect(
            try run.complaints == """
                sdl: MYSQL_USER is not set: name the MySQL account that follows the log.
                sdl: MYSQL_USR in ./.env is not a setting of sdl; did you mean MYSQL_USER?

                """)
    }

    @Test func anUnknownKeyIsAWarning() throws {
        let run = try SDLCommand.run(
            ["decode", "/nonexistent"], environment: ["MYSQL_ADRR": "x"], in: folder.url)
        #expect(
            try run.complaints.contains(
                "MYSQL_ADRR in the environment is not a setting of sdl; did you mean MYSQL_ADDR?"))
    }
}
