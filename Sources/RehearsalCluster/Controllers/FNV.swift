/// The Fowler–Noll–Vo hash (FNV-1a), with which Kubernetes names ReplicaSets; quick, and no protection against anybody.
enum FNV {
  static func hash32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }

  static func hash64(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// A number's decimal digits in the alphabet of generated names, which has no vowels, so that no words come of it.
  static func safeText(_ number: UInt32) -> String {
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    return String(String(number).utf8.map { alphabet[Int($0) % alphabet.count] })
  }
}
