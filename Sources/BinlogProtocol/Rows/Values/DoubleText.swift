/// A double in the shortest digits that give it back, laid out as MySQL's `my_gcvt` does.
package enum DoubleText {
    private static let fixedExponentMax = 15

    package static func append(_ value: Double, to output: inout [UInt8]) {
        if value.sign == .minus { output.append(UInt8(ascii: "-")) }
        guard value != 0 else { return output.append(UInt8(ascii: "0")) }
        let (digits, point) = shortest(value.magnitude)
        if isFixed(digits: digits.count, point: point) {
            appendFixed(digits, point, to: &output)
        } else {
            appendExponential(digits, point, to: &output)
        }
    }

    /// The digits without zeros at either end, and where the point is, counted from the first digit.
    private static func shortest(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var isExponentNegative = false
        var inExponent = false
        for byte in value.description.utf8 {
            switch byte {
            case UInt8(ascii: "."): point = digits.count
            case UInt8(ascii: "e"): inExponent = true
            case UInt8(ascii: "-"): isExponentNegative = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if inExponent {
                    exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
                } else {
                    digits.append(byte)
                }
            default: break
            }
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        let end = (digits.lastIndex { $0 != UInt8(ascii: "0") } ?? -1) + 1
        let place = (point ?? digits.count) + (isExponentNegative ? -exponent : exponent)
        return (Array(digits[min(zeros, end)..<end]), place - zeros)
    }

    /// Whether the number is written without exponent: when it is not too far from 1.
    private static func isFixed(digits: Int, point: Int) -> Bool {
        point >= 1 - fixedExponentMax && (point <= fixedExponentMax || digits > point)
    }

    private static func appendFixed(_ digits: [UInt8], _ point: Int, to output: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        if point <= 0 {
            output.append(zero)
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: repeatElement(zero, count: -point))
            output.append(contentsOf: digits)
        } else if point < digits.count {
            output.append(contentsOf: digits[..<point])
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: digits[point...])
        } else {
            output.append(contentsOf: digits)
            output.append(contentsOf: repeatElement(zero, count: point - digits.count))
        }
    }

    private static func appendExponential(
        _ digits: [UInt8], _ point: Int, to output: inout [UInt8]
    ) {
        output.append(digits[0])
        if digits.count > 1 {
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: digits[1...])
        }
        output.append(UInt8(ascii: "e"))
        output.appendNumber(Int64(point - 1))
    }
}
