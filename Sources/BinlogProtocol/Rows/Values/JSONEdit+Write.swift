extension JSONEdit {
    /// Appends the document in binary form; every container that was taken apart is written as a large one.
    ///
    /// - Returns: its place in `output`.
    func write(to output: inout [UInt8]) throws(DecodingError) -> CellRange {
        let start = output.count
        switch root.place {
        case .event(let cell):
            output.append(root.type)
            output.append(contentsOf: bytes[cell.range])
        case .container(let index):
            output.append(Self.type(containers[index]))
            try write(index, depth: 1, to: &output)
        }
        try checkSize(output)
        return CellRange(start: start, count: output.count - start)
    }

    private static func type(_ container: Container) -> UInt8 { container.isObject ? 0x01 : 0x03 }

    /// What a ``CellRange`` can tell, with room for the next value.
    private func checkSize(_ output: [UInt8]) throws(DecodingError) {
        guard output.count < Int(Int32.max) else {
            throw DecodingError(.unsupported("a row whose JSON documents pass 2 GiB"), at: 0)
        }
    }

    private func write(
        _ index: Int, depth: Int, to output: inout [UInt8]
    ) throws(DecodingError) {
        guard depth <= Limits.jsonDepthMax else {
            throw DecodingError(.invalid("depth of a JSON document"), at: 0)
        }
        let container = containers[index]
        let members = container.members
        let base = output.count
        let keyEntries = base + 8
        let valueEntries = keyEntries + (container.isObject ? members.count * 6 : 0)
        output.append(
            contentsOf: repeatElement(0, count: valueEntries + members.count * 5 - base))
        output.patch(UInt32(truncatingIfNeeded: members.count), at: base)
        if container.isObject {
            for (number, member) in members.enumerated() {
                let name = nameBytes(member)
                guard let length = UInt16(exactly: name.count) else {
                    throw DecodingError(.invalid("length of a JSON member's name"), at: 0)
                }
                let entry = keyEntries + number * 6
                output.patch(UInt32(truncatingIfNeeded: output.count - base), at: entry)
                output.patch(length, at: entry + 4)
                output.append(contentsOf: name)
            }
        }
        for (number, member) in members.enumerated() {
            let entry = valueEntries + number * 5
            switch member.value.place {
            case .container(let inner):
                output[entry] = Self.type(containers[inner])
                output.patch(UInt32(truncatingIfNeeded: output.count - base), at: entry + 1)
                try write(inner, depth: depth + 1, to: &output)
            case .event(let cell):
                output[entry] = member.value.type
                if let count = JSONBinary.scalarBytes(member.value.type), count <= 4 {
                    for offset in 0..<count {
                        output[entry + 1 + offset] = bytes[cell.start + offset]
                    }
                } else {
                    output.patch(UInt32(truncatingIfNeeded: output.count - base), at: entry + 1)
                    output.append(contentsOf: bytes[cell.range])
                }
            }
            try checkSize(output)
        }
        output.patch(UInt32(truncatingIfNeeded: output.count - base), at: base + 4)
    }
}

extension [UInt8] {
    fileprivate mutating func patch(_ value: some FixedWidthInteger, at offset: Int) {
        for index in 0..<(value.bitWidth / 8) {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }
}
