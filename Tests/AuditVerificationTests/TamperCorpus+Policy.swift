import TrailSamples
import AuditTrail
import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditVerification

extension Tampering {
  // MARK: Settings, freezes, floors

  static let policy: [Tampering] = [
    Tampering("settings are loosened for one release and restored", .settingsChanged, by: "policy-versions") { shop in
      let strict = shop.web.house
      shop.web.house = strict.replacing("services: [web, pay]", with: "services: [pay]")
      let loose = [try shop.web.planned("9.0.0"), try shop.web.ended(.promoted)]
      shop.web.house = strict
      return loose + [try shop.web.planned("9.1.0"), try shop.web.ended(.promoted)]
    },
    Tampering("a key is allowed for one release and taken out again", .keysChanged, by: "policy-versions") { shop in
      let strict = shop.web.house
      shop.web.house.files[.signers] = House.eve.allowed("git")
      let loose = [try shop.web.plannedAsMade("9.0.0", by: House.eve), try shop.web.ended(.promoted)]
      shop.web.house = strict
      return loose + [try shop.web.planned("9.1.0"), try shop.web.ended(.promoted)]
    },
    Tampering("that settings were loosened is hidden", .changedMismatch, by: "changed-sources") { trail, shop in
      shop.web.house = shop.web.house.replacing("services: [web, pay]", with: "services: [pay]")
      try trail.forge(try shop.web.planned("9.0.0")) { files in
        for (path, text) in files where path.contains("/records/") {
          files[path] = text.replacing("\"changed\":[\"settings\",\"template\"]", with: "\"changed\":[\"template\"]")
            .replacing("\"changed\":[\"settings\"]", with: "\"changed\":[]")
        }
      }
    },
    Tampering("other settings are shown than the plan was made by", .settingsMismatch, by: "settings") { shop in
      [try shop.web.planned("9.0.0").showing(.settings) { $0.replacing("require: signed", with: "require: any") }]
    },
    Tampering("settings of another installation are shown", .settingsMismatch, by: "settings") { shop in
      [shop.web.refused("9.0.0-rc.1").showing(.settings) { $0.replacing("installation: shop", with: "installation: bank") }]
    },
    Tampering("what is shown as the settings is none", .settingsUnreadable, by: "settings") { shop in
      [shop.web.refused("9.0.0-rc.1").showing(.settings) { _ in "installation: [" }]
    },
    Tampering("a release begins in a freeze", .freezeBroken, by: "freezes") { shop in [try shop.pay.planned("1.2.0")] },
    Tampering("a freeze began while a release was prepared", .freezeBroken, by: "freezes") { shop in
      shop.web.house = shop.web.house.replacing(
        "from: \"2026-01-02T03:04:00Z\", until: \"2026-01-02T03:10:00Z\", reason: stocktaking, services: [pay]",
        with: "from: \"\(shop.web.now + .seconds(9))\", until: \"2026-01-02T04:00:00Z\"")
      var record = try shop.web.planned("9.0.0")
      let before = shop.web.now + .seconds(-5)
      record.steps[0].startedAt = before
      record.tag?.judgement?.at = before
      return [record]
    },
    Tampering("the override is removed from a plan", .freezeBroken, by: "freezes") { trail, shop in
      let override = try await trail.append([shop.pay.override("1.2.0")]).entries[0].digest.description
      var record = try shop.pay.planned("1.2.0", override: override)
      record.override = nil
      try await trail.append([record])
    },
    Tampering("an override is invented", .overrideUnknown, by: "freezes") { shop in
      [try shop.pay.planned("1.2.0", override: Digest(of: [7]).description)]
    },
    Tampering("an override serves twice", .overrideUnknown, by: "freezes") { trail, shop in
      let override = try await trail.append([shop.pay.override("1.2.0")]).entries[0].digest.description
      try await trail.append([shop.pay.planned("1.2.0", override: override), shop.pay.ended(.aborted)])
      try await trail.append([shop.pay.planned("1.3.0", override: override)])
    },
    Tampering("an override is named and no freeze holds", .overrideNeedless, by: "freezes") { trail, shop in
      let override = try await trail.append([shop.web.override("9.0.0")]).entries[0].digest.description
      try await trail.append([shop.web.planned("9.0.0", override: override)])
    },
    Tampering("a bake is shorter than the floor", .floorBroken, by: "plan-policy") { shop in
      [try shop.web.planned("9.0.0") { $0.bake.durationMs = 1000 }]
    },
    Tampering("a gate is dropped that no plan may drop", .floorBroken, by: "plan-policy") { shop in
      [try shop.web.planned("9.0.0") { $0.smoke.checks = [] }]
    },
    Tampering("a plan goes to a namespace that it must not touch", .namespaceForbidden, by: "plan-policy") { shop in
      [try shop.web.planned("9.0.0") { $0.namespace = "kube-system" }]
    },
    Tampering("an approval is removed from a plan", .recordInconsistent, by: "record-consistency") { shop in
      var record = try shop.web.planned("9.0.0")
      record.approval = nil
      return [record]
    },
    Tampering(
      "the line of an approval is removed from a message", .trailersDiffer, by: "commit-words",
      git: "git filter-branch -f --msg-filter 'sed /^Approval:/d' HEAD~1.. >/dev/null; publish HEAD"),
    Tampering("a journal without a seal tells of steps", .stepsClaimed, by: "claimed-steps") { shop in
      let plan = try shop.web.planned("9.0.0")
      var outcome = try shop.web.ended(.promoted)
      (outcome.claimed, outcome.steps) = (outcome.steps, [])
      return [plan, outcome]
    },
    Tampering("tags are deleted, which the bot saw", .tagsDeleted, by: "deleted-tags") { shop in
      var record = shop.web.record(.deleted, nil)
      record.tags = [shop.web.tag("1.0.0")]
      return [record]
    },
  ]

