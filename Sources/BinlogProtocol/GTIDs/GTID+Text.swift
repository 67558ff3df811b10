extension GTID {
    /// Reads the text of one GTID; nil when it is none, or a set of several.
    package init?(parsing text: String) {
        let set: GTIDSet
        do {
            set = try GTIDSet(parsing: text)
        } catch {
            return nil
        }
        if let only = set.domainGTIDs.first {
            guard set.domains.count == 1 else { return nil }
            self = only
        } else {
            guard set.members.count == 1, let (source, numbers) = set.members.first,
                let range = numbers.intervals.first, numbers.count == 1
            else { return nil }
            self.init(source: source, number: range.lowerBound)
        }
    }
}
