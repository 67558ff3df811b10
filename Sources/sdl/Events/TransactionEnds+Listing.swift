internal import BinlogProtocol

extension XIDEvent {
    func list(to text: ListingText) {
        text.line("xid \(number)")
    }
}

extension XAPrepareEvent {
    func list(to text: ListingText) {
        text.line("xa \(id)\(isOnePhase ? ", committed in one phase" : ", prepared")")
    }
}
