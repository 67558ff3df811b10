internal import COpenSSL

/// Reads OpenSSL's error queue, which belongs to the calling thread.
enum OpenSSLError {
    /// The reasons queued, oldest first, in one line; the queue is empty afterwards.
    static func drain() -> String {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { break }
            if let reason = ERR_reason_error_string(code) {
                reasons.append(String(cString: reason))
            } else {
                reasons.append("error \(code)")
            }
        }
        return reasons.isEmpty ? "no reason given" : reasons.joined(separator: "; ")
    }
}
