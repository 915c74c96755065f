import FoundationEssentials
import KubernetesModel

/// What a plugin said: a token, a certificate with its key, or both, and until when they hold. It never shows them.
struct ExecCredential: Sendable, Hashable {
  /// A client certificate and its key, in PEM.
  struct Certificate: Sendable, Hashable {
    var certificate: [UInt8]
    var key: [UInt8]
  }

  var token: String?
  var certificate: Certificate?
  /// Seconds since 1970; nil where it holds until it is refused.
  var expires: Double?

  /// - Parameters:
  ///   - output: what the plugin wrote to its standard output.
  ///   - version: what it was asked to speak.
  init(output: [UInt8], version: ExecPlugin.Version) throws(Fault) {
    let document: JSON
    do throws(JSON.SyntaxError) {
      document = try JSON(parsing: output)
    } catch {
      // The parser's words are its own; nothing of the output is in them.
      throw Fault(reason: output.isEmpty ? "it wrote nothing" : "it wrote no JSON (\(error))")
    }
    guard document["kind"] == "ExecCredential" else { throw Fault(reason: "it wrote no ExecCredential") }
    guard document["apiVersion"] == .string(version.rawValue) else {
      throw Fault(reason: "it was asked to speak \(version.rawValue) and answered in another version")
    }
    guard let status = document["status"], status.object != nil else { throw Fault(reason: "its ExecCredential has no status") }
    token = try Self.text(status, "token")
    guard token.map(HeaderText.isToken) ?? true else { throw Fault(reason: "its token holds what no header can") }
    switch (try Self.text(status, "clientCertificateData"), try Self.text(status, "clientKeyData")) {
    case (let certificate?, let key?): self.certificate = Certificate(certificate: Array(certificate.utf8), key: Array(key.utf8))
    case (nil, nil): certificate = nil
    case (_?, nil), (nil, _?): throw Fault(reason: "it told a certificate or a key without the other")
    }
    guard token != nil || certificate != nil else { throw Fault(reason: "it told neither a token nor a certificate") }
    expires = try Self.text(status, "expirationTimestamp").map { text throws(Fault) in try Self.seconds(text) }
  }

  /// Whether it does not hold any more.
  /// - Parameter now: seconds since 1970; at an unknown time nothing has expired.
  func hasExpired(at now: Double?) -> Bool {
    guard let expires, let now else { return false }
    return now >= expires
  }

  /// Why an output is no credential. Nothing that the plugin wrote to its standard output is in it.
  struct Fault: Error, Hashable {
    var reason: String
  }

  private static func text(_ status: JSON, _ key: String) throws(Fault) -> String? {
    guard let value = status[key], !value.isNull else { return nil }
    guard let text = value.string else { throw Fault(reason: "its \(key) is no text") }
    return text.isEmpty ? nil : text
  }

  /// An RFC 3339 time, with or without fractions.
  private static func seconds(_ text: String) throws(Fault) -> Double {
    if let date = try? Date.ISO8601FormatStyle().parse(text) { return date.timeIntervalSince1970 }
    throw Fault(reason: "its expirationTimestamp is no RFC 3339 time")
  }
}

extension ExecCredential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  var description: String {
    let parts = [token.map { _ in "a token" }, certificate.map { _ in "a certificate" }].compactMap(\.self)
    return "\(parts.joined(separator: " and ")) told by a plugin"
  }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}

extension ExecCredential.Certificate: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  var description: String { "a certificate and its key" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}
