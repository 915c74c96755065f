import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip doctor`
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Whether everything that a run needs is there, and what to do where it is not.",
    discussion: """
      Looks at settings, keys, the release repo, the audit branch and the right to push it, the cluster, its clock, each right that is needed, and
      each service's plan and active Service. Changes nothing. Exit codes: 0 nothing is in the way, 30 something is, or
      could not be looked at.
      """)

  @OptionGroup var shared: SharedOptions

  func run() async throws {
    let composition: Composition
    do throws(PortError) {
      composition = try Composition(shared)
    } catch {
      throw CommandFailure(error, shared)
    }
    let access = Result { () throws(PortError) in try composition.access() }
    let hasCluster = (try? access.get()) != nil
    let diagnoses = try await Session(shared).perform(asksCluster: hasCluster) { installation throws(PortError) in
      await composition.doctor(installation, access).examine()
    }
    TextOutput.standard.result(DoctorText(diagnoses: diagnoses), as: shared.output)
    // Unknown is not success.
    if diagnoses.contains(where: { $0.verdict == .failed || $0.verdict == .unknown }) { throw CommandFailure(.configuration) }
  }
}
