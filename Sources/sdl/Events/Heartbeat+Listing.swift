internal import BinlogProtocol

extension Heartbeat {
    func list(to text: ListingText) {
        text.line("file \(file)" + (position.map { ", position \($0)" } ?? ""))
    }
}
