package import ReleaseModel

/// The registries' port: which digest an image has now, if it is there.
package protocol ImageResolver: Sendable {
  /// What the image's registry says of it, asked anew each time and in a bounded time. It does not wait for an image to appear.
  ///
  /// - Parameters:
  ///   - secrets: by which the pods of the environment pull it, in their order.
  ///   - namespace: where those Secrets lie that the environment does not make.
  /// - Throws: what keeps the registry from answering (it is neither there nor absent then), and `invalid` for what is no image.
  func resolve(_ image: ImageReference, secrets: [PullSecret], namespace: String) async throws(PortError) -> ImageAnswer
}

/// What a registry says of an image.
package enum ImageAnswer: Sendable, Hashable {
  /// Nobody asks registries here: the image is what its name says.
  case asNamed
  case found(ResolvedImage)
  /// The registry has no such image, or not yet; in its words.
  case absent(registry: String, words: String)
  /// The registry wants other credentials, or must not be asked; the error says what to do.
  case denied(PortError)
}

/// `images: trusted`, and worlds without registries: images stay as they are named.
package struct TrustedImages: ImageResolver {
  package init() {}

  package func resolve(
    _ image: ImageReference, secrets: [PullSecret], namespace: String
  ) async throws(PortError) -> ImageAnswer { .asNamed }
}
