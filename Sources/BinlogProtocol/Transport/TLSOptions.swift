/// How much TLS a connection needs, and with which certificates.
public struct TLSOptions: Sendable, Hashable {
    /// The modes of the `mysql` client, under the same names.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Never TLS.
        case disabled
        /// TLS when the server offers it (not over Unix sockets), else clear text.
        case preferred
        /// TLS, without looking at the certificate: safe from listeners, not from impostors.
        case required
        /// TLS, and the certificate must be signed by a trusted authority.
        case verifyCA = "verify-ca"
        /// As `verifyCA`, and the certificate must be for the host we connect to.
        case verifyIdentity = "verify-identity"

        /// Whether a server without the right certificate is refused.
        var checksCertificate: Bool { self == .verifyCA || self == .verifyIdentity }

        /// `preferred` on this machine, `required` across a network.
        public static func standard(for address: ServerAddress) -> Mode {
            address.isLocal ? .preferred : .required
        }
    }

    /// How much TLS.
    public var mode: Mode
    /// PEM file of trusted authorities; nil means those of the system.
    public var caFile: String?
    /// PEM file of our own certificate chain.
    public var certificateFile: String?
    /// PEM file of our own private key; nobody else may be able to read it.
    public var keyFile: String?

    /// Makes options; a certificate and its key must be given together.
    public init(
        mode: Mode, caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil
    ) {
        self.mode = mode
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}
