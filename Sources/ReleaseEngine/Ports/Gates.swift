package import ReleaseModel

/// The gates' port: HTTP checks against a color.
package protocol Gates: Sendable {
  /// Makes each check once (`times` in a row), a new connection for every request, and never throws: what could not be judged is `unknown`.
  func check(_ checks: [HTTPCheck], at place: ProbePlace, within limit: Duration) async -> [CheckResult]
}

/// Which Service the checks go to, and by which route.
package struct ProbePlace: Sendable, Hashable {
  package enum Role: String, Sendable, Hashable {
    case active
    case preview
    /// The preview Service while it leads to the standby, as a control of the bake: asked as users ask.
    case control
    /// The preview Service while it leads to the new color and users reach both: that one alone, asked as users ask.
    case alone
  }

  package var role: Role
  package var service: ServiceAddress
  /// The Service port by name or number; nil where it has only one.
  package var port: String?
  package var rules: ProbeRules

  package init(role: Role, service: ServiceAddress, port: String?, rules: ProbeRules) {
    self.role = role
    self.service = service
    self.port = port
    self.rules = rules
  }
}
