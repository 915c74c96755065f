import HTTPTransport

/// What one request shows of its caller.
struct ShownCredentials: Sendable {
  var headers: [HTTPHeader] = []
  /// A certificate in place of the access's own.
  var certificate: ExecCredential.Certificate?
  /// Which of a plugin's credentials this is; nil where none told it.
  var number: Int?
}

extension KubernetesClient {
  /// What a request is to show. A token's file is read each time: projected tokens rotate. A plugin is asked where what it told has expired.
  /// - Parameter refused: the plugin's credential that the server did not accept.
  /// - Throws: `unauthorized` where there is nothing to show; `unreachable` where the limit ran out over a plugin: nothing has left.
  func credentials(for attempted: String, refused: Int? = nil, within limit: Duration) async throws(KubernetesError) -> ShownCredentials {
    var shown = ShownCredentials()
    switch access.credentials {
    case .none: break
    case .token(let token): shown.headers = [Self.bearer(token)]
    case .tokenFile(let path): shown.headers = [Self.bearer(try Self.token(in: path, attempted))]
    case .basic(let user, let password):
      shown.headers = [HTTPHeader("Authorization", "Basic \(Base64.text("\(user):\(password)".utf8))")]
    case .plugin: shown = try await told(attempted, refused, limit)
    }
    shown.headers += access.impersonation?.headers ?? []
    return shown
  }

  /// Other credentials than those that the server did not accept; nil where there are none.
  /// - Throws: `unauthorized` with the plugin's words where it was asked for others and told none.
  func credentials(
    insteadOf shown: ShownCredentials, for attempted: String, within limit: Duration
  ) async throws(KubernetesError) -> ShownCredentials? {
    guard let number = shown.number else { return nil }
    do throws(KubernetesError) {
      let renewed = try await credentials(for: attempted, refused: number, within: limit)
      // A plugin that keeps a credential of its own may tell the same again, which would be refused again.
      return renewed.headers == shown.headers && renewed.certificate == shown.certificate ? nil : renewed
    } catch {
      guard error.kind != .cancelled else { throw error }
      // Also where the call's limit ran out over the plugin: the server has answered, and that is what stands.
      throw KubernetesError(
        .unauthorized, attempted: attempted, message: "the server does not accept the credentials any more (401), and \(error.message)")
    }
  }

  private func told(_ attempted: String, _ refused: Int?, _ limit: Duration) async throws(KubernetesError) -> ShownCredentials {
    guard let plugin else { return ShownCredentials() }
    do throws(ExecPluginError) {
      let told = try await plugin.current(refused: refused, within: limit)
      return ShownCredentials(
        headers: told.credential.token.map { [Self.bearer($0)] } ?? [], certificate: told.credential.certificate, number: told.number)
    } catch {
      let kind: KubernetesError.Kind =
        switch error.kind {
        case .failed: .unauthorized
        case .timedOut: .unreachable
        case .cancelled: .cancelled
        }
      throw KubernetesError(kind, attempted: attempted, message: error.description)
    }
  }

  private static func bearer(_ token: String) -> HTTPHeader { HTTPHeader("Authorization", "Bearer \(token)") }

  private static func token(in path: String, _ attempted: String) throws(KubernetesError) -> String {
    do throws(ClusterAccessError) {
      let bytes = try FileText.read(path, because: "the bearer token", hint: "see that it is mounted")
      // Whoever writes such a file mostly ends it with a newline.
      let token = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      guard !token.isEmpty else {
        throw ClusterAccessError(file: path, reason: "the bearer token's file is empty", hint: "see that it is written")
      }
      guard HeaderText.isToken(token) else {
        throw ClusterAccessError(
          file: path, reason: "the bearer token's file holds what no header can: blanks, control characters or letters beyond ASCII",
          hint: "see that it holds the token and nothing else")
      }
      return token
    } catch {
      throw KubernetesError(.unauthorized, attempted: attempted, message: error.description)
    }
  }
}
