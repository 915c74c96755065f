import Digests
import ReleaseEngine
import ReleaseModel

/// Operators whose signatures are their names and what they signed. The settings' file of signers is a list of names.
struct SimulatedOperators: OperatorJudge {
  /// What a person signs with.
  static func hand(of name: String, request: SignedRequest? = nil, onlySigns: Bool = false) -> OperatorHand {
    OperatorHand(
      request: request,
      sign: { bytes, namespace throws(PortError) in "\(name) \(namespace) \(Digest(of: bytes))" }, onlySigns: onlySigns)
  }

  func judge(_ request: SignedRequest, by rules: OperatorRules, at now: Timestamp) async throws(PortError) -> RequestVerdict {
    var operators: [TagSignature] = []
    for signature in request.signatures {
      let parts = signature.split(separator: " ").map(String.init)
      guard parts.count == 3, parts[1] == OperatorRequest.namespace, let bytes = try? request.request.bytes,
        parts[2] == "\(Digest(of: bytes))"
      else { return .refused("the signature of the request is none") }
      guard rules.signers.split(separator: ",").contains(Substring(parts[0])) else { return .refused("\(parts[0]) may not sign") }
      operators.append(TagSignature(kind: .ssh, signer: parts[0], key: "SHA256:\(parts[0])"))
    }
    return .signed(operators)
  }
}
