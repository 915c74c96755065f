import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// A plan for people.
struct PlanText {
  let report: PlanPreview.Report

  var text: String {
    let plan = report.plan
    let settings = plan.settings
    var lines = [
      "\(plan.tag.service) \(plan.tag.version): \(plan.from?.rawValue ?? Marker.noColor) → \(plan.to) in namespace \(settings.namespace)",
      "  live        \(plan.fromVersion?.text ?? "nothing yet")", "  tag         \(plan.tag.name) at \(plan.commit.prefix(12))",
    ]
    for workload in report.environment.workloads {
      let size = report.sizes[workload.name].map { "\($0) pods" } ?? "size of what runs now"
      lines.append("  \(workload.name)-\(plan.to)  \(size), \(workload.images.joined(separator: ", "))")
    }
    lines.append("  objects     " + plan.objects.map { "\($0.kind.split(separator: "/").last ?? "") \($0.name)" }.joined(separator: ", "))
    lines.append("  smoke       \(settings.smoke.checks.map(\.name).joined(separator: ", "))")
    lines.append(
      "  bake        \(Duration.milliseconds(settings.bake.durationMs).words), at most \(Int((settings.bake.failureRate * 100).rounded())) % failed"
    )
    lines.append("  standby     warm for \(Duration.milliseconds(settings.standby.warmMs).words)")
    if let room = report.headroom { lines.append("  headroom    \(room.detail)") }
    if let difference = report.dryRun?.difference, !difference.isEmpty {
      lines.append("")
      lines += difference
    }
    lines += report.unchecked.map { "not checked: \($0)" }
    lines += report.objections.map { "would be refused: \($0)" }
    return lines.joined(separator: "\n")
  }

  var json: JSON {
    let plan = (try? CanonicalJSON.bytes(of: report.plan)).flatMap { try? JSON(parsing: $0) } ?? .null
    return [
      "plan": plan, "objects": .array(report.environment.objects.compactMap { try? JSON(parsing: $0.bytes) }.map(Self.withoutSecrets)),
      "sizes": .object(report.sizes.mapValues { .int(Int64($0)) }), "objections": .array(report.objections.map { .string($0) }),
      "unchecked": .array(report.unchecked.map { .string($0) }),
      "difference": .array((report.dryRun?.difference ?? []).map { .string($0) }),
    ]
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
