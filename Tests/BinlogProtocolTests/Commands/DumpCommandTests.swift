import BinlogProtocol
import TestSupport
import Testing

@Suite("Commands that ask for the log")
struct DumpCommandTests {
    @Test("MX15: COM_BINLOG_DUMP_GTID has no file name and position 4")
    func dump() throws {
        let executed = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5")
        let command = BinlogDumpGTID(
            serverID: 0x0102_0304, executed: executed, isNonBlocking: false
        ).encoded()
        let set = executed.encoded()
        #expect(
            command == [0x1e, 0, 0, 4, 3, 2, 1, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]
                + [UInt8(set.count), 0, 0, 0] + set)
        let empty = BinlogDumpGTID(serverID: 1, executed: GTIDSet(), isNonBlocking: true).encoded()
        #expect(
            empty == [0x1e, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0]
                + [UInt8](repeating: 0, count: 8))
    }

    @Test("COM_BINLOG_DUMP has no file name and position 4, and asks for annotations")
    func mariaDBDump() {
        let waiting = BinlogDump(serverID: 0x0102_0304, isNonBlocking: false).encoded()
        #expect(waiting == [0x12, 4, 0, 0, 0, 2, 0, 4, 3, 2, 1])
        let ending = BinlogDump(serverID: 1, isNonBlocking: true).encoded()
        #expect(ending == [0x12, 4, 0, 0, 0, 3, 0, 1, 0, 0, 0])
    }

    @Test("COM_REGISTER_SLAVE tells our id and host and nothing secret")
    func register() {
        let command = RegisterReplica(serverID: 7, host: "audit").encoded()
        #expect(
            command == [0x15, 7, 0, 0, 0, 5] + Array("audit".utf8)
                + [UInt8](repeating: 0, count: 12))
        let long = RegisterReplica(serverID: 7, host: String(repeating: "h", count: 300)).encoded()
        #expect(long.count == 78)
        #expect(long[5] == 60)
    }
}
