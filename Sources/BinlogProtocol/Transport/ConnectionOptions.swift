/// The two families of servers, which differ in their GTIDs and in how a log is asked for.
public enum Flavor: String, Sendable, Hashable, CaseIterable {
    /// MySQL, Percona Server, and the managed services made of them.
    case mysql
    /// MariaDB.
    case mariadb
}

/// Everything needed to connect to a server and to follow its log.
public struct ConnectionOptions: Sendable, Hashable {
    /// Where the server listens.
    public var address: ServerAddress
    /// The account's name.
    public var user: String
    /// The account's password; may be empty.
    public var password: Secret
    /// TLS mode and certificates.
    public var tls: TLSOptions
    /// PEM file with the server's public RSA key, for `caching_sha2_password` and `sha256_password` without TLS.
    public var serverPublicKeyFile: String?
    /// Ask the server for that key instead; whoever sits in between can then read the password.
    public var allowPublicKeyRetrieval: Bool
    /// How the bytes between us and the server are compressed; a server that cannot is an error.
    public var compression: Compression
    /// Our replica id, 1 to 2^32-1, different from that of every server in the topology.
    public var serverID: UInt32
    /// The family the server must belong to.
    public var flavor: Flavor
    /// Longest time for name lookup, connecting, TLS and authentication together.
    public var connectTimeout: Duration
    /// How often an idle server must send a sign of life, 1 ms to 4,294,967 s.
    ///
    /// Silence of three periods is a lost connection; before the log's first event, while the server looks for the
    /// position, silence of ten minutes.
    public var heartbeatPeriod: Duration

    /// Makes options; `tls` nil means ``TLSOptions/Mode/standard(for:)``.
    public init(
        address: ServerAddress, user: String, password: Secret, tls: TLSOptions? = nil,
        serverPublicKeyFile: String? = nil, allowPublicKeyRetrieval: Bool = false,
        compression: Compression = .none,
        serverID: UInt32 = 2222, flavor: Flavor = .mysql,
        connectTimeout: Duration = .seconds(10), heartbeatPeriod: Duration = .seconds(10)
    ) {
        self.address = address
        self.user = user
        self.password = password
        self.tls = tls ?? TLSOptions(mode: .standard(for: address))
        self.serverPublicKeyFile = serverPublicKeyFile
        self.allowPublicKeyRetrieval = allowPublicKeyRetrieval
        self.compression = compression
        self.serverID = serverID
        self.flavor = flavor
        self.connectTimeout = connectTimeout
        self.heartbeatPeriod = heartbeatPeriod
    }
}
