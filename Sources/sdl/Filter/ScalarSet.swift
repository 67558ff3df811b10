/// A set of Unicode scalars, as one position of a pattern accepts them.
package struct ScalarSet: Sendable, Equatable {
    package var ranges: [ClosedRange<UInt32>]
    package var isNegated = false
    package var ignoresCase = false

    package init(_ ranges: [ClosedRange<UInt32>], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
    }

    package init(_ scalar: Unicode.Scalar) {
        self.init([scalar.value...scalar.value])
    }

    /// Every scalar, as `.` has it.
    ///
    /// The line feed too: MySQL allows it in names, and no table may hide behind it.
    package static let any = ScalarSet([0...0x10ffff])
    package static let digits = ScalarSet([0x30...0x39])
    package static let word = ScalarSet([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    package static let space = ScalarSet([9...13, 32...32])

    package var inverted: ScalarSet {
        var set = self
        set.isNegated.toggle()
        return set
    }

    /// The ranges that the set accepts, a negation resolved.
    package var resolvedRanges: [ClosedRange<UInt32>] {
        guard isNegated else { return ranges }
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10ffff { gaps.append(next...0x10ffff) }
        return gaps
    }

    package func contains(_ scalar: Unicode.Scalar) -> Bool {
        // The negation comes last: [^a] that ignores case refuses both a and A.
        let isHeld =
            holds(scalar.value)
            || (ignoresCase && Self.otherCases(of: scalar).contains(where: holds))
        return isHeld != isNegated
    }

    private func holds(_ value: UInt32) -> Bool {
        ranges.contains { $0.contains(value) }
    }

    private static func otherCases(of scalar: Unicode.Scalar) -> [UInt32] {
        [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap {
            let scalars = $0.unicodeScalars
            return scalars.count == 1 ? scalars.first?.value : nil
        }
    }
}
