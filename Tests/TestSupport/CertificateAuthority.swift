internal import Foundation

/// Makes certificates for one test with the `openssl` program.
package final class CertificateAuthority: Sendable {
    private let folder: TemporaryFolder

    /// PEM file of the authority's own certificate.
    package var caFile: String { folder.path("ca.pem") }

    package init() throws {
        folder = try TemporaryFolder()
        try CommandLineTool.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=sdl test authority", "-keyout", folder.path("ca-key.pem"),
            "-out", folder.path("ca.pem"),
        ])
    }

    /// Makes a certificate, valid for decades or as the dates say.
    ///
    /// - Parameters:
    ///   - names: the alternative names, for instance `DNS:localhost,IP:127.0.0.1`.
    ///   - start: the first second it is valid, as `20200101000000Z`.
    package func issue(
        name: String, names: String, start: String? = nil, end: String? = nil
    ) throws -> (certificate: String, key: String) {
        let key = folder.path("\(name)-key.pem")
        let request = folder.path("\(name).csr")
        let certificate = folder.path("\(name).pem")
        try write("subjectAltName=\(names)\n", to: "\(name).ext")
        try write("", to: "index.txt")
        try write(
            """
            [ca]
            default_ca=one
            [one]
            database=\(folder.path("index.txt"))
            new_certs_dir=\(folder.url.path)
            rand_serial=yes
            default_md=sha256
            policy=any
            [any]
            commonName=supplied

            """, to: "ca.cnf")
        try CommandLineTool.run([
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)",
            "-keyout", key, "-out", request,
        ])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        try CommandLineTool.run([
            "openssl", "ca", "-batch", "-notext", "-config", folder.path("ca.cnf"),
            "-cert", caFile, "-keyfile", folder.path("ca-key.pem"), "-in", request,
            "-startdate", start ?? "20200101000000Z", "-enddate", end ?? "20990101000000Z",
            "-extfile", folder.path("\(name).ext"), "-out", certificate,
        ])
        return (certificate, key)
    }

    /// Makes a certificate that is its own authority.
    package func selfSigned(
        name: String, names: String
    ) throws -> (certificate: String, key: String) {
        let key = folder.path("\(name)-key.pem")
        let certificate = folder.path("\(name).pem")
        try CommandLineTool.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=\(names)", "-keyout", key, "-out", certificate,
        ])
        return (certificate, key)
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path(name)))
    }
}
