import Digests
import ReleaseEngine
import ReleaseModel
import Synchronization

/// A registry in memory: what it has, and how it answers.
final class SimulatedRegistry: ImageResolver {
  struct State: Sendable {
    /// Images by reference; others are not there.
    var images: [String: ResolvedImage] = [:]
    /// What it says instead.
    var denial: PortError?
    var failure: PortError?
  }

  private let tap: PortTap
  private let state = Mutex(State())

  init(tap: PortTap) { self.tap = tap }

  func edit(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

  /// A build that ends: `docker push`.
  func push(_ version: String, _ image: ResolvedImage? = nil) {
    edit { $0.images["registry.example/web:\(version)"] = image ?? SimulatedRegistry.image(version) }
  }

  /// An index of two platforms.
  static func image(_ version: String) -> ResolvedImage {
    ResolvedImage(
      digest: Digest(of: Array("index \(version)".utf8)),
      parts: ["amd64", "arm64"].map { Digest(of: Array("\($0) \(version)".utf8)) }.sorted { $0.hex < $1.hex })
  }

  func resolve(_ image: ImageReference, secrets: [PullSecret], namespace: String) async throws(PortError) -> ImageAnswer {
    try await tap.pass("images.resolve") { [self] () throws(PortError) in
      let state = state.withLock { $0 }
      if let failure = state.failure { throw failure }
      if let denial = state.denial { return .denied(denial) }
      return state.images[image.description].map(ImageAnswer.found)
        ?? .absent(registry: "registry.example", words: "MANIFEST_UNKNOWN: manifest unknown")
    }
  }
}
