extension CacheKey {
    /// Where the text of a key lies.
    ///
    /// In place where it is short, as in the slots of memory: a hit then neither counts a reference to the text nor waits for it, which of
    /// a key that was not used of late would be one miss of the processor's caches more.
    enum Storage: Sendable, Equatable {
        case inline(SlotKey)
        case long(String)

        /// Texts are in NFC, so that of those in place the bytes can be compared.
        init(_ text: String) {
            guard text.utf8.count <= SlotKey.inlineCapacity else {
                self = .long(text)
                return
            }
            var text = text
            self = text.withUTF8 { SlotKey(inline: UnsafeRawBufferPointer($0)) }.map(Storage.inline) ?? .long(text)
        }

        var text: String {
            switch self {
            case .inline(let key): key.text
            case .long(let text): text
            }
        }
    }

    /// Bytes of ``text``.
    var textLength: Int {
        switch storage {
        case .inline(let key): key.inlineLength
        case .long(let text): text.utf8.count
        }
    }

    @inline(__always)
    func withProbe<Result>(_ body: (borrowing KeyProbe) -> Result) -> Result {
        switch storage {
        case .inline(let key):
            return body(KeyProbe(inline: key, hash: hash))
        case .long(let text):
            let found = text.utf8.withContiguousStorageIfAvailable { bytes in
                body(KeyProbe(UnsafeRawBufferPointer(bytes), hash: hash))
            }
            if let found { return found }
            // Only text that is bridged lazily from Objective-C comes here.
            return Array(text.utf8).withUnsafeBytes { body(KeyProbe($0, hash: hash)) }
        }
    }
}
