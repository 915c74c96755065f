package import Digests

/// An image as its registry has it: what a tag stood for when it was asked.
package struct ResolvedImage: Sendable, Hashable {
  /// SHA-256 of its manifest or index.
  package var digest: Digest
  /// Digests that pods may report instead, sorted: the manifests of an index, the configuration of a manifest.
  package var parts: [Digest]

  package init(digest: Digest, parts: [Digest]) {
    self.digest = digest
    self.parts = parts
  }
}
