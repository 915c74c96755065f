package import Digests

/// What one rollout will do, committed before it does it.
///
/// Covers what was decided and nothing that was observed, so that the same decision has the same digest tomorrow; the attempt sets two
/// decisions on the same version apart.
package struct CutoverPlan: Sendable, Hashable, Codable {
  package var installation: String
  package var cluster: String
  @Indirect package var tag: ReleaseTag
  /// The commit that the tag names, in hexadecimal.
  package var commit: String
  /// The color that users are on; nil for a first release.
  package var from: Color?
  package var fromVersion: Version?
  package var to: Color
  /// `first`, or the digest of the retry's record that this rollout follows.
  package var attempt: String
  package var objects: [PlannedObject]
  /// The images that the color's containers will run, sorted.
  package var images: [String]
  @Indirect package var settings: ServicePlan
  package var sources: SourceDigests

  package init(
    installation: String, cluster: String, tag: ReleaseTag, commit: String, from: Color?, fromVersion: Version?, to: Color, attempt: String,
    environment: Environment, settings: ServicePlan, sources: SourceDigests
  ) {
    self.installation = installation
    self.cluster = cluster
    self.tag = tag
    self.commit = commit
    self.from = from
    self.fromVersion = fromVersion
    self.to = to
    self.attempt = attempt
    self.objects = environment.objects.map { PlannedObject(kind: $0.kind, name: $0.name, digest: $0.digest) }
    self.images = Set(environment.workloads.flatMap(\.images)).sorted()
    self.settings = settings
    self.sources = sources
  }

  /// The attempt of a version that no retry asked for.
  package static let firstAttempt = "first"

  package struct PlannedObject: Sendable, Hashable, Codable {
    package var kind: String
    package var name: String
    package var digest: Digest
  }

  /// SHA-256 of the canonical JSON.
  package var digest: Digest {
    get throws { try Digest(of: CanonicalJSON.bytes(of: self)) }
  }
}
