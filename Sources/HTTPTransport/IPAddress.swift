/// An IPv4 or IPv6 address. An IPv4 address in IPv6 clothes (`::ffff:…`, RFC 4291 §2.5.5.2) is the IPv4 address.
package struct IPAddress: Sendable, Hashable {
  /// 4 or 16 bytes in network order.
  package let bytes: [UInt8]

  /// The address of 4 or 16 bytes; nil for any other count.
  package init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self.bytes = bytes
    case 16 where bytes.prefix(12).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]): self.bytes = Array(bytes.suffix(4))
    case 16: self.bytes = bytes
    default: return nil
    }
  }

  private var isVersion4: Bool { bytes.count == 4 }

  /// 127.0.0.0/8 and ::1.
  package var isLoopback: Bool {
    isVersion4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }

  /// 169.254.0.0/16 and fe80::/10: metadata services of clouds live there.
  package var isLinkLocal: Bool {
    isVersion4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
  }

  /// 0.0.0.0/8 and ::, which connect to this very host.
  package var isUnspecified: Bool { isVersion4 ? bytes[0] == 0 : bytes.allSatisfy { $0 == 0 } }
}

extension IPAddress: CustomStringConvertible {
  package var description: String {
    if isVersion4 { return bytes.map(String.init).joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
  }
}

/// Which addresses a request may connect to. Asked for each address really connected to, after name resolution and on every redirect, so
/// that no name can lead around it.
package struct AddressPolicy: Sendable {
  /// Why an address is refused; nil where it is not.
  package var refusal: @Sendable (IPAddress) -> String?

  package init(refusal: @escaping @Sendable (IPAddress) -> String?) { self.refusal = refusal }

  package static let any = AddressPolicy { _ in nil }
}
