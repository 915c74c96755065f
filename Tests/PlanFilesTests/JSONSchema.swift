import FoundationEssentials
import Glibc
import KubernetesModel
import TestSupport

/// The published schemas, read by us and judged by Python's jsonschema.
enum JSONSchema {
  enum Kind: String, CaseIterable {
    case settings = "settings-v1"
    case cutover = "cutover-v1"
    case catalog = "catalog-v1"
  }

  static func document(_ kind: Kind) throws -> JSON { try JSON(parsing: Samples.bytes("config/schemas/\(kind.rawValue).json")) }

  /// The keys of each object of a schema, by the name that it hangs under; the elements of a list have the list's name.
  static func keys(_ kind: Kind) throws -> [String: [Set<String>]] {
    let whole = try document(kind)
    var found: [String: [Set<String>]] = [:]
    try collect(whole, "", whole, &found)
    return found
  }

  private static func collect(_ schema: JSON, _ name: String, _ whole: JSON, _ found: inout [String: [Set<String>]]) throws {
    if let reference = schema["$ref"]?.string {
      // Another file is compared by itself.
      guard reference.hasPrefix("#/$defs/"), let target = whole["$defs", String(reference.dropFirst(8))] else { return }
      return try collect(target, name, whole, &found)
    }
    if let properties = schema["properties"]?.object {
      found[name, default: []].append(Set(properties.keys))
      for (key, inner) in properties { try collect(inner, key, whole, &found) }
    }
    for inner in schema["oneOf"]?.array ?? [] { try collect(inner, name, whole, &found) }
    if let items = schema["items"] { try collect(items, name, whole, &found) }
  }

  /// What the real tool says of each text; an empty string where it is valid.
  static func verdicts(_ texts: [(kind: Kind, yaml: String)]) async throws -> [String] {
    let folder = "/tmp/tagflip-schema-\(getpid())-\(UInt32.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let input = JSON.array(texts.map { ["schema": .string($0.kind.rawValue), "yaml": .string($0.yaml)] })
    for (name, bytes) in [("check.py", Array(script.utf8)), ("in.json", input.bytes)] {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    let command =
      "/usr/bin/python3 '\(folder)/check.py' '\(Samples.top)config/schemas' '\(folder)' >'\(folder)/log' 2>&1; touch '\(folder)/end'"
    // In the background: a shell that is waited for would hold one of the few threads that all tests share.
    try Shell("{ \(command); } >/dev/null &").close()
    let deadline = ContinuousClock.now + .seconds(120)
    while !FileManager.default.fileExists(atPath: "\(folder)/end"), .now < deadline { try await Task.sleep(for: .milliseconds(20)) }
    guard let output = FileManager.default.contents(atPath: "\(folder)/out.json") else {
      throw ToolFailure(log: String(decoding: FileManager.default.contents(atPath: "\(folder)/log") ?? Data(), as: UTF8.self))
    }
    return (try JSON(parsing: Array(output)).array ?? []).compactMap(\.string)
  }

  struct ToolFailure: Error { var log: String }

  private static let script = """
    import json, os, sys
    import jsonschema, yaml
    schemas = {}
    for name in os.listdir(sys.argv[1]):
        with open(os.path.join(sys.argv[1], name)) as file:
            schema = json.load(file)
        schemas[schema["$id"]] = schema
    def verdict(case):
        schema = schemas["https://tagflip.dev/schemas/" + case["schema"] + ".json"]
        jsonschema.Draft202012Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(schema["$id"], schema, store=schemas)
        validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
        error = jsonschema.exceptions.best_match(validator.iter_errors(yaml.safe_load(case["yaml"])))
        return "" if error is None else "%s: %s" % (error.json_path, error.message)
    with open(os.path.join(sys.argv[2], "in.json")) as file:
        cases = json.load(file)
    with open(os.path.join(sys.argv[2], "out.json"), "w") as file:
        json.dump([verdict(case) for case in cases], file)
    """
}
