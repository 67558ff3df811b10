import TestSupport
import Testing

@Suite struct ServicesTests {
    @Test("what scripts/services quotes for a shell is read back")
    func quoted() {
        let values = Services.parse(
            #"""
            ADDR=127.0.0.1:21049
            SOCKET='/a b/it'\''s/mysqld.sock'
            URI=mongodb://127.0.0.1:1/?replicaSet=rs0
            PID=

            """#)
        #expect(
            values == [
                "ADDR": "127.0.0.1:21049", "SOCKET": "/a b/it's/mysqld.sock",
                "URI": "mongodb://127.0.0.1:1/?replicaSet=rs0", "PID": "",
            ])
    }
}
