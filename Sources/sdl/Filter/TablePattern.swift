/// A regular expression for table names, matched against the whole of a text.
///
/// The match walks all alternatives at once, so its time is at most the length of the text times
/// the size of the pattern. Engines that try one alternative after the other can be kept busy for
/// hours by a pattern such as `(a+)+`, and then the whole audit trail stands still. For the same
/// reason there are no back references and no look-around.
package struct TablePattern: Sendable {
    /// The pattern as it was written.
    package let source: String
    private let program: [Instruction]

    private static let instructionsMax = 20_000

    private enum Instruction: Sendable {
        case scalar(ScalarSet)
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        case match
    }

    /// Compiles `source`, or throws naming the character where it does not follow the syntax.
    package init(_ source: String) throws(PatternError) {
        self.source = source
        var program: [Instruction] = []
        try Self.emit(try PatternParser.parse(source), into: &program)
        program.append(.match)
        self.program = program
    }

    private static func emit(
        _ node: PatternNode, into program: inout [Instruction]
    ) throws(PatternError) {
        guard program.count < instructionsMax else {
            throw PatternError(reason: "the repetitions make the pattern too large", character: 1)
        }
        switch node {
        case .empty: break
        case .scalar(let set): program.append(.scalar(set))
        case .start: program.append(.start)
        case .end: program.append(.end)
        case .sequence(let nodes):
            for node in nodes { try emit(node, into: &program) }
        case .choice(let nodes): try emitChoice(nodes, into: &program)
        case .repeated(let node, let least, let most):
            for _ in 0..<least {
                let before = program.count
                try emit(node, into: &program)
                if program.count == before { break }
            }
            if let most {
                for _ in least..<most { try emitOptional(node, into: &program) }
            } else {
                let start = program.count
                try emitOptional(node, thenJumpTo: start, into: &program)
            }
        }
    }

    private static func emitChoice(
        _ nodes: [PatternNode], into program: inout [Instruction]
    ) throws(PatternError) {
        var jumps: [Int] = []
        for (index, node) in nodes.enumerated() {
            let isLast = index == nodes.count - 1
            let split = program.count
            if !isLast { program.append(.split(split + 1, 0)) }
            try emit(node, into: &program)
            if !isLast {
                jumps.append(program.count)
                program.append(.jump(0))
                program[split] = .split(split + 1, program.count)
            }
        }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private static func emitOptional(
        _ node: PatternNode, thenJumpTo target: Int? = nil, into program: inout [Instruction]
    ) throws(PatternError) {
        let split = program.count
        program.append(.split(split + 1, 0))
        try emit(node, into: &program)
        if let target { program.append(.jump(target)) }
        program[split] = .split(split + 1, program.count)
    }

    /// Whether the pattern matches all of `text`.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var visited = [Int](repeating: -1, count: program.count)
        var states = follow([0], at: 0, of: scalars.count, visited: &visited)
        for (position, scalar) in scalars.enumerated() {
            var advanced: [Int] = []
            for state in states {
                if case .scalar(let set) = program[state], set.contains(scalar) {
                    advanced.append(state + 1)
                }
            }
            if advanced.isEmpty { return false }
            states = follow(advanced, at: position + 1, of: scalars.count, visited: &visited)
        }
        return states.contains { if case .match = program[$0] { true } else { false } }
    }

    /// The states reached from `entries` without consuming a character.
    private func follow(
        _ entries: [Int], at position: Int, of count: Int, visited: inout [Int]
    ) -> [Int] {
        var pending = entries
        var reached: [Int] = []
        while let state = pending.popLast() {
            guard visited[state] != position else { continue }
            visited[state] = position
            switch program[state] {
            case .split(let first, let second):
                pending.append(first)
                pending.append(second)
            case .jump(let target): pending.append(target)
            case .start: if position == 0 { pending.append(state + 1) }
            case .end: if position == count { pending.append(state + 1) }
            case .scalar, .match: reached.append(state)
            }
        }
        return reached
    }
}
