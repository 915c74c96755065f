import KubernetesClient
import KubernetesModel
import ReleaseEngine
import ReleaseModel

extension PortError {
  /// What a failure of the Kubernetes API means to the engine.
  ///
  /// - Parameters:
  ///   - isWrite: whether the request would have changed something: then an answer that says neither yes nor no is `unknown`.
  ///   - isJudged: whether admission looks at it, as it does at a dry run too; as `isWrite` where nothing else is said.
  ///   - kind: the kind of object that was sent. What the server says about a Secret is withheld, it may quote it.
  init(_ error: KubernetesError, isWrite: Bool, isJudged: Bool? = nil, kind: ResourceKind? = nil) {
    let text = kind == .secret && isWrite ? PortError.withoutContent(error) : PortError.words(error)
    self.init(
      PortError.kind(error, isWrite: isWrite, isJudged: isJudged ?? isWrite), attempted: error.attempted,
      reason: PlainText.line(text, longest: 600),
      hint: PortError.hint(error))
  }

  private static func kind(_ error: KubernetesError, isWrite: Bool, isJudged: Bool) -> Kind {
    switch error.kind {
    case .badRequest, .methodNotAllowed, .invalid: .invalid
    case .unauthorized: .unauthenticated
    // What no rule, quota or namespace refuses of a write, admission does: that judges the content.
    case .forbidden: isJudged && forbiddenHint(error.message) == nil ? .invalid : .forbidden
    case .notFound: .notFound
    case .alreadyExists, .conflict, .gone: .conflict
    case .tooManyRequests, .unreachable: .unreachable
    case .serverError: serverErrorKind(error, isWrite: isWrite)
    case .lostAnswer: .unknown
    case .malformedAnswer: isWrite ? .unknown : .corrupt
    case .cancelled: .cancelled
    }
  }

  /// An unknown field or a wrong type in a server-side apply is answered with 500, and a webhook that cannot be reached stops a write before
  /// it happens; of any other server error nobody knows how far it came.
  private static func serverErrorKind(_ error: KubernetesError, isWrite: Bool) -> Kind {
    if error.message.contains("failed to create typed patch object") { return .invalid }
    if error.message.contains("failed calling webhook") { return .unreachable }
    return isWrite ? .unknown : .unreachable
  }

  private static func words(_ error: KubernetesError) -> String {
    let causes = error.causes.filter { !error.message.contains($0.split(separator: ": ").last ?? "") }
    return ([error.message] + causes.prefix(5)).joined(separator: "; ")
  }

  private static func withoutContent(_ error: KubernetesError) -> String {
    switch error.kind {
    case .badRequest, .invalid, .serverError:
      let fields = error.causes.compactMap { $0.split(separator: ":").first.map(String.init) }
      let place = fields.isEmpty ? "" : " (\(Set(fields).sorted().joined(separator: ", ")))"
      return "the API server finds it wrong\(place); its words are withheld, they may quote the Secret"
    default: return error.message
    }
  }

  private static func hint(_ error: KubernetesError) -> String? {
    switch error.kind {
    // Nothing was asked: the credentials could not even be had.
    case .unauthorized where error.status == 0: "see that the token's file or the plugin works for the account that tagflip runs under"
    case .unauthorized: "the token or certificate is wrong or has expired: make a new kubeconfig, or see that the pod's token is mounted"
    case .forbidden: forbiddenHint(error.message) ?? "change what was sent as they say, or ask whoever keeps the policy that denies it"
    case .tooManyRequests: "the API server has too much to do; the next run tries again"
    case .unreachable: unreachableHint(error.message)
    case .serverError where error.message.contains("failed calling webhook"):
      "see that what serves this webhook runs, or take its configuration away: kubectl get validatingwebhookconfigurations,"
        + "mutatingwebhookconfigurations"
    case .methodNotAllowed: "this API server is older or smaller than what tagflip needs (Kubernetes 1.27)"
    case .notFound where error.message.hasPrefix("namespaces "): "create the namespace"
    case .badRequest, .notFound, .alreadyExists, .conflict, .gone, .invalid, .serverError, .lostAnswer, .malformedAnswer, .cancelled: nil
    }
  }

  /// What to do about a 403 that says of the caller, the quota or the namespace; nil for a verdict of admission on what was sent. The rule that
  /// is missing, as the server names it: `User "u" cannot patch resource "deployments" in API group "apps" in the namespace "shop"`.
  private static func forbiddenHint(_ message: String) -> String? {
    if message.contains("exceeded quota") { return "raise the namespace's quota or free what is not needed" }
    if message.contains("status unknown for quota") { return "the quota is new and not counted yet: the next run tries again" }
    if message.contains("it is being terminated") {
      let name = message.text(between: "new content in namespace ", and: " ") ?? "NAME"
      return "the namespace is being deleted: once it is gone, make it anew: kubectl create namespace \(name)"
    }
    guard let verb = message.text(between: "cannot ", and: " resource \""), let resource = message.text(between: "resource \"", and: "\"")
    else { return nil }
    let group = message.text(between: "API group \"", and: "\"") ?? ""
    let place = message.text(between: "in the namespace \"", and: "\"").map { "a Role in the namespace \($0)" } ?? "a ClusterRole"
    return "give tagflip, in \(place): apiGroups [\"\(group)\"], resources [\"\(resource)\"], verbs [\"\(verb)\"]"
  }

  private static func unreachableHint(_ message: String) -> String {
    let text = message.lowercased()
    if text.contains("certificate") || text.contains("ssl") || text.contains("tls") {
      return "the API server's certificate is not trusted: see certificate-authority and server in the kubeconfig"
    }
    return "see that the API server runs and that the kubeconfig's server is right"
  }
}

extension String {
  /// The text between two others, the first place where it occurs.
  fileprivate func text(between start: String, and end: String) -> String? {
    guard let first = firstRange(of: start), let last = self[first.upperBound...].firstRange(of: end) else { return nil }
    return String(self[first.upperBound..<last.lowerBound])
  }
}
