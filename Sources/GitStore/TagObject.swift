import Signatures

/// What a tag ref names.
package enum TagTarget: Sendable, Hashable {
  /// The ref points at a commit itself: there is no tagger, no message and nothing that could be signed.
  case lightweight(commit: ObjectID)
  /// The ref points at a tag object.
  case annotated(TagObject)
}

/// An annotated tag as it is stored.
package struct TagObject: Sendable, Hashable {
  /// What kind of object a tag names.
  package enum TargetType: String, Sendable, Hashable {
    case commit, tree, blob, tag
  }

  package let id: ObjectID
  /// The tag's own `tag` header: a ref of another name that points here is not what was tagged.
  package let name: String
  package let target: ObjectID
  package let targetType: TargetType
  /// Nil in tags written before Git recorded it.
  package let tagger: Authorship?
  /// The message with the signature, if any, as its end.
  package let message: String
  /// The object's bytes, as its name was computed from.
  package let raw: [UInt8]
  private let parts: SignedObject

  init(id: ObjectID, name: String, target: ObjectID, targetType: TargetType, tagger: Authorship?, message: String, raw: [UInt8]) {
    self.id = id
    self.name = name
    self.target = target
    self.targetType = targetType
    self.tagger = tagger
    self.message = message
    self.raw = raw
    self.parts = SignedObject(tag: raw)
  }

  /// The armored signature; nil for an unsigned tag.
  package var signature: String? { parts.signature.map { String(decoding: $0, as: UTF8.self) } }

  /// The bytes a signature covers, by Git's own rule.
  package var signedBytes: [UInt8] { parts.payload }
}
