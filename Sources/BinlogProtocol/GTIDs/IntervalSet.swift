/// Transaction numbers of one source as sorted, disjoint, non-adjacent closed intervals.
struct IntervalSet: Hashable, Sendable {
    private(set) var intervals: [ClosedRange<Int64>] = []

    init() {}

    /// The ranges in any order, which may overlap; each within 1…2^63-2.
    ///
    /// One ``insert(_:)`` for each would move what is there again and again.
    init(joining ranges: [ClosedRange<Int64>]) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = intervals.last, range.lowerBound <= last.upperBound + 1 {
                intervals[intervals.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                intervals.append(range)
            }
        }
    }

    var isEmpty: Bool { intervals.isEmpty }

    /// How many numbers the set holds; saturates.
    var count: UInt64 {
        intervals.reduce(0) { total, interval in
            let size = UInt64(interval.upperBound - interval.lowerBound) + 1
            let (sum, overflow) = total.addingReportingOverflow(size)
            return overflow ? .max : sum
        }
    }

    /// The index of the first interval whose end is at or after `number`.
    private func firstIndex(endingAtOrAfter number: Int64) -> Int {
        var low = 0
        var high = intervals.count
        while low < high {
            let middle = (low + high) / 2
            if intervals[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func contains(_ number: Int64) -> Bool {
        let index = firstIndex(endingAtOrAfter: number)
        return index < intervals.count && intervals[index].lowerBound <= number
    }

    func contains(_ range: ClosedRange<Int64>) -> Bool {
        let index = firstIndex(endingAtOrAfter: range.lowerBound)
        return index < intervals.count && intervals[index].lowerBound <= range.lowerBound
            && intervals[index].upperBound >= range.upperBound
    }

    /// Adds a range within 1…2^63-2, joining it with its neighbours.
    mutating func insert(_ range: ClosedRange<Int64>) {
        precondition(range.lowerBound >= 1 && range.upperBound <= GTID.numberMax)
        if let last = intervals.last, range.lowerBound > last.upperBound {
            // The usual case: transactions come in order.
            if range.lowerBound == last.upperBound + 1 {
                intervals[intervals.count - 1] = last.lowerBound...range.upperBound
            } else {
                intervals.append(range)
            }
            return
        }
        let first = firstIndex(endingAtOrAfter: range.lowerBound - 1)
        var merged = range
        var end = first
        while end < intervals.count, intervals[end].lowerBound <= range.upperBound + 1 {
            merged =
                min(
                    merged.lowerBound, intervals[end].lowerBound)...max(
                    merged.upperBound, intervals[end].upperBound)
            end += 1
        }
        intervals.replaceSubrange(first..<end, with: [merged])
    }

    func isSubset(of other: IntervalSet) -> Bool {
        intervals.allSatisfy { other.contains($0) }
    }

    func subtracting(_ other: IntervalSet) -> IntervalSet {
        var result = IntervalSet()
        var otherIndex = 0
        for interval in intervals {
            var start = interval.lowerBound
            while otherIndex < other.intervals.count,
                other.intervals[otherIndex].upperBound < start
            {
                otherIndex += 1
            }
            var index = otherIndex
            while index < other.intervals.count,
                other.intervals[index].lowerBound <= interval.upperBound,
                start <= interval.upperBound
            {
                let hole = other.intervals[index]
                if hole.lowerBound > start {
                    result.intervals.append(start...(hole.lowerBound - 1))
                }
                start = max(start, hole.upperBound + 1)
                index += 1
            }
            if start <= interval.upperBound { result.intervals.append(start...interval.upperBound) }
        }
        return result
    }
}
