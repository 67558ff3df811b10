import Foundation
import TestSupport
import Testing

@testable import sdl

/// Where a first run begins, and that it does so once.
@Suite struct FirstStartTests {
    @Test(
        "[T14] killed before its first commit, a run that began at the current position goes on from there"
    )
    func killedBeforeItsFirstCommit() throws {
        let trail = try OwnTrail()
        let table = try SourceTable(trail)
        try table.insert(2)
        let first = try trail.start(["run"], table.onlyThis)
        try first.waitFor("Starting from current position")
        first.signal(SIGKILL)
        #expect(try first.wait() == -SIGKILL)
        try table.insert(3)
        let second = try trail.run(["run", "--until", "current"], table.onlyThis)
        let complaints = try second.complaints
        #expect(second.exitCode == 0, "\(complaints)")
        #expect(complaints.contains("Starting from GTID"))
        #expect(try trail.insertCount() == 3)
    }
}
