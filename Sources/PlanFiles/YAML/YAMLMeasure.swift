import Yams

/// Measures what a YAML text would unfold to, before anything unfolds.
///
/// Aliases multiply: ten lines can stand for more values than memory holds, or for nesting deeper than the stack. So the text is composed
/// first with every alias as a plain word, which cannot grow, and sizes and depths are added up from that.
struct YAMLMeasure {
  /// How many values a file may unfold to.
  static let mostValues = 100_000
  /// How deep they may be nested. Manifests need some twenty levels.
  static let deepest = 100
  /// Stands for the `*` of an alias: a private character, printable by YAML 1.1 and of the same width, so that places stay true.
  private static let mark: Unicode.Scalar = "\u{E000}"

  /// Why a text is not to be composed, and where.
  struct Fault: Error {
    var reason: String
    var mark: Mark?
  }

  private struct Extent {
    var values = 1
    var depth = 1
  }

  /// The extents of what anchors name so far, by name.
  private var anchors: [String: Extent] = [:]

  /// - Throws: `Fault` where the text unfolds too far, or has keys that are no texts; `YamlError` where it is no YAML.
  static func check(_ text: String) throws {
    // The parser holds the anchors that its nodes name weakly.
    let parser = try Parser(yaml: withoutAliases(text))
    var (measure, total) = (YAMLMeasure(), 0)
    while let node = try parser.nextRoot() {
      total += try measure.extent(node, depth: 1).values
      guard total <= mostValues else { throw tooMany(node) }
    }
  }

  /// The text with its aliases, and whatever else looks like one, as plain words.
  private static func withoutAliases(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "*")) else { return text }
    var result = String.UnicodeScalarView()
    for (scalar, next) in zip(text.unicodeScalars, text.unicodeScalars.dropFirst().map(Optional.init) + [nil]) {
      result.append(scalar == "*" && next.map(isName) ?? false ? mark : scalar)
    }
    return String(result)
  }

  private static func isName(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_" || scalar == "-")
  }

  private static func tooMany(_ node: Node) -> Fault {
    Fault(reason: "the file unfolds to more than \(mostValues) values (aliases of aliases?)", mark: node.mark)
  }

  private mutating func extent(_ node: Node, depth: Int) throws -> Extent {
    guard depth <= Self.deepest else { throw tooDeep(node) }
    var extent = Extent()
    switch node {
    case .scalar(let scalar): if let name = alias(scalar) { extent = anchors[name] ?? extent }
    case .sequence(let sequence): for element in sequence { try add(element, to: &extent, depth) }
    case .mapping(let mapping):
      for (key, value) in mapping {
        try checkKey(key)
        try add(key, to: &extent, depth)
        try add(value, to: &extent, depth)
      }
    case .alias: break
    }
    guard extent.values <= Self.mostValues else { throw Self.tooMany(node) }
    guard depth + extent.depth - 1 <= Self.deepest else { throw tooDeep(node) }
    if let anchor = node.anchor { anchors[anchor.rawValue] = extent }
    return extent
  }

  private mutating func add(_ child: Node, to extent: inout Extent, _ depth: Int) throws {
    let inner = try self.extent(child, depth: depth + 1)
    extent.values += inner.values
    extent.depth = max(extent.depth, inner.depth + 1)
    guard extent.values <= Self.mostValues else { throw Self.tooMany(child) }
  }

  /// The anchor that an alias names; nil for what is none.
  private func alias(_ scalar: Node.Scalar) -> String? {
    guard scalar.style == .plain, scalar.string.unicodeScalars.first == Self.mark else { return nil }
    return String(scalar.string.unicodeScalars.dropFirst())
  }

  private func checkKey(_ key: Node) throws {
    guard let scalar = key.scalar, alias(scalar) == nil else { throw Fault(reason: "a key must be a text", mark: key.mark) }
    if scalar.string == "<<", scalar.style == .plain {
      throw Fault(reason: "merge keys (<<) are not supported: write the values out", mark: key.mark)
    }
  }

  private func tooDeep(_ node: Node) -> Fault {
    Fault(reason: "values are nested deeper than \(Self.deepest) levels", mark: node.mark)
  }
}
