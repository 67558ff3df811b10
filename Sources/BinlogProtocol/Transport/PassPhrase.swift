/// OpenSSL's question for a pass phrase is answered with "none": otherwise it asks on the terminal, and waits.
func refusePassPhrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isWriting: Int32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}
