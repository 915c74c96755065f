import ReleaseEngine
import ReleaseModel

/// What is wrong with some files, gathered so that a person sees all of it at once.
final class Problems {
  private(set) var all: [PortError] = []
  let attempted: String

  init(attempted: String) { self.attempted = attempted }

  func add(_ reason: String, at location: SourceLocation?, hint: String? = nil) {
    all.append(PortError(.configuration, attempted: attempted, reason: reason, hint: hint, location: location))
  }

  /// - Throws: the first problem, with the others named in its reason; the first ones may be left out.
  func throwIfAny(after known: Int = 0) throws(PortError) {
    let all = all.dropFirst(known)
    guard var first = all.first else { return }
    if all.count > 1 {
      let others = all.dropFirst().prefix(8).map { other in
        "\(other.location.map { "\($0): " } ?? "")\(other.reason)"
      }
      first.reason += "; also: " + others.joined(separator: "; ")
      if all.count > 9 { first.reason += "; and \(all.count - 9) more" }
    }
    throw first
  }
}
