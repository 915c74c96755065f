import AuditTrail
import ReleaseEngine
import ReleaseModel
import Signatures

/// Opens every key, file and secret that the settings name, as a run would when it needs them.
struct KeyCheck: Sendable {
  let seal: JournalSeal
  /// Which keys are valid is not asked here, only whether the files can be read.
  private let now = Timestamp(milliseconds: 0)

  init(seal: JournalSeal) { self.seal = seal }

  func examine(_ settings: Settings) -> [Diagnosis] {
    [signing(settings), state(settings)] + rules(settings) + operators(settings) + notices(settings)
  }

  private func signing(_ settings: Settings) -> Diagnosis {
    guard let path = settings.audit.signingKey else {
      return Diagnosis(
        "signing key", .warning, "none: records are not signed, and whoever can write to the audit branch can make them",
        next: "ssh-keygen -t ed25519 -N '' -C tagflip -f audit-key, and audit: {signingKey: PATH} in the settings")
    }
    do throws(SignatureError) {
      let key = try SigningKey.open(path: path)
      _ = try key.sign(Array("tagflip doctor".utf8), namespace: "tagflip-doctor")
      return Diagnosis("signing key", .ok, "\(path) signs")
    } catch {
      return Diagnosis("signing key", .failed, "\(error)", next: "correct audit.signingKey in the settings")
    }
  }

  private func state(_ settings: Settings) -> Diagnosis {
    switch seal {
    case .none:
      Diagnosis(
        "state key", .warning, "none: whoever can write ConfigMaps in \(settings.stateNamespace) can make a gate look passed",
        next: "openssl rand -hex 32 > state-key, and state: {key: {file: PATH}} in the settings")
    case .key: Diagnosis("state key", .ok, "journals bear its seal")
    case .unavailable(let error): Diagnosis("state key", error)
    }
  }

  private func rules(_ settings: Settings) -> [Diagnosis] {
    guard !settings.tags.isEmpty else {
      return [
        Diagnosis(
          "tag rules", .warning, "none: any tag of a commit is released, whoever made it",
          next: "see tags: in the sample config/tagflip.yaml")
      ]
    }
    return settings.tags.enumerated().map { index, rule in
      let area = "tag rule \(index + 1)"
      let services = rule.services.isEmpty ? "all services" : rule.services.map(\.text).joined(separator: ", ")
      do throws(PortError) {
        _ = try TagJudge(rule, at: now)
        return Diagnosis(area, .ok, "\(services): \(rule.requirement.rawValue)")
      } catch {
        return Diagnosis(area, error)
      }
    }
  }

  private func operators(_ settings: Settings) -> [Diagnosis] {
    guard let rules = settings.operators else {
      return [
        Diagnosis(
          "operators", .warning, "none: whoever may run tagflip may retry and reseal, unsigned",
          next: "see operators: in the sample config/tagflip.yaml")
      ]
    }
    do throws(PortError) {
      _ = try TagJudge(rules, at: now)
      return [Diagnosis("operators", .ok, rules.signers)]
    } catch {
      return [Diagnosis("operators", error)]
    }
  }

  private func notices(_ settings: Settings) -> [Diagnosis] {
    [("webhook", settings.notices.webhook), ("heartbeat", settings.notices.heartbeat)].compactMap { name, reference in
      guard let reference else { return nil }
      do throws(PortError) {
        _ = try Secrets.value(of: reference, for: "the address of the \(name)")
        return Diagnosis(name, .ok, "its address is there; it is not called")
      } catch {
        return Diagnosis(name, error)
      }
    }
  }
}
