import Digests
import FoundationEssentials
import ReleaseModel

/// What the bytes of a manifest say, as far as pods are concerned (OCI image specification: image manifest, image index; Docker's image
/// manifest version 2, schema 2).
struct ManifestReading: Sendable {
  /// The media types of which pods can be made, for `Accept`.
  static let mediaTypes = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
  ]
  /// The most manifests that an index may list: the largest public ones have some twenty.
  static let mostManifests = 100

  /// SHA-256 of the bytes.
  let digest: Digest
  /// Digests that pods may report instead: an index's manifests, a manifest's configuration (the "image id").
  let parts: [Digest]

  /// - Throws: ``Objection`` in words.
  init(_ bytes: [UInt8]) throws(Objection) {
    digest = Digest(of: bytes)
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
      throw Objection(reason: "it is no JSON manifest")
    }
    if let manifests = document.manifests {
      guard manifests.count <= Self.mostManifests else {
        throw Objection(reason: "its index lists \(manifests.count) manifests, more than \(Self.mostManifests)")
      }
      parts = Set(manifests.filter(\.isPlatform).compactMap { Digest(parsing: $0.digest) }).sorted { $0.hex < $1.hex }
      if parts.isEmpty { throw Objection(reason: "its index lists no manifest that a pod could run") }
    } else if let config = document.config {
      guard let config = Digest(parsing: config.digest) else { throw Objection(reason: "its configuration has no SHA-256 digest") }
      parts = [config]
    } else {
      let version = document.schemaVersion.map { " (schema version \($0))" } ?? ""
      throw Objection(reason: "it is neither an index nor an image manifest\(version)")
    }
  }

  /// What keeps bytes from being an image.
  struct Objection: Error, Sendable, Hashable {
    var reason: String
  }

  private struct Document: Decodable {
    var schemaVersion: Int?
    var manifests: [Descriptor]?
    var config: Descriptor?
  }

  private struct Descriptor: Decodable {
    var digest: String
    var annotations: [String: String]?

    /// Build tools keep provenance beside the platforms' manifests, in manifests that nobody runs
    /// (https://docs.docker.com/build/metadata/attestations/attestation-storage/).
    var isPlatform: Bool { annotations?["vnd.docker.reference.type"] != "attestation-manifest" }
  }
}
