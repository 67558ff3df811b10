import TestSupport
import Testing

@testable import sdl

@Suite struct UnknownKeyTests {
    @Test func aMisspelledKeyIsAWarningWithTheNearestName() throws {
        let source = SettingsSource(environment: [
            "MYSQL_PASWORD_FILE": "x", "MONGO_URL": "x", "SDL_COLOUR": "x", "PATH": "/bin",
            "MYSQL_HOST_ADDRESS_OF_ALL": "x",
        ])
        #expect(
            source.unknownKeys == [
                "MONGO_URL in the environment is not a setting of sdl; did you mean MONGO_URI?",
                "MYSQL_HOST_ADDRESS_OF_ALL in the environment is not a setting of sdl.",
                "MYSQL_PASWORD_FILE in the environment is not a setting of sdl; did you mean "
                    + "MYSQL_PASS_FILE?",
                "SDL_COLOUR in the environment is not a setting of sdl.",
            ])
    }

    @Test func theKeysOfTheTestsAreNotMisspelled() {
        let source = SettingsSource(environment: [
            "SDL_TEST_MYSQL_ADDR": "x", "SDL_SERVICES_NAME": "x", "MYSQL_ADDR": "x",
        ])
        #expect(source.unknownKeys.isEmpty)
    }

    @Test func inTheFileAnyKeyThatIsNearlyOneOfOursIsAWarning() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(".env", "BATCHSIZE=10\nCOMPOSE_PROJECT_NAME=shop\n")
        let source = SettingsSource(environment: [:], file: try EnvironmentFile(path: path))
        #expect(
            source.unknownKeys == [
                "BATCHSIZE in \(path) is not a setting of sdl; did you mean BATCH_SIZE?"
            ])
    }

    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ac", 1), ("", "abc", 3),
        ("kitten", "sitting", 3),
    ])
    func theDistanceCountsSingleEdits(left: String, right: String, distance: Int) {
        #expect(NearestName.distance(left, right) == distance)
        #expect(NearestName.distance(right, left) == distance)
    }
}
