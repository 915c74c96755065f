import Signatures

/// A tag object's own bytes, taken apart: what plain Git signs, shows and hashes, and nothing that a library made of it.
package struct TagHeader: Sendable, Hashable {
  package let target: ObjectID
  package let targetType: TagObject.TargetType
  /// The tag's own `tag` header, as bytes: a ref of another name that names this object is not what was tagged.
  package let name: [UInt8]
  /// Nil in tags written before Git recorded it.
  package let tagger: HeaderSignature?
  /// Names of the headers that follow, continuation lines left out.
  package let others: [String]
  /// The message without the signature, if any, at its end.
  package let message: [UInt8]

  /// Nil where the bytes are no tag as Git writes them.
  package init?(_ raw: [UInt8]) {
    var reader = HeaderReader(raw)
    guard let target = reader.value(of: "object").flatMap({ ObjectID(digits: $0) }),
      let type = reader.value(of: "type").flatMap({ TagObject.TargetType(rawValue: String(decoding: $0, as: UTF8.self)) }),
      let name = reader.value(of: "tag"), !name.isEmpty
    else { return nil }
    let line = reader.value(of: "tagger")
    let tagger = line.flatMap(HeaderSignature.init)
    guard (line == nil) == (tagger == nil), let others = reader.remainingNames() else { return nil }
    let signature = SignedObject(tag: raw).signature?.count ?? 0
    self.target = target
    targetType = type
    self.name = Array(name)
    self.tagger = tagger
    self.others = others
    message = Array(reader.rest.dropLast(min(signature, reader.rest.count)))
  }
}