  // MARK: Drift

  static let drift: [Tampering] = [
    Tampering("what was found is taken out of a report of drift", .recordInconsistent, by: "record-consistency") { shop in
      var record = shop.web.drifted()
      record.drift = nil
      return [record]
    },
    Tampering("drift ends that nobody reported", .recordInconsistent, by: "record-consistency") { shop in [shop.web.drifted([])] },
    Tampering("drift is reported twice", .recordInconsistent, by: "record-consistency") { shop in
      [shop.web.drifted(), shop.web.drifted()]
    },
    Tampering("drift was seen before it was there", .recordInconsistent, by: "record-consistency") { shop in
      [shop.web.drifted(since: -60)]
    },
    Tampering("a report of drift counts what it does not tell", .recordInconsistent, by: "record-consistency") { shop in
      var record = shop.web.drifted()
      record.drift?.more = 3
      return [record]
    },
    Tampering("a report of drift decides something", .recordInconsistent, by: "record-consistency") { shop in
      var record = shop.web.drifted()
      record.conclusion = shop.web.moved(.settled, to: .green, version: "1.4.0").conclusion
      record.rollout = record.conclusion?.rollout
      return [record]
    },
    Tampering("another event tells of drift", .recordInconsistent, by: "record-consistency") { shop in
      var record = try shop.web.retry("1.4.0")
      record.drift = shop.web.drifted().drift
      return [record]
    },
  ]

  // MARK: Tags, judged again

