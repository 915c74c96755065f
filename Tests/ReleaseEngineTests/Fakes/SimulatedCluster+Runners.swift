import ReleaseEngine
import ReleaseModel
import Synchronization

extension SimulatedCluster: Runners {
  func runners(_ color: Color, target: ServiceTarget) async throws(PortError) -> RunnersObservation {
    try await tap.pass("runners.read") { [self] in
      state.withLock { state in
        guard let held = state.colors[target.service]?[color] else { return RunnersObservation() }
        let script = held.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
        var found = RunnersObservation()
        if let runner = held.runner {
          var seen = Runner(title: "Deployment worker-\(color)", isHeld: runner.startedAt == nil, handed: runner.handed)
          seen.isSchedule = script.consumerIsSchedule
          if isActing(runner) { seen.acting = ["Pod worker-\(color)-1"] }
          if let start = runner.startedAt, script.consumerIsBroken || clock.elapsed - start < script.startup {
            seen.complaint = "Deployment worker-\(color): 0 of 1 pods ready"
          }
          found.whenActive = [seen]
        }
        if let begun = held.jobAt {
          let isOver = clock.elapsed - begun >= script.job.takes
          found.jobs = [
            JobObservation(
              name: "migrate-\(color)",
              state: isOver ? script.job.fails ? .failed("BackoffLimitExceeded") : .succeeded : .running)
          ]
        }
        return found
      }
    }
  }

  private func isActing(_ runner: RunnerState) -> Bool { runner.startedAt != nil || clock.elapsed < runner.actsUntil }

  func hand(_ color: Color, isActive: Bool, for token: String, target: ServiceTarget, asOf fence: UInt64) async throws(PortError) {
    // The objects, and then the fence, are read before the writes are sent: those carry the resourceVersions alone.
    let asRead = self.color(color, of: target.service)?.runner?.version
    try demand(fence, target, "hand over in \(color)")
    try await tap.pass("runners.hand") { [self] () throws(PortError) in
      guard self.color(color, of: target.service)?.runner?.version == asRead else {
        if tap.isLanding { return }
        throw PortError(.conflict, attempted: "hand over in \(color)", reason: "somebody wrote meanwhile")
      }
      edit { state in
        guard var runner = state.colors[target.service]?[color]?.runner else { return }
        let script = state.colors[target.service]?[color]?.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
        if isActive, runner.startedAt == nil {
          if let other = state.colors[target.service]?[color.other]?.runner, isActing(other) {
            rules.broke("promise 1: what runs only when active was started in \(color) while it still acted in \(color.other)")
          }
          runner.startedAt = clock.elapsed
        } else if !isActive, runner.startedAt != nil {
          runner.startedAt = nil
          runner.actsUntil = clock.elapsed + script.consumerEnds
        }
        runner.handed = token
        runner.version += 1
        state.colors[target.service]?[color]?.runner = runner
      }
    }
  }
}
