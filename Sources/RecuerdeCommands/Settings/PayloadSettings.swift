import Recuerde

/// Reads the secrets with which entries are encrypted and names are hidden. What is wrong is told by the place in the list, never by the text.
enum PayloadSettings {
    /// The most keys that one list takes.
    static let mostKeys = 100

    /// A list of `id:base64`, separated by commas or blanks. Base64 has no colon, so the last one is that behind the identifier.
    @Sendable static func keys(_ text: String) throws(SettingFault) -> [EncryptionKey] {
        let parts = text.split { $0 == "," || $0.isWhitespace }
        guard !parts.isEmpty, parts.count <= mostKeys else {
            throw SettingFault("must be a list of 1 to \(mostKeys) keys, each of the form id:base64")
        }
        var keys: [EncryptionKey] = []
        for (index, part) in parts.enumerated() {
            let place = "cannot be used: key \(index + 1) of \(parts.count)"
            guard let colon = part.lastIndex(of: ":") else {
                throw SettingFault("\(place) is not of the form id:base64")
            }
            let base64 = String(part[part.index(after: colon)...])
            do {
                keys.append(try EncryptionKey(id: String(part[..<colon]), base64: base64))
            } catch {
                throw SettingFault("\(place): \(message(of: error))")
            }
        }
        do {
            _ = try PayloadEncryption(.off, keys: keys)
        } catch {
            throw SettingFault("cannot be used: \(message(of: error))")
        }
        return keys
    }

    /// The identifiers, which are no secrets; nothing of a list that cannot be read.
    @Sendable static func masked(_ text: String) -> String {
        guard let keys = try? keys(text) else { return "****" }
        return keys.map { "\($0.id):****" }.joined(separator: ",")
    }

    /// A secret of 32 bytes or more in Base64.
    @Sendable static func nameSecret(_ text: String) throws(SettingFault) -> KeyHashing? {
        do {
            return try KeyHashing(base64: text)
        } catch {
            throw SettingFault("cannot be used: \(message(of: error))")
        }
    }

    /// The library's own words say nothing of keys and secrets; those of anything else are not repeated.
    static func message(of error: any Error) -> String {
        (error as? PayloadConfigurationError)?.message ?? "it is not understood"
    }
}

extension Settings {
    /// What becomes of entries outside of memory.
    ///
    /// - Throws: ``SettingsError`` where keys and policy do not go together.
    func payload() throws(SettingsError) -> PayloadConfiguration {
        var payload = PayloadConfiguration()
        // The default is for envelopes: that plain entries cannot be compressed is no news to who has chosen them.
        if compresses, format == .envelope { payload.compression = .from(compressionBytes) }
        payload.keyHashing = nameSecret
        if encryption != .off, encryptionKeys.isEmpty {
            throw SettingsError(
                name: "RECUERDE_ENCRYPTION_KEYS",
                reason: "must be set where RECUERDE_ENCRYPTION is \(encryption.rawValue)"
            )
        }
        if let id = encryptionKeyID, !encryptionKeys.contains(where: { $0.id == id }) {
            throw SettingsError(
                name: "RECUERDE_ENCRYPTION_KEY_ID",
                reason: "must be the identifier of one of RECUERDE_ENCRYPTION_KEYS"
            )
        }
        do {
            payload.encryption = try PayloadEncryption(encryption, keys: encryptionKeys, writingWith: encryptionKeyID)
        } catch {
            let reason = "cannot be used: \(PayloadSettings.message(of: error))"
            throw SettingsError(name: "RECUERDE_ENCRYPTION", reason: reason)
        }
        return payload
    }
}
