import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Yams

/// YAML text as nodes that know their places.
enum YAMLText {
  /// The longest file that is read, in bytes.
  static let longest = 1 << 20

  /// The documents of a file; empty ones are left out.
  static func documents(_ bytes: [UInt8], file: String, attempted: String) throws(PortError) -> [Node] {
    func fault(_ reason: String, _ line: Int? = nil, _ column: Int? = nil) -> PortError {
      PortError(.configuration, attempted: attempted, reason: reason, location: SourceLocation(file: file, line: line, column: column))
    }
    guard bytes.count <= longest else { throw fault("the file is longer than \(longest) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("the file is not UTF-8") }
    do {
      try YAMLMeasure.check(text)
      var nodes: [Node] = []
      // Not `compose_all`: its sequence ends without a word where the text goes wrong.
      let parser = try Parser(yaml: text)
      while let node = try parser.nextRoot() { if node.null == nil { nodes.append(node) } }
      return nodes
    } catch let error as YAMLMeasure.Fault {
      throw fault(error.reason, error.mark?.line, error.mark?.column)
    } catch let error as YamlError {
      let (reason, line, column) = describe(error)
      throw fault("not valid YAML: \(reason)", line, column)
    } catch {
      throw fault("not valid YAML: \(error)")
    }
  }

  private static func describe(_ error: YamlError) -> (String, Int?, Int?) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
      return (problem, mark.line, mark.column)
    case .duplicatedKeysInMapping(let duplicates, let context):
      return (
        "a key stands twice: \(duplicates.map(\.description).sorted().joined(separator: ", "))", context.mark.line, context.mark.column
      )
    default: return (PlainText.line("\(error)", longest: 200), nil, nil)
    }
  }
}

extension Node {
  /// Where the node begins.
  func location(in file: String) -> SourceLocation {
    SourceLocation(file: file, line: mark?.line, column: mark?.column)
  }

  /// The node's value as Kubernetes' YAML readers take it: plain `yes` and `on` are booleans (YAML 1.1).
  var json: JSON {
    switch self {
    case .mapping(let mapping):
      return .object(Dictionary(mapping.map { ($0.key.scalarText, $0.value.json) }) { _, last in last })
    case .sequence(let sequence): return .array(sequence.map(\.json))
    case .scalar(let scalar): return scalar.style == .plain ? plain(scalar.string) : .string(scalar.string)
    case .alias: return .null
    }
  }

  private func plain(_ text: String) -> JSON {
    if null != nil { return .null }
    if let bool = bool { return .bool(bool) }
    if text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2B }), let int = Int64(text) { return .int(int) }
    if text.contains(where: \.isNumber), !text.contains(":"), let double = float, double.isFinite { return .double(double) }
    return .string(text)
  }

  fileprivate var scalarText: String { scalar?.string ?? "" }
}
