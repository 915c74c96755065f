import Digests
import FoundationEssentials
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// The published schema of records, judged by a validator that is not ours.
@Suite(.onOwnThread) struct RecordSchemaTests {
  static let validator = "/usr/lib/python3/dist-packages/jsonschema"
  static let schema = "\(#filePath.dropLast("/Tests/AuditTrailTests/RecordSchemaTests.swift".count))/config/schemas/record-v1.json"

  let bench: AuditBench
  let web = Samples("web")

  init() throws { bench = try AuditBench() }

  /// What the validator says of some JSON texts; empty where all are valid.
  private func verdict(_ texts: [String]) throws -> String {
    for (index, text) in texts.enumerated() { try bench.scratch.write("record-\(index)", text) }
    try bench.scratch.write(
      "validate.py",
      """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1]))
      jsonschema.Draft202012Validator.check_schema(schema)
      validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
      for number in range(int(sys.argv[2])):
          for error in validator.iter_errors(json.load(open("record-%d" % number))):
              print(number, error.json_path, error.message[:200])
      """)
    return try bench.scratch.sh("/usr/bin/python3 validate.py '\(Self.schema)' \(texts.count)")
  }

  /// The records of every event and outcome, as the branch keeps them.
  private func kept() async throws -> [String] {
    var records = try web.all()
    var unreached = web.refused("1.3.0-rc.1", attempt: Digest(of: [7]).description)
    unreached.at = nil
    records.append(unreached)
    _ = try await bench.log.append(records, expecting: nil)
    return try (1...records.count).map { try bench.show(AuditTree.record(web.service, $0)) }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: validator), "python3-jsonschema is not installed"))
  func `real records of every event and outcome are valid`() async throws {
    let texts = try await kept()
    let records = try texts.map { try CanonicalJSON.value(AuditRecord.self, from: $0.utf8) }
    #expect(Set(records.map(\.event)) == Set(AuditRecord.Event.allCases))
    #expect(Set(records.compactMap(\.outcome)) == Set(Outcome.allCases))
    #expect(records.allSatisfy { $0.schema == AuditRecord.schema })
    #expect(try verdict(texts) == "")
  }

  static let spoiled: [(String, String)] = [
    ("\"actor\":", "\"actr\":"), ("\"sequence\":1,", "\"sequence\":0,"), ("\"sequence\":1,", "\"sequence\":1,\"added\":true,"),
    ("\"event\":\"noted\"", "\"event\":\"notified\""), ("\"isAnnotated\":true", "\"isAnnotated\":true,\"signed\":true"),
    ("\"verdict\":\"failed\"", "\"verdict\":\"odd\""), ("\"patchMs\":9", "\"patchMs\":9.5"),
    ("\"exposed\":true", "\"exposed\":true,\"seen\":1"),
    ("\"durationMs\":", "\"duration\":"), ("\"outcome\":\"promoted\"", "\"outcome\":\"won\""),
    ("\"rollout\":\"r-", "\"rollout\":\"s-"), ("\"settings\":\"sha256:", "\"settings\":\"md5:"),
    ("\"schema\":\"https://tagflip.dev/schemas/record-v1.json\"", "\"schema\":\"https://tagflip.dev/schemas/record-v2.json\""),
    ("T03:04:05.250Z\"", "T03:04:05.250\""), ("\"gibHours\":", "\"gigabytes\":"), ("\"doubled\":{", "\"doubled\":{\"pods\":3,"),
    ("\"doubling\":{", "\"doubling\":{\"measured\":1,"), ("\"coreHours\":0.9", "\"coreHours\":-0.9"),
    ("\"previewReplicas\":1", "\"previewReplicas\":0"), ("\"kind\":\"moved\"", "\"kind\":\"odd\""), ("\"more\":0", "\"more\":-1"),
    ("\"isStandby\":true", "\"standby\":true"),
  ]

  @Test(.enabled(if: FileManager.default.fileExists(atPath: validator), "python3-jsonschema is not installed"), arguments: spoiled)
  func `what is added, missing or of another kind is found`(_ part: String, _ instead: String) async throws {
    let texts = try await kept()
    #expect(texts.contains { $0.contains(part) })
    let spoiled = texts.map { $0.replacing(part, with: instead, maxReplacements: 1) }
    #expect(try verdict(spoiled) != "")
  }

  /// Notes for each property that may be nil whether any record has it.
  private func note(_ value: Any, as path: String, in seen: inout [String: Bool]) {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      seen[path] = seen[path] == true || !mirror.children.isEmpty
      if let child = mirror.children.first { note(child.value, as: path, in: &seen) }
      return
    }
    for child in mirror.children {
      // What is kept behind a reference is reflected as its wrapper.
      let inner = child.label?.hasPrefix("_") == true ? Mirror(reflecting: child.value).descendant("storage", "value") : nil
      note(inner ?? child.value, as: child.label.map { "\(mirror.subjectType).\($0)" } ?? path, in: &seen)
    }
  }

  @Test func `the records that are validated have every property that a record can have`() async throws {
    var seen: [String: Bool] = [:]
    for text in try await kept() { note(try CanonicalJSON.value(AuditRecord.self, from: text.utf8), as: "record", in: &seen) }
    // Bytes of exhibits travel with a record and are no part of it.
    seen["Exhibit.bytes"] = nil
    let never = seen.filter { !$0.value }.keys.sorted()
    #expect(never.isEmpty, "no sample has these, so that nobody would see them missing in the schema: \(never)")
    #expect(seen.count > 25)
  }

  @Test func `every property of the schema is described, and none is open`() throws {
    let bytes = try #require(FileManager.default.contents(atPath: Self.schema))
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("\"$id\": \"\(AuditRecord.schema)\""))
    let objects = text.ranges(of: "\"type\": \"object\"").count
    #expect(objects > 10 && text.ranges(of: "\"additionalProperties\":").count == objects)
  }
}
