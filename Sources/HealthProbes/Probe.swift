import HTTPTransport
import ReleaseEngine
import ReleaseModel

/// One check at one place.
struct Probe: Sendable {
  let check: HTTPCheck
  let place: ProbePlace
  let headers: [HTTPHeader]

  enum Address: Sendable {
    case service(url: String, clusterIP: IPAddress)
    case url(String)
    case api(port: String)
  }

  /// The address that the plan names for the place's role.
  private var base: String? { place.role == .active ? place.rules.activeURL : place.rules.previewURL }

  /// The route that is really taken: where the plan names no address for the role, the Service's own.
  var route: ProbeRules.Route { place.rules.route == .url && base == nil ? .service : place.rules.route }

  /// Where the request goes, by the plan's route.
  /// - Throws: `malformed` where the Service has no such port or no address, and where the plan's address is none.
  func address() throws(HTTPError) -> Address {
    switch place.rules.route {
    case .api:
      if let port = place.port { return .api(port: port) }
      return .api(port: String(try port().number))
    case .url:
      guard let base else { return try serviceAddress() }
      return .url(try checked(base).appending(check.path))
    case .service: return try serviceAddress()
    }
  }

  private func checked(_ text: String) throws(HTTPError) -> HTTPBase {
    do throws(HTTPBase.Fault) {
      return try HTTPBase(text)
    } catch {
      throw malformed("the plan's address for the \(place.role) \(error)")
    }
  }

  private func serviceAddress() throws(HTTPError) -> Address {
    guard let text = place.service.clusterIP, let ip = IPAddress(text) else {
      throw malformed("the Service \(place.service.name) has no cluster IP")
    }
    let host = text.contains(":") ? "[\(text)]" : text
    return .service(url: "http://\(host):\(try port().number)\(check.path)", clusterIP: ip)
  }

  private func port() throws(HTTPError) -> ServiceAddress.Port {
    let ports = place.service.ports
    if let wanted = place.port {
      if let port = ports.first(where: { $0.name == wanted || String($0.number) == wanted }) { return port }
      throw malformed("the Service \(place.service.name) has no port \(wanted); it has \(listed(ports))")
    }
    guard ports.count == 1, let port = ports.first else {
      throw malformed("the Service \(place.service.name) has \(listed(ports)); name one in the plan: port: NAME")
    }
    return port
  }

  private func listed(_ ports: [ServiceAddress.Port]) -> String {
    guard !ports.isEmpty else { return "no ports" }
    return "the ports " + ports.map { port in port.name.map { "\($0) (\(port.number))" } ?? String(port.number) }.joined(separator: ", ")
  }

  private func malformed(_ reason: String) -> HTTPError {
    HTTPError(.malformed, method: check.method, url: check.path, reason: reason)
  }

  func result(_ verdict: CheckResult.Verdict, _ detail: String, _ ms: Int, _ requests: Int, answered: Bool) -> CheckResult {
    CheckResult(
      name: check.name, verdict: verdict, detail: PlainText.line(detail, longest: 200), latencyMs: ms, requests: requests,
      route: route, answered: answered)
  }
}
