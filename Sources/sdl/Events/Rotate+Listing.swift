internal import BinlogProtocol

extension Rotate {
    func list(to text: ListingText) {
        text.line("next file \(file), position \(position)")
    }
}
