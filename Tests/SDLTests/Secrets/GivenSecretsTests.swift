import Foundation
import TestSupport
import Testing

/// The search for secrets in all that `sdl` prints finds them.
@Suite struct GivenSecretsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: [
        "p@ss:w/rd%", "x p%40ss%3Aw%2Frd%25 x", "p%40ss%3aw%2frd%25", "{\"a\":\"p@ss:w/rd%\"}",
    ])
    func aSecretInAnyFormIsFound(text: String) throws {
        let file = try folder.write("stderr", text)
        let uri = "mongodb://u:p%40ss%3Aw%2Frd%25@h/"
        for environment in [
            ["MYSQL_PASS": "p@ss:w/rd%"], ["MONGO_URI": uri],
            ["MYSQL_PASS_FILE": try folder.write("pass", "p@ss:w/rd%\n")],
            ["MONGO_URI_FILE": try folder.write("uri", uri)],
        ] {
            #expect(GivenSecrets(environment).foundCount(in: file) > 0)
        }
        _ = try folder.write(".env", "MYSQL_USER=u\nMYSQL_PASS=p@ss:w/rd%\n")
        #expect(GivenSecrets([:], in: folder.url).foundCount(in: file) > 0)
        #expect(GivenSecrets(["MYSQL_PASS": "another one"]).foundCount(in: file) == 0)
    }

    @Test func nothingIsSearchedForWithoutASecret() {
        #expect(GivenSecrets(["MYSQL_PASS": "x", "MONGO_URI": "mongodb://h@u/"]).isEmpty)
    }
}
