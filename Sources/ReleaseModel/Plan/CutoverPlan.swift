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
  /// The images that the color's containers will run, sorted: with their digests, where registries were asked.
  package var images: [String]
  /// By digest of an image that a registry resolved: digests that pods may report instead of it (an index's manifests, a manifest's
  /// configuration). Nil where no registry was asked.
  package var imageParts: [String: [Digest]]?
  @Indirect package var settings: ServicePlan
  package var sources: SourceDigests

  package init(
    installation: String, cluster: String, tag: ReleaseTag, commit: String, from: Color?, fromVersion: Version?, to: Color, attempt: String,
    environment: Environment, imageParts: [String: [Digest]]? = nil, settings: ServicePlan, sources: SourceDigests
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
    self.imageParts = imageParts
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

  /// What containers name → what they run, by which the same objects can be rendered once more without asking anybody.
  package var pins: [String: String] {
    var pins: [String: String] = [:]
    for image in images {
      guard var reference = ImageReference(image), reference.digest != nil else { continue }
      reference.digest = nil
      // Where an image stands there without a digest too, it is meant to stay so.
      if !images.contains(reference.description) { pins[reference.description] = image }
    }
    return pins
  }

  /// SHA-256 of the canonical JSON.
  package var digest: Digest {
    get throws { try Digest(of: CanonicalJSON.bytes(of: self)) }
  }
}
