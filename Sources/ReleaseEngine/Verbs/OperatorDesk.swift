package import ReleaseModel

/// What an operator brings to a verb that asks for something in his name.
package struct OperatorHand: Sendable {
  /// A request that somebody else has signed already; nil to write a new one.
  package var request: SignedRequest?
  /// Signs bytes under a namespace, armored; nil without a key.
  package var sign: (@Sendable (_ bytes: [UInt8], _ namespace: String) async throws(PortError) -> String)?
  /// Whether the request is only signed and given back, for somebody else to sign too.
  package var onlySigns: Bool

  package init(
    request: SignedRequest? = nil, sign: (@Sendable (_ bytes: [UInt8], _ namespace: String) async throws(PortError) -> String)? = nil,
    onlySigns: Bool = false
  ) {
    self.request = request
    self.sign = sign
    self.onlySigns = onlySigns
  }

  /// No key and no request: what whoever may run tagflip asks for.
  package static let empty = OperatorHand()
}

/// What became of a request.
package enum RequestResult<Report: Sendable>: Sendable {
  /// Signed, and not committed: somebody else is to sign it too.
  case signed(SignedRequest)
  case committed(Report)
}

/// Where requests are signed and judged: before they are committed, and again before they are acted upon.
struct OperatorDesk: Sendable {
  let installation: Installation

  private var rules: OperatorRules? { installation.settings.operators }

  /// What a record is to say of who asked.
  struct Accepted: Sendable {
    var reason: String
    var operators: [TagSignature]
    var exhibits: [Exhibit]
  }

  enum Answer: Sendable {
    case signed(SignedRequest)
    case accepted(Accepted)
  }

  /// Takes a request as the operator's hand brings it.
  /// - Throws: `forbidden` where the settings ask for signatures that are missing or do not count.
  func take(_ wanted: OperatorRequest, from hand: OperatorHand) async throws(PortError) -> Answer {
    let attempted = wanted.attempted
    var signed = hand.request ?? SignedRequest(wanted)
    if let other = wanted.difference(from: signed.request) {
      throw PortError(
        .invalid, attempted: attempted, reason: "the request that was signed before is for \(other)",
        hint: "sign a new one, or ask for what it says")
    }
    if let sign = hand.sign { signed.signatures.append(try await sign(try bytes(signed.request, attempted), OperatorRequest.namespace)) }
    guard !hand.onlySigns else { return .signed(signed) }
    guard let rules else {
      guard signed.signatures.isEmpty else {
        throw PortError(
          .configuration, attempted: attempted, reason: "it is signed, and the settings name nobody whose signature would count",
          hint: "name them in the settings: operators: {signers: FILE}")
      }
      return .accepted(Accepted(reason: wanted.reason, operators: [], exhibits: []))
    }
    let now = try await installation.ports.identity.now()
    if let objection = signed.request.objection(at: now) { throw refusal(attempted, objection) }
    switch try await verdict(on: signed, by: rules, at: now) {
    case .refused(let reason): throw refusal(attempted, reason)
    case .signed(let operators):
      return .accepted(
        Accepted(
          reason: signed.request.reason, operators: operators, exhibits: [try exhibit(signed, attempted)]))
    }
  }

  /// Why a committed wish does not count by the settings as they are now; nil where it does. Whoever can write to the audit branch can write a
  /// wish there: what counts is who signed it.
  func objection(to wish: ServiceLedger.Retry, as action: OperatorRequest.Action) async throws(PortError) -> String? {
    guard let rules else { return nil }
    guard let digest = wish.request else { return "nobody signed the \(action.rawValue), and the settings ask for an operator's signature" }
    guard let bytes = try await installation.ports.audit.exhibit(digest) else {
      return "what was signed for the \(action.rawValue) is not on the audit branch"
    }
    guard let signed = SignedRequest(parsing: bytes) else { return "what was signed for the \(action.rawValue) cannot be read" }
    let wanted = OperatorRequest(
      action, installation: installation.settings.installation, tag: wish.tag, reason: signed.request.reason, at: signed.request.at)
    if let other = wanted.difference(from: signed.request) { return "what was signed for the \(action.rawValue) is for \(other)" }
    let now = try await installation.ports.identity.now()
    switch try await verdict(on: signed, by: rules, at: now) {
    case .refused(let reason): return reason
    case .signed: return nil
    }
  }

  private func verdict(on signed: SignedRequest, by rules: OperatorRules, at now: Timestamp) async throws(PortError) -> RequestVerdict {
    let action = signed.request.action
    guard !signed.signatures.isEmpty else {
      return .refused("nobody signed the \(action.rawValue), and the settings ask for an operator's signature")
    }
    let verdict = try await installation.ports.operators.judge(signed, by: rules, at: now)
    if case .signed(let operators) = verdict, let shortage = rules.shortage(of: operators, for: action) { return .refused(shortage) }
    return verdict
  }

  private func refusal(_ attempted: String, _ reason: String) -> PortError {
    PortError(
      .forbidden, attempted: attempted, reason: reason,
      hint:
        "sign it with a key that the settings name under operators (--sign KEY); for a second person's signature write it to a file first "
        + "(--save FILE), and let him take that up (--request FILE --sign KEY)")
  }

  private func bytes(_ request: OperatorRequest, _ attempted: String) throws(PortError) -> [UInt8] {
    do {
      return try request.bytes
    } catch {
      throw PortError(.invalid, attempted: attempted, reason: "\(error)")
    }
  }

  private func exhibit(_ signed: SignedRequest, _ attempted: String) throws(PortError) -> Exhibit {
    do {
      return try signed.exhibit
    } catch {
      throw PortError(.invalid, attempted: attempted, reason: "\(error)")
    }
  }
}

extension OperatorRequest {
  /// For errors.
  fileprivate var attempted: String {
    switch action {
    case .retry: "retry \(tag?.name ?? "")"
    case .override: "override the freeze for \(tag?.name ?? "")"
    case .reseal: "reseal the audit branch"
    }
  }
}
