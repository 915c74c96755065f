package import HTTPTransport
package import ReleaseEngine
package import ReleaseModel

/// Tells a webhook of each outcome, and a heartbeat address of each run. Bounded, tried twice at most, and silent about the addresses
/// themselves, which often are secrets.
package struct WebhookNotifier: Notifier {
  package typealias Resolver = @Sendable (SecretReference) throws(PortError) -> String

  private let http: any HTTPSending
  private let settings: NoticeSettings
  private let allowed: Set<String>
  private let resolve: Resolver

  package init(http: any HTTPSending, settings: NoticeSettings, policy: Policy, resolve: @escaping Resolver) {
    self.http = http
    self.settings = settings
    allowed = Set(policy.hosts.map { $0.lowercased() })
    self.resolve = resolve
  }

  package func send(_ notice: Notice) async -> PortError? {
    guard let webhook = settings.webhook else { return nil }
    return await deliver("POST", webhook, body: NoticeDocument(notice).bytes, limit: .seconds(5), attempted: "send the notice")
  }

  package func heartbeat() async -> PortError? {
    guard let heartbeat = settings.heartbeat else { return nil }
    return await deliver("GET", heartbeat, body: [], limit: .seconds(3), attempted: "call the heartbeat address")
  }

  private func deliver(_ method: String, _ target: SecretReference, body: [UInt8], limit: Duration, attempted: String) async -> PortError? {
    let url: String
    do throws(PortError) {
      url = try resolve(target)
    } catch {
      return error
    }
    var last: PortError?
    for _ in 0..<2 {
      last = await once(method, url, body, limit, attempted)
      // Only what was never delivered is sent again.
      guard let error = last, error.kind == .unreachable else { return last }
    }
    return last
  }

  private func once(_ method: String, _ url: String, _ body: [UInt8], _ limit: Duration, _ attempted: String) async -> PortError? {
    let headers = body.isEmpty ? [] : [HTTPHeader("Content-Type", "application/json")]
    let request = HTTPRequest(
      method, url, headers: headers, body: body, limits: HTTPLimits(total: limit, connect: limit, maximumBody: 64 << 10),
      connection: .fresh, addresses: addresses(url))
    do throws(HTTPError) {
      let response = try await http.send(request)
      guard (200...299).contains(response.status) else {
        return PortError(
          .invalid, attempted: attempted, reason: "it answered HTTP \(response.status)", hint: "check the address in the settings")
      }
      return nil
    } catch {
      let kind: PortError.Kind = error.mayHaveActed ? .unknown : .unreachable
      return PortError(
        kind, attempted: attempted, reason: error.reason.replacing(url, with: "…"), hint: "check the address in the settings")
    }
  }

  private func addresses(_ url: String) -> AddressPolicy {
    let isNamed = HTTPAuthority(url: url).map { allowed.contains($0.host.lowercased()) } ?? false
    return AddressPolicy { address in
      guard !isNamed else { return nil }
      if address.isLinkLocal { return "a link-local address" }
      return address.isUnspecified || address.isLoopback ? "an address of this very host, which the settings do not name" : nil
    }
  }
}
