import Foundation

/// Directories for tests. Their names are short, because paths of unix sockets must be.
enum TemporaryDirectory {
    static func make(_ purpose: String) throws -> String {
        let root = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.count < 40 ? $0 : nil } ?? "/tmp"
        let name = String(UInt64.random(in: .min ... .max), radix: 36)
        let path = "\(root)/recuerde-\(purpose)-\(name)"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: attributes
        )
        return path
    }

    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}
