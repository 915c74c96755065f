import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// A plan for people.
struct PlanText: ResultText {
  let report: PlanPreview.Report

  var text: String {
    let plan = report.plan
    let head =
      "\(plan.tag.service) \(plan.tag.version): \(plan.from?.rawValue ?? Marker.noColor) → \(plan.to) in namespace \(plan.settings.namespace)"
    return ([head] + table.map { "  \(NarrationText.padded($0.name, 9, left: false)) \($0.text)" } + remarks).joined(separator: "\n")
  }

  private var table: [(name: String, text: String)] {
    let plan = report.plan
    let settings = plan.settings
    let bake = "\(Duration.milliseconds(settings.bake.durationMs).words), at most \(Self.percent(settings.bake.failureRate)) failed"
    var rows = [
      ("live", plan.fromVersion?.text ?? "nothing yet"), ("tag", "\(plan.tag.name) \(Self.place(plan.commit))"),
    ]
    rows += report.environment.served.map { workload in
      let size = report.sizes[workload.name].map { Self.size($0, settings) } ?? "as many pods as run now"
      return ("pods", "\(workload.name)-\(plan.to): \(size) of \(workload.images.joined(separator: ", "))")
    }
    rows += (settings.runs ?? []).map { rule in
      let within = Duration.milliseconds(rule.runs == .whenActive ? settings.handOverMs : rule.withinMs).words
      return switch rule.runs {
      case .whenActive: ("runs", "\(rule.kind.rawValue) \(rule.name)-\(plan.to): only while users are on it, handed over within \(within)")
      case .beforeCutover: ("runs", "\(rule.kind.rawValue) \(rule.name)-\(plan.to): before its pods are started, within \(within)")
      }
    }
    rows += [
      ("objects", plan.objects.map { "\($0.kind.split(separator: "/").last ?? "") \($0.name)" }.joined(separator: ", ")),
      ("smoke", Self.list(settings.smoke.checks)), ("bake", "\(bake); \(Self.list(settings.bake.checks))"),
      ("standby", "warm for \(Duration.milliseconds(settings.standby.warmMs).words)"),
    ]
    if let words = Self.overlap(plan), let bake = rows.firstIndex(where: { $0.0 == "bake" }) {
      rows.insert(("cutover", words), at: bake)
    }
    if let room = report.headroom { rows.append(("headroom", room.detail)) }
    if let cost = report.doubling { rows.append(("doubling", "at most \(cost.words) (\(Duration.milliseconds(cost.ms).words))")) }
    return rows
  }

  private var remarks: [String] {
    let plan = report.plan
    var lines: [String] = []
    if let difference = report.dryRun?.difference, !difference.isEmpty { lines = [""] + difference }
    lines += report.remarks.map { "note: \($0)" }
    lines += report.waits.map { "waits: \($0)" }
    if let room = report.headroom {
      if plan.settings.headroom == .warn { lines += room.shortages.map { "note: no room: \($0); the release goes ahead (headroom: warn)" } }
      lines += room.cautions.map { "note: headroom: \($0)" }
    }
    lines += report.unchecked.map { "not checked: \($0)" }
    // The cluster's objections may pass, the files' make the tag be refused.
    lines += report.objections.map { "in the way: \($0)" }
    return lines
  }

  /// How users come to the new color, where that is not by one flip.
  private static func overlap(_ plan: CutoverPlan) -> String? {
    guard let overlapMs = plan.settings.overlapMs else { return nil }
    let words = "users reach both colors for \(Duration.milliseconds(overlapMs).words), then \(plan.to) alone"
    return plan.overlaps ? "not atomic: \(words)" : "one flip, where nothing is live yet; else not atomic: \(words)"
  }

  /// A commit, or what stands for one.
  private static func place(_ commit: String) -> String {
    commit.allSatisfy(\.isHexDigit) ? "at \(commit.prefix(12))" : "from \(commit)"
  }

  /// How many pods there will be, and how many of them before users come.
  private static func size(_ pods: Int, _ settings: ServicePlan) -> String {
    guard let preview = settings.previewReplicas, preview < pods else { return Count.words(pods, "pod") }
    return "\(Count.words(preview, "pod")) until smoke has passed, then \(pods)"
  }

  private static func list(_ checks: [HTTPCheck]) -> String {
    checks.isEmpty ? "no checks" : checks.map { $0.times > 1 ? "\($0.name) × \($0.times)" : $0.name }.joined(separator: ", ")
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }

  var json: JSON {
    let plan = (try? CanonicalJSON.bytes(of: report.plan)).flatMap { try? JSON(parsing: $0) } ?? .null
    return [
      "plan": plan, "objects": .array(report.environment.objects.compactMap { try? JSON(parsing: $0.bytes) }.map(Self.withoutSecrets)),
      "sizes": .object(report.sizes.mapValues { .int(Int64($0)) }), "objections": .array(report.objections.map { .string($0) }),
      "unchecked": .array(report.unchecked.map { .string($0) }), "waits": .array(report.waits.map { .string($0) }),
      "remarks": .array(report.remarks.map { .string($0) }),
      "headroom": report.headroom.map { .string($0.detail) } ?? .null,
      "doubling": report.doubling.map(Self.json) ?? .null,
      "cautions": .array((report.headroom?.cautions ?? []).map { .string($0) }),
      "difference": .array((report.dryRun?.difference ?? []).map { .string($0) }),
    ]
  }

  private static func json(_ cost: DoublingCost) -> JSON {
    (try? CanonicalJSON.bytes(of: cost.rounded)).flatMap { try? JSON(parsing: $0) } ?? .null
  }

  /// Secrets show which keys they have, never what is in them.
  private static func withoutSecrets(_ object: JSON) -> JSON {
    guard object["kind"] == "Secret" else { return object }
    var object = object
    for field in ["data", "stringData"] {
      if let values = object[field]?.object { object[field] = .object(values.mapValues { _ in "…" }) }
    }
    return object
  }
}