  static let judged: [Tampering] = [
    Tampering("a lightweight tag is let through", .tagRequirementBroken, by: "tag-policy") { shop in
      shop.web.objects[TagBytes.lightweight.id] = .lightweight
      return [try shop.web.planned("9.0.0", object: TagBytes.lightweight.id)]
    },
    Tampering("a tag that nobody signed is let through", .tagRequirementBroken, by: "tag-policy") { shop in
      [try shop.web.plannedAsMade("9.0.0", by: nil)]
    },
    Tampering("a tag that the wrong person signed is let through", .tagRequirementBroken, by: "tag-policy") { shop in
      var record = try shop.web.plannedAsMade("9.0.0", by: House.eve)
      record.tag?.signature = House.ada.signature
      return [record]
    },
    Tampering("a record names a signer who never signed", .tagSignerMismatch, by: "tag-policy") { shop in
      var record = try shop.web.planned("9.0.0")
      record.tag?.signature = House.bob.signature
      return [record]
    },
    Tampering("a signer is named where nobody asked", .tagSignerMismatch, by: "tag-policy") { shop in
      var record = try shop.api.planned("9.0.0")
      record.tag?.signature = House.ada.signature
      return [record]
    },
    Tampering("a retry says that its tag was signed", .tagSignerMismatch, by: "tag-policy") { shop in
      var record = try shop.web.retry("1.4.0")
      record.tag?.signature = House.ada.signature
      return [record]
    },
    Tampering("an outcome names another signer than its plan", .outcomeDiffers, by: "plan-then-outcome") { shop in
      let plan = try shop.web.planned("9.0.0")
      var outcome = try shop.web.ended(.promoted)
      outcome.tag?.signature = House.bob.signature
      return [plan, outcome]
    },
    Tampering("a tag was judged by another file than is shown", .tagJudgementMismatch, by: "tag-policy") { shop in
      var record = try shop.web.planned("9.0.0")
      record.tag?.judgement?.signers = Digest(of: House.eve.allowed("git").utf8)
      return [record]
    },
    Tampering("a tag was judged without what was taken back", .tagJudgementMismatch, by: "tag-policy") { shop in
      var record = try shop.web.planned("9.0.0")
      record.tag?.judgement?.revoked = nil
      record.exhibits.removeAll { $0.kind == .revoked }
      return [record]
    },
    Tampering("a tag was judged when its key was still good", .tagJudgementMismatch, by: "tag-policy") { shop in
      var record = try shop.web.planned("9.0.0")
      record.tag?.judgement?.at = Timestamp(milliseconds: 1_767_000_000_000)
      record.steps = []
      return [record]
    },
    Tampering("a tag was verified at another time than it was judged", .tagJudgementMismatch, by: "tag-policy") { shop in
      var record = try shop.web.planned("9.0.0")
      record.steps[0].startedAt = shop.web.now + .seconds(-60)
      return [record]
    },
    Tampering("a tag that has to be judged was not", .tagJudgementMismatch, by: "tag-policy") { shop in
      var record = try shop.web.planned("9.0.0")
      record.tag?.judgement = nil
      record.tag?.signature = nil
      return [record]
    },
    Tampering("a tag was judged by files of nonsense", .tagJudgementMismatch, by: "tag-policy") { shop in
      shop.web.house.files[.signers] = "nonsense"
      var record = shop.web.refused("9.0.0")
      record.exhibits += [shop.web.house.exhibit(.signers), shop.web.house.exhibit(.revoked)]
      record.tag?.judgement = TagJudgement(
        at: shop.web.now, signers: shop.web.house.exhibit(.signers).digest, revoked: shop.web.house.exhibit(.revoked).digest)
      return [record]
    },
    Tampering("a tag is refused for a signature that counts", .tagRefusalMismatch, by: "tag-policy") { shop in
      var record = try shop.web.refusedAsSigned("9.0.0", by: House.ada)
      record.tag?.signature = nil
      record.reason = "the signature of tag web/v9.0.0 does not count: key SHA256:x is not listed in signers"
      return [record]
    },
    Tampering("a tag whose signature does not count is refused for something else", .tagRefusalMismatch, by: "tag-policy") { shop in
      var record = try shop.web.refusedAsSigned("9.0.0", by: House.eve)
      record.reason = "the API server would refuse it"
      return [record]
    },
    Tampering("a signature cannot be judged here", .tagNotJudged, by: "tag-policy") { shop in
      shop.web.house = shop.web.house.replacing("signers: keys/signers, revoked: keys/revoked", with: "keyring: keys/keyring")
      shop.web.house.files[.keyring] = "no keys"
      let made = TagBytes.made(
        "web/v9.0.0", of: String(repeating: "c", count: 40),
        "Web\n-----BEGIN PGP SIGNATURE-----\n\nnonsense\n-----END PGP SIGNATURE-----", by: nil)
      shop.web.objects[made.id] = made
      var record = shop.web.refused("9.0.0", object: made.id)
      record.exhibits.append(shop.web.house.exhibit(.keyring))
      record.tag?.judgement = TagJudgement(at: shop.web.now, keyring: shop.web.house.exhibit(.keyring).digest)
      return [record]
    },
  ]

  // MARK: The auditor's own keys

  static let trust: [Tampering] = [
    Tampering(
      "who tagged is nobody whom the auditor named", .tagSignerUnknown, by: "known-signers", judge: Signed(by: { _ in false })
    ) { _, _ in },
    Tampering(
      "who asked is nobody whom the auditor named", .operatorUnknown, by: "known-signers", judge: Signed(by: { $0 == "git" })
    ) { _, _ in },
  ]
}

extension Chronicle {
  /// A plan of a tag that somebody else signed, or nobody.
  mutating func plannedAsMade(_ version: String, by signer: House.Person?) throws -> AuditRecord {
    let bytes = made(version, by: signer)
    objects[bytes.id] = bytes
    return try planned(version, object: bytes.id)
  }
}
