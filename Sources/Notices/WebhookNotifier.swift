package import HTTPTransport
package import ReleaseEngine
package import ReleaseModel

/// Tells a webhook of each outcome, and a heartbeat address of each run. Bounded, tried twice at most within one limit, and silent about the
/// addresses themselves, which often are secrets.
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
    let deadline = ContinuousClock.now + limit
    let first = await once(method, url, body, limit, attempted)
    // Only what was never delivered is sent again, and only while its time lasts.
    let left = deadline - .now
    guard first?.kind == .unreachable, left > .zero else { return first }
    return await once(method, url, body, left, attempted)
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
      return PortError(kind(error), attempted: attempted, reason: words(error), hint: "check the address in the settings")
    }
  }

  private func kind(_ error: HTTPError) -> PortError.Kind {
    if error.mayHaveActed { return .unknown }
    return switch error.kind {
    case .malformed, .addressRefused, .untrusted: .invalid
    case .cancelled: .cancelled
    case .cannotResolve, .cannotConnect, .timedOut, .tls, .bodyTooLarge, .connectionBroken, .tooManyRedirects, .proxy, .other: .unreachable
    }
  }

  /// In words of its own: the transport's may name the host.
  private func words(_ error: HTTPError) -> String {
    switch error.kind {
    case .cannotResolve: "the address's name does not resolve"
    case .cannotConnect: "nobody answers at the address"
    case .timedOut: "no whole answer came in time"
    case .untrusted: "the certificate is not trusted"
    case .tls: "the TLS connection failed"
    case .bodyTooLarge: "the answer is too long"
    case .addressRefused: "the address is a link-local one or this very host, which the settings do not allow (policy.hosts)"
    case .connectionBroken: "the connection broke before an answer came"
    case .cancelled: "the run was ended"
    case .malformed: error.mayHaveActed ? "the answer is no HTTP" : "the address is no http or https URL"
    case .proxy: "the proxy could not be used"
    case .tooManyRedirects, .other: "the request failed"
    }
  }

  /// The settings name both the address and the hosts that may be reached, so that a name there is enough.
  private func addresses(_ url: String) -> AddressPolicy {
    let isNamed = HTTPAuthority(url: url).map { allowed.contains($0.host) } ?? false
    return AddressPolicy { address in
      guard !isNamed else { return nil }
      if address.isLinkLocal { return "a link-local address" }
      return address.isUnspecified || address.isLoopback ? "an address of this very host, which the settings do not name" : nil
    }
  }
}
