internal import Foundation

/// Reads all of a small file from an open descriptor.
enum DescriptorReader {
    struct Failure: Error {
        let reason: String
    }

    static func readAll(_ descriptor: Int32, bytesMax: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(reason: String(cString: strerror(errno)))
            }
            bytes.append(contentsOf: chunk[0..<count])
            guard bytes.count <= bytesMax else {
                throw Failure(reason: "it is larger than \(bytesMax) bytes")
            }
        }
    }
}
