import Crypto
import Foundation

extension Envelope {
    /// What an encrypted entry says in clear text of how it is encrypted.
    struct Seal: Sendable, Hashable {
        static let nonceLength = 12
        static let tagLength = 16

        var nonce: [UInt8]
        var keyID: String
        /// The entry's header, but for what is changed in place.
        var header: [UInt8] = []

        init(nonce: [UInt8], keyID: String) {
            self.nonce = nonce
            self.keyID = keyID
        }

        /// Reads the content of the field that it stands in.
        init?(field content: ArraySlice<UInt8>) {
            guard content.count > Self.nonceLength,
                let id = String(validating: content.dropFirst(Self.nonceLength), as: UTF8.self)
            else { return nil }
            self.init(nonce: Array(content.prefix(Self.nonceLength)), keyID: id)
        }

        var field: [UInt8] { nonce + Array(keyID.utf8) }
    }

    /// The bytes of the entry, encrypted: the header, then value, tags and cost as one ciphertext, then its tag of authentication.
    ///
    /// What is authenticated besides is the header, but for stamp, mark of the expired and checksum, which scripts change, and then the name.
    func sealed(with key: EncryptionKey, as name: String) -> [UInt8]? {
        guard seal == nil, let hidden = clearFields(), let length = UInt16(exactly: hidden.count) else { return nil }
        let nonce = AES.GCM.Nonce()
        let seal = Seal(nonce: Array(nonce), keyID: key.id)
        guard let fields = Self.field(.seal, seal.field),
            var bytes = head(fields: fields, flags: flags | Self.encryptedFlag)
        else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(2 + hidden.count + payload.count)
        text += [UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
        text += hidden
        text += payload
        let associated = Self.unchanging(bytes[...]) + Array(name.utf8)
        guard let box = try? AES.GCM.seal(text, using: key.secret, nonce: nonce, authenticating: associated) else {
            return nil
        }
        bytes += box.ciphertext
        bytes += box.tag
        Self.check(&bytes)
        return bytes
    }

    /// The entry decrypted; nil where it was altered or belongs under another name, or the key is another one.
    func unsealed(with key: SymmetricKey, as name: String) -> Envelope? {
        guard let seal, payload.count >= Seal.tagLength + 2, let nonce = try? AES.GCM.Nonce(data: seal.nonce),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce,
                ciphertext: payload.dropLast(Seal.tagLength),
                tag: payload.suffix(Seal.tagLength)
            ),
            let text = try? AES.GCM.open(box, using: key, authenticating: seal.header + Array(name.utf8))
        else { return nil }
        var reader = ByteReader(Array(text)[...])
        guard let length = reader.integer(UInt16.self), let fields = reader.bytes(Int(length)) else { return nil }
        var envelope = self
        envelope.seal = nil
        envelope.payload = reader.rest
        guard envelope.take(fields), envelope.seal == nil else { return nil }
        return envelope
    }

    /// A header without what scripts change in it.
    static func unchanging(_ header: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = Array(header)
        bytes[flagsOffset] &= ~expiredFlag
        for index in stampRange { bytes[index] = 0 }
        for index in checksumRange { bytes[index] = 0 }
        return bytes
    }
}
