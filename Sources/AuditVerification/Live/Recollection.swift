import AuditTrail
import GitStore
import ReleaseModel

/// Tells a witness of the records that a checkpoint covers: they are not verified again, and what they left in the cluster still stands.
struct Recollection {
  let files: TreeFiles
  /// The commit that the checkpoint names.
  let commit: ObjectID

  func tell(_ witness: any TrailWitness, of services: [String: ServiceState]) throws(GitError) {
    for (name, state) in services.sorted(by: { $0.key < $1.key }) {
      guard let service = ServiceName(name) else { continue }
      let first = witness.hearsAll ? 1 : try start(service, state.head.sequence)
      for sequence in first..<max(first, state.head.sequence + 1) {
        guard let record = try files.record(sequence, of: service) else { continue }
        witness.hear(record, at: RecordAddress(commit: commit, path: AuditTree.record(service, sequence)))
      }
    }
  }

  /// Users, and what stands by, are on what was brought live last in each color: nothing before that counts any more.
  private func start(_ service: ServiceName, _ last: Int) throws(GitError) -> Int {
    var made: Set<Color> = []
    for sequence in stride(from: last, to: 0, by: -1) {
      guard let conclusion = try files.record(sequence, of: service)?.conclusion, conclusion.bringsLive, let color = conclusion.to else {
        continue
      }
      made.insert(color)
      if made.count == Color.allCases.count { return sequence }
    }
    return 1
  }
}
