import FoundationEssentials

/// For which hosts the environment's proxies are not used, as libcurl reads `NO_PROXY` (https://everything.curl.dev/usingcurl/proxies/env.html).
///
/// Needed where a request's URL bears another name than the host it goes to: libcurl would look for that name among the exceptions.
struct ProxyExceptions: Sendable, Hashable {
  private let entries: [String]
  private let coversAll: Bool

  init(_ text: String) {
    coversAll = text == "*"
    entries = text.split { $0 == "," || $0 == " " }.compactMap { entry in
      var entry = entry.lowercased()[...]
      if entry.hasPrefix(".") { entry.removeFirst() }
      if entry.hasSuffix(".") { entry.removeLast() }
      // An entry of dots alone is none: as a name's end it would be that of every name.
      return entry.isEmpty ? nil : String(entry)
    }
  }

  /// Those of an environment; the variable in lower case counts first, and an empty one is none.
  init(_ variables: [String: String]) {
    self.init(["no_proxy", "NO_PROXY"].compactMap { variables[$0] }.first { !$0.isEmpty } ?? "")
  }

  /// The process's.
  static var environment: ProxyExceptions { ProxyExceptions(ProcessInfo.processInfo.environment) }

  /// Whether a host, a name or an address, is reached without a proxy.
  func cover(_ host: String) -> Bool {
    if coversAll { return true }
    if let address = IPAddress(host) { return entries.contains { ProxyExceptions.covers($0, address) } }
    let host = host.hasSuffix(".") ? String(host.dropLast()) : host
    return entries.contains { host == $0 || host.hasSuffix(".\($0)") }
  }

  /// Whether an entry is the address, or a network that holds it: `10.0.0.0/8`.
  private static func covers(_ entry: String, _ address: IPAddress) -> Bool {
    let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let network = parts.first.flatMap({ IPAddress($0) }), network.bytes.count == address.bytes.count else { return false }
    guard parts.count == 2 else { return network == address }
    guard let length = Int(parts[1]), (0...network.bytes.count * 8).contains(length) else { return false }
    return zip(network.bytes, address.bytes).enumerated().allSatisfy { index, pair in
      let bits = min(max(length - index * 8, 0), 8)
      return (pair.0 ^ pair.1) >> UInt8(8 - bits) == 0
    }
  }
}
