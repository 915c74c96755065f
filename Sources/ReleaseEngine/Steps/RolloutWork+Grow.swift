import ReleaseModel

// A color that was built at preview size gets the size that it needs just before users come.
extension RolloutWork {
  /// Scales the new color to the size that what runs now has at this instant, and waits until every pod is ready.
  ///
  /// It follows smoke, and approval, and precedes the flip, which looks once more. The size enters the journal first. A run that is killed
  /// here is followed by one that deploys and smoke-tests again: what was grown stays grown, since an apply makes nothing smaller.
  mutating func grow(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let open = try open
    let sizes = try await fullSizes(plan)
    let mark = try await begin(.deploy, "\(plan.to) from \(open.plan.settings.previewSizes(sizes).pods) to \(sizes.pods) pods")
    try await note { $0.sizes = sizes }
    let standing = try await look()
    guard case .before = standing else {
      try await end(mark, .unknown, "the Service changed meanwhile")
      return .changed(standing)
    }
    let planned: PlannedImages
    do throws(PortError) {
      planned = PlannedImages(of: try await renderedEnvironment(open), parts: plan.imageParts)
      try await ports.environments.resize(plan.to, target: target, sizes: sizes, asOf: seen.marker.fence)
    } catch  where error.isVerdictOnRelease {
      return try await fail(mark, error.description)
    } catch  where error.kind == .conflict {
      // Whoever raised the fence, or moved the Service, since it was looked at decides what becomes of it.
      let standing = try await look()
      if case .before = standing { throw error }
      try await end(mark, .unknown, "the Service changed meanwhile")
      return .changed(standing)
    }
    return try await waitUntilReady(plan, planned, mark, sizes: sizes)
  }

  /// What each Deployment needs: what this release asks for, else what users' color has now; never less than it has itself.
  private mutating func fullSizes(_ plan: CutoverPlan) async throws(PortError) -> [String: Int] {
    let environment = try await renderedEnvironment(try open)
    let run = ServiceRun(installation: installation, target: target, deadline: deadline, actor: actor)
    let parity = try await run.sizes(environment, from: plan.from, live: journal.journal?.live)
    let present = try await ports.colors.observe(plan.to, target: target).sizes
    return parity.merging(present.filter { parity[$0.key] != nil }, uniquingKeysWith: max)
  }
}

extension ColorObservation {
  /// Whether each Deployment named wants at least so many pods.
  func hasSizes(_ wanted: [String: Int]) -> Bool {
    let sizes = sizes
    return wanted.allSatisfy { sizes[$0.key] ?? 0 >= $0.value }
  }
}

extension [String: Int] {
  /// The pods of all Deployments together.
  fileprivate var pods: Int { values.reduce(0, +) }
}
