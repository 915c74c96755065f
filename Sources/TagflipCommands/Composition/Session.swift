import PlanFiles
import ReleaseEngine
import ReleaseModel

/// One command's work on an installation: composes it, ends it in good order when told to stop, and turns what goes wrong into words and an
/// exit code.
struct Session {
  private let shared: SharedOptions
  private let output: TextOutput

  init(_ shared: SharedOptions, output: TextOutput = .standard) {
    self.shared = shared
    self.output = output
  }

  func perform<Value: Sendable>(
    files: (any RepositoryFiles)? = nil, asksCluster: Bool = true, grace: Duration = .zero,
    _ body: @escaping @Sendable (Installation) async throws(PortError) -> Value
  ) async throws(CommandFailure) -> Value {
    let narrator = ConsoleNarrator(format: shared.log, output: output)
    do throws(PortError) {
      var installation = try Composition(shared).installation(narrator: narrator, files: files, asksCluster: asksCluster)
      let leases = HeldLeases(installation.ports.leases)
      installation.ports.leases = leases
      let result = await Termination.cancelling(
        grace: grace, notice: { narrator.tell(.remark(nil, "told to stop, and stopping; told once more it leaves at once")) }
      ) { [installation] in await Self.result { () throws(PortError) in try await body(installation) } }
      if SignalFlag.shared.isRaised { await leases.giveUp(within: .seconds(5)) }
      narrator.finish()
      return try result.get()
    } catch {
      throw CommandFailure(error, shared)
    }
  }

  private static func result<Value>(_ body: () async throws(PortError) -> Value) async -> Result<Value, PortError> {
    do throws(PortError) {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
