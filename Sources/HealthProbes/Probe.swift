import HTTPTransport
import ReleaseEngine
import ReleaseModel

/// One check at one place.
struct Probe: Sendable {
  let check: HTTPCheck
  let place: ProbePlace
  let headers: [HTTPHeader]

  enum Address: Sendable {
    case service(url: String, clusterIP: String)
    case url(String)
    case api(port: String)
  }

  /// Where the request goes, by the plan's route.
  /// - Throws: `malformed` where the Service has no such port or no address.
  func address() throws(HTTPError) -> Address {
    switch place.rules.route {
    case .api:
      if let port = place.port { return .api(port: port) }
      return .api(port: String(try port().number))
    case .url:
      let base = place.role == .active ? place.rules.activeURL : place.rules.previewURL
      guard let base else { return try serviceAddress() }
      return .url((base.hasSuffix("/") ? String(base.dropLast()) : base) + check.path)
    case .service: return try serviceAddress()
    }
  }

  private func serviceAddress() throws(HTTPError) -> Address {
    guard let ip = place.service.clusterIP else { throw malformed("the Service \(place.service.name) has no cluster IP") }
    let host = ip.contains(":") ? "[\(ip)]" : ip
    return .service(url: "http://\(host):\(try port().number)\(check.path)", clusterIP: ip)
  }

  private func port() throws(HTTPError) -> ServiceAddress.Port {
    let ports = place.service.ports
    if let wanted = place.port {
      if let port = ports.first(where: { $0.name == wanted || String($0.number) == wanted }) { return port }
      throw malformed("the Service \(place.service.name) has no port \(wanted)")
    }
    guard ports.count == 1, let port = ports.first else {
      throw malformed("the Service \(place.service.name) has \(ports.count) ports; name one in the plan: port: NAME")
    }
    return port
  }

  private func malformed(_ reason: String) -> HTTPError {
    HTTPError(.malformed, method: check.method, url: check.path, reason: reason)
  }

  func result(_ verdict: CheckResult.Verdict, _ detail: String, _ ms: Int, _ requests: Int, answered: Bool) -> CheckResult {
    CheckResult(
      name: check.name, verdict: verdict, detail: PlainText.line(detail, longest: 200), latencyMs: ms, requests: requests,
      route: place.rules.route, answered: answered)
  }
}
