import Recuerde

/// What becomes of answers outside of memory.
extension SettingsCatalogue {
    static let compression = Setting<Bool>.flag(
        "RECUERDE_COMPRESSION",
        "Whether answers in Redis are compressed where that saves an eighth; not under the format plain. Versions of the service from before there was this setting take such answers for absent.",
        default: true
    )
    static let compressionBytes = Setting<Int>.integer(
        "RECUERDE_COMPRESSION_BYTES",
        "From how many bytes on an answer is compressed.",
        default: PayloadCompression().minimumBytes,
        in: 32...8_388_608
    )
    static let encryption = Setting<PayloadEncryption.Policy>.choice(
        "RECUERDE_ENCRYPTION",
        "Whether answers in Redis are encrypted (AES-GCM, 256 bits): off; preferred, which reads what is not as well; or required, which takes nothing else.",
        default: .off
    )
    static let encryptionKeys = Setting<[EncryptionKey]>(
        "RECUERDE_ENCRYPTION_KEYS",
        "The keys, separated by commas, each as id:base64 of 32 random bytes. One writes, all of them read, whatever RECUERDE_ENCRYPTION says.",
        default: [],
        isSecret: true,
        shown: PayloadSettings.masked,
        parse: PayloadSettings.keys
    )
    static let encryptionKeyID = Setting<String?>.optionalText(
        "RECUERDE_ENCRYPTION_KEY_ID",
        "Identifier of the key that writes. Unset: the first.",
        atMost: EncryptionKey.longestID
    )
    static let nameSecret = Setting<KeyHashing?>(
        "RECUERDE_NAME_SECRET",
        "Base64 of 32 or more random bytes, other than those of keys, with which the names of entries, tags and locks are hidden in Redis. The same for all processes. Unset: they can be read.",
        default: nil,
        isSecret: true,
        parse: PayloadSettings.nameSecret
    )

    static let payload: [any AnySetting] = [
        compression, compressionBytes, encryption, encryptionKeys, encryptionKeyID, nameSecret,
    ]
}
