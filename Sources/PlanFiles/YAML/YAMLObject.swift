import ReleaseEngine
import ReleaseModel
import Yams

/// One mapping of a YAML file, read key by key; a key that nobody knows is a problem.
struct YAMLObject {
  let file: String
  let node: Node
  let problems: Problems
  private let members: [String: (key: Node, value: Node)]

  /// The mapping at a node; a problem and an empty mapping where it is something else.
  init(_ node: Node, file: String, problems: Problems, known: [String], what: String) {
    self.file = file
    self.node = node
    self.problems = problems
    var members: [String: (key: Node, value: Node)] = [:]
    if let mapping = node.mapping {
      for (key, value) in mapping {
        let name = key.scalar?.string ?? ""
        members[name] = (key, value)
        if !known.contains(name) {
          // Looking for what was meant costs time, and after some nobody reads it.
          let hint = problems.all.count < 10 ? Spelling.hint(name, known) : nil
          problems.add(
            "unknown key \"\(PlainText.line(name, longest: 60))\" in \(what)", at: key.location(in: file), hint: hint)
        }
      }
    } else {
      problems.add("\(what) must be a mapping (key: value)", at: node.location(in: file))
    }
    self.members = members
  }

  func value(_ key: String) -> Node? { members[key]?.value }

  func location(_ key: String? = nil) -> SourceLocation {
    (key.flatMap { members[$0]?.value } ?? node).location(in: file)
  }
}

/// Mappings laid over each other: the first that has a key decides, lists are replaced as wholes.
struct LayeredObject {
  let layers: [YAMLObject]
  let problems: Problems

  init(_ layers: [YAMLObject], problems: Problems) {
    self.layers = layers
    self.problems = problems
  }

  /// The value of a key with the layer it comes from. A null says that the key is not set.
  func find(_ key: String) -> (value: Node, layer: YAMLObject)? {
    for layer in layers {
      if let value = layer.value(key), value.null == nil || value.scalar?.style != .plain { return (value, layer) }
    }
    return nil
  }

  /// The layers of a nested mapping.
  func nested(_ key: String, known: [String]) -> LayeredObject {
    let inner = layers.compactMap { layer in
      layer.value(key).map { YAMLObject($0, file: layer.file, problems: problems, known: known, what: key) }
    }
    return LayeredObject(inner, problems: problems)
  }

  func location(_ key: String) -> SourceLocation? {
    find(key).map { $0.value.location(in: $0.layer.file) } ?? layers.first?.location()
  }

  // MARK: Typed values

  func string(_ key: String) -> String? {
    read(key, "a text") { node in node.scalar.map(\.string) }
  }

  func bool(_ key: String) -> Bool? { read(key, "true or false") { node in node.bool } }

  func int(_ key: String, in range: ClosedRange<Int>) -> Int? {
    read(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { node in
      node.scalar.flatMap { Int($0.string) }.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A duration in milliseconds.
  func milliseconds(_ key: String) -> Int? {
    read(key, "a duration such as 30s, 5m, 1h30m or 250ms") { node in node.scalar.flatMap { DurationText.milliseconds($0.string) } }
  }

  /// A share, as 0.05 or `5%`.
  func rate(_ key: String) -> Double? {
    read(key, "a share such as 0.05 or 5%") { node in
      guard let text = node.scalar?.string else { return nil }
      let value = text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
      return value.flatMap { (0...1).contains($0) ? $0 : nil }
    }
  }

  func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) -> Value? where Value.RawValue == String {
    let names = Value.allCases.map(\.rawValue)
    return read(key, "one of " + names.joined(separator: ", ")) { node in node.scalar.flatMap { Value(rawValue: $0.string) } }
  }

  func strings(_ key: String) -> [String]? {
    read(key, "a list of texts") { node in
      guard let sequence = node.sequence else { return nil }
      let texts = sequence.compactMap { $0.scalar?.string }
      return texts.count == sequence.count ? texts : nil
    }
  }

  /// A mapping of texts.
  func texts(_ key: String) -> [String: String]? {
    read(key, "a mapping of texts") { node in
      guard let mapping = node.mapping else { return nil }
      var result: [String: String] = [:]
      for (key, value) in mapping {
        guard let name = key.scalar?.string, let text = value.scalar?.string else { return nil }
        result[name] = text
      }
      return result
    }
  }

  /// The elements of a list of mappings.
  func objects(_ key: String, known: [String], what: String) -> [YAMLObject]? {
    guard let (value, layer) = find(key) else { return nil }
    guard let sequence = value.sequence else {
      problems.add("\(key) must be a list", at: value.location(in: layer.file))
      return nil
    }
    return sequence.map { YAMLObject($0, file: layer.file, problems: problems, known: known, what: what) }
  }

  private func read<Value>(_ key: String, _ what: String, _ parse: (Node) -> Value?) -> Value? {
    guard let (value, layer) = find(key) else { return nil }
    guard let parsed = parse(value) else {
      let shown = value.scalar.map { " and not \"\(PlainText.line($0.string, longest: 60))\"" } ?? ""
      problems.add("\(key) must be \(what)\(shown)", at: value.location(in: layer.file))
      return nil
    }
    return parsed
  }
}
