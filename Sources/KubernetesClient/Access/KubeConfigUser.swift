import HTTPTransport
import KubernetesModel

/// What a kubeconfig says of a user.
struct KubeConfigUser {
  private let entry: KubeConfigEntry

  init(_ entry: KubeConfigEntry) { self.entry = entry }

  /// Adds to a cluster's access what the user shows.
  /// - Parameter cluster: for plugins that ask which cluster they are to log in to.
  func complete(_ access: inout ClusterAccess, cluster: KubeConfigEntry) throws(ClusterAccessError) {
    access.tls.clientCertificate = try entry.material("client-certificate")
    access.tls.clientKey = try entry.material("client-key")
    guard (access.tls.clientCertificate == nil) == (access.tls.clientKey == nil) else {
      throw entry.fault(" has a client certificate or a key without the other", "give both")
    }
    access.impersonation = try impersonation()
    access.credentials = try credentials(access, cluster)
  }

  /// Client-go's order, which lets a token stand in for a plugin.
  private func credentials(_ access: ClusterAccess, _ cluster: KubeConfigEntry) throws(ClusterAccessError) -> ClusterAccess.Credentials {
    let (token, file) = (try entry.headerText("token"), try entry.text("tokenFile"))
    let (user, password) = (try entry.text("username"), try entry.text("password"))
    guard user != nil || password == nil else { throw entry.fault(" has a password without a username", "give both") }
    guard user == nil || token == nil && file == nil else {
      throw entry.fault(" has both a username and a token", "remove one: only one of them can be shown")
    }
    // The file counts where both are given: it is the one that is kept fresh.
    if let file { return .tokenFile(entry.file.resolved(file)) }
    if let token { return .token(token) }
    if let user { return .basic(user: user, password: password ?? "") }
    if let exec = entry.fields["exec"], !exec.isNull { return .plugin(try ExecPlugin(exec, of: entry, access: access, cluster: cluster)) }
    if let provider = entry.fields["auth-provider"], !provider.isNull {
      throw entry.fault(
        " authenticates by auth-provider, which is not supported",
        "use its successor, an exec plugin, or a token (kubectl create token SERVICEACCOUNT), a tokenFile or a client certificate")
    }
    return .none
  }

  private func impersonation() throws(ClusterAccessError) -> ClusterAccess.Impersonation? {
    let (uid, groups) = (try entry.headerText("as-uid"), try entry.headerTexts("as-groups"))
    var extra: [String: [String]] = [:]
    if let value = entry.fields["as-user-extra"], !value.isNull {
      guard let members = value.object else {
        throw entry.fault(": as-user-extra is no mapping", "write it as: {key: [value]}", at: "as-user-extra")
      }
      let nested = entry.nested("as-user-extra", value)
      // The keys are escaped where they become headers' names.
      for key in members.keys.sorted() { extra[key] = try nested.headerTexts(key) }
    }
    guard let user = try entry.headerText("as") else {
      guard uid == nil, groups.isEmpty, extra.isEmpty else {
        throw entry.fault(" says as which uid, groups or extra to act and not as whom", "add the user: as")
      }
      return nil
    }
    return ClusterAccess.Impersonation(user: user, uid: uid, groups: groups, extra: extra)
  }
}
