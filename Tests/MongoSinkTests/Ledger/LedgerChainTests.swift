import Testing

@testable import MongoSink

struct LedgerChainTests {
    /// Three entries that continue each other.
    private func entries() -> [[UInt8]] {
        var tip = LedgerTip()
        var documents: [[UInt8]] = []
        for number in 1...3 as ClosedRange<Int64> {
            let entry = LedgerEntry(
                stream: "s", sequence: number, kind: number == 1 ? .start : .batch,
                at: 1000 + number,
                previous: number == 1 ? "" : "u:1-\(number - 1)", next: "u:1-\(number)",
                transactions: number == 1 ? 0 : 1, events: number, times: number == 1 ? nil : 5...6,
                digest: SHA256.digest([UInt8(number)]), by: "h/1", partial: nil)
            let (document, chain) = entry.encoded(after: tip)
            documents.append(document)
            tip = LedgerTip(sequence: number, chain: chain)
        }
        return documents
    }

    private func walk(_ documents: [[UInt8]]) throws -> LedgerChain {
        var chain = LedgerChain()
        for document in documents { try chain.append(BSONDocument(document)) }
        return chain
    }

    @Test func aWholeLedgerIsCounted() throws {
        let chain = try walk(entries())
        #expect(chain.count == 3)
        #expect(chain.events == 6)
        #expect(chain.transactions == 2)
    }

    @Test func anyChangedByteShows() throws {
        let entries = entries()
        for index in entries.indices {
            for offset in entries[index].indices {
                var changed = entries
                changed[index][offset] ^= 1
                #expect(throws: (any Error).self) { try walk(changed) }
            }
        }
    }

    @Test func aMissingEntryShows() throws {
        var entries = entries()
        entries.remove(at: 1)
        #expect(throws: LedgerChain.Flaw.hole(expected: 2, found: 3)) { try walk(entries) }
        #expect(throws: LedgerChain.Flaw.hole(expected: 1, found: 3)) { try walk([entries[1]]) }
    }

    @Test(arguments: [.start, .batch, .operator] as [LedgerEntry.Kind])
    func anEntryThatBeginsElsewhereShows(_ kind: LedgerEntry.Kind) throws {
        var tip = LedgerTip()
        var documents: [[UInt8]] = []
        for (number, previous) in [(1, ""), (2, "u:1-9")] as [(Int64, String)] {
            let kind = number == 1 ? .start : kind
            let entry = LedgerEntry(
                stream: "s", sequence: number, kind: kind, at: 1, previous: previous,
                next: "u:1-5", transactions: 1, events: 0, times: nil, digest: [], by: "",
                partial: nil)
            let (document, chain) = entry.encoded(after: tip)
            documents.append(document)
            tip = LedgerTip(sequence: number, chain: chain)
        }
        #expect(throws: LedgerChain.Flaw.positionJump(sequence: 2)) { try walk(documents) }
    }

    @Test func theFirstEntryIsAStart() throws {
        let entry = LedgerEntry(
            stream: "s", sequence: 1, kind: .batch, at: 1, previous: "", next: "u:1",
            transactions: 1, events: 0, times: nil, digest: [], by: "", partial: nil)
        #expect(throws: LedgerChain.Flaw.noStart) {
            try walk([entry.encoded(after: LedgerTip()).document])
        }
    }

    @Test func whatWasThereBeforeIsNotCountedAgain() throws {
        var entries = entries()
        var tip = LedgerTip()
        for document in entries {
            let document = try BSONDocument(document)
            tip = LedgerTip(
                sequence: tip.sequence + 1, chain: try #require(try document.binary("chain")))
        }
        var entry = LedgerEntry(
            stream: "s", sequence: 4, kind: .batch, at: 1, previous: "u:1-3", next: "u:1-4",
            transactions: 1, events: 5, times: nil, digest: [], by: "", partial: nil)
        entry.existing = 2
        entries.append(entry.encoded(after: tip).document)
        #expect(try walk(entries).events == 9)
    }

    @Test func theDigestIsSHA256() {
        // FIPS 180-4: "abc", and nothing.
        #expect(
            SHA256.digest(Array("abc".utf8)[...])
                == hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(
            SHA256.digest([])
                == hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        #expect(
            SHA256.digest(Array("a".utf8)[...], Array("bc".utf8)[...])
                == SHA256.digest(Array("abc".utf8)[...]))
    }
}
