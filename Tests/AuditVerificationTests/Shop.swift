import AuditTrail
import Digests
import ReleaseEngine
import ReleaseModel
import TrailSamples

/// The story of a shop with three services, with everything that can come of a tag.
struct Shop {
  var web = Chronicle("web")
  var api = Chronicle("api", rollouts: 100)
  /// Released in a freeze, by an override.
  var pay = Chronicle("pay", rollouts: 200)

  /// Writes it, and leaves the chronicles at its end.
  mutating func tell(_ trail: Trail) async throws {
    let log = try trail.log()
    _ = try await log.append([pay.noted()], expecting: 0)
    let override = try await log.append([pay.override("1.0.0")], expecting: nil).entries[0].digest.description
    _ = try await log.append([pay.planned("1.0.0", override: override)], expecting: nil)
    _ = try await log.append([pay.ended(.promoted)], expecting: nil)
    _ = try await log.append([pay.refusedAsSigned("1.1.0", by: House.eve)], expecting: nil)
    _ = try await log.append([web.noted("0.8.0", "0.9.0", "1.0.0-rc.1")], expecting: 0)
    _ = try await log.append([web.planned("1.0.0")], expecting: nil)
    _ = try await log.append([web.ended(.promoted)], expecting: nil)
    _ = try await log.append([api.noted()], expecting: nil)
    _ = try await log.append([web.planned("1.2.0", template: 4), web.superseded("1.1.0", by: "1.2.0")], expecting: nil)
    _ = try await log.append([web.ended(.failed, reason: "GET /healthz: HTTP 500, expected 200")], expecting: nil)
    _ = try await log.append([api.planned("2.0.0")], expecting: nil)
    _ = try await log.append([api.ended(.failedExposed)], expecting: nil)
    let retry = try await log.append([web.retry("1.2.0")], expecting: nil)
    let attempt = retry.entries[0].digest.description
    _ = try await log.append([web.planned("1.2.0", attempt: attempt, template: 4)], expecting: nil)
    _ = try await log.append([web.ended(.promoted)], expecting: nil)
    _ = try await log.append([web.retired()], expecting: nil)
    _ = try await log.append([web.refused("1.3.0-rc.1")], expecting: nil)
    _ = try await log.append([web.refused("0.9.0", object: web.made("0.9.0", again: true).id, reason: "the tag moved")], expecting: nil)
    _ = try await log.append([web.planned("1.3.0")], expecting: nil)
    _ = try await log.append([web.ended(.rolledBack)], expecting: nil)
    _ = try await log.append([web.planned("1.4.0")], expecting: nil)
    _ = try await log.append([web.ended(.promoted)], expecting: nil)
    _ = try await log.append([web.wentBack()], expecting: nil)
    _ = try await log.append([api.planned("2.1.0")], expecting: nil)
    _ = try await log.append([api.ended(.rollbackFailed)], expecting: nil)
    _ = try await log.append([api.planned("2.2.0")], expecting: nil)
    _ = try await log.append([api.ended(.aborted, actor: "ada")], expecting: nil)
  }
}
