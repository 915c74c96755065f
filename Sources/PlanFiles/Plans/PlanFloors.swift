import ReleaseModel

/// Plans only tighten what the installation demands.
struct PlanFloors {
  let floors: Floors
  let root: LayeredObject
  let problems: Problems

  func check(_ plan: ServicePlan) {
    if plan.bake.durationMs < floors.bakeMs {
      add("bake.duration (\(words(plan.bake.durationMs))) is below the installation's floor of \(words(floors.bakeMs))", "bake")
    }
    if plan.bake.failureRate > floors.failureRate {
      add("bake.failureRate (\(plan.bake.failureRate)) is above the installation's limit of \(floors.failureRate)", "bake")
    }
    if plan.standby.warmMs < floors.standbyMs {
      add("standby.warm (\(words(plan.standby.warmMs))) is below the installation's floor of \(words(floors.standbyMs))", "standby")
    }
    for gate in floors.gates {
      switch gate {
      case .smoke: if plan.smoke.checks.isEmpty { add("the installation demands smoke checks, and the plan has none", "smoke") }
      case .bake:
        if plan.bake.checks.isEmpty || plan.bake.durationMs == 0 {
          add("the installation demands a bake with checks, and the plan has none", "bake")
        }
      case .headroom: if plan.headroom != .require { add("the installation demands headroom: require", "headroom") }
      }
    }
  }

  private func add(_ reason: String, _ key: String) {
    problems.add(reason, at: root.location(key), hint: "plans may only be stricter than the floors of the settings")
  }

  private func words(_ ms: Int) -> String { Duration.milliseconds(ms).words }
}

/// The host of an address that checks are to reach.
struct ProbeHost {
  private let url: String

  init(_ url: String) { self.url = url }

  private var host: String? {
    guard url.hasPrefix("http://") || url.hasPrefix("https://"), let scheme = url.firstRange(of: "://") else { return nil }
    var authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    if authority.hasPrefix("[") { return authority.firstIndex(of: "]").map { String(authority[...$0]) } }
    let name = authority.prefix { $0 != ":" }
    return name.isEmpty ? nil : String(name).lowercased()
  }

  /// Why the address cannot be asked; nil where it can. Names are judged once more by the addresses that they resolve to.
  func refusal(_ policy: Policy) -> String? {
    guard let host else { return "\"\(PlainText.line(url, longest: 100))\" is no http or https address" }
    // An IPv6 address may be named with brackets or without.
    if policy.hosts.contains(where: { $0.lowercased() == host || "[\($0.lowercased())]" == host }) { return nil }
    let isOwn = host == "localhost" || host.hasPrefix("127.") || host == "[::1]" || host.hasPrefix("0.")
    if isOwn { return "\(host) is a loopback address; the settings would have to name it in policy.hosts" }
    if host.hasPrefix("169.254.") || host.hasPrefix("[fe80") {
      return "\(host) is a link-local address; the settings would have to name it in policy.hosts"
    }
    return "the settings do not allow checks to reach \(host) (policy.hosts)"
  }
}
