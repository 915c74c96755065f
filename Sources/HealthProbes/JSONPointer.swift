import FoundationEssentials

/// A place in a JSON document (RFC 6901).
struct JSONPointer {
  /// What stands there.
  enum Finding: Equatable {
    /// A text, true, false or null, as text.
    case scalar(String)
    case number(String)
    case collection(String)
    case absent
    case malformed
  }

  private let steps: [String]

  init(_ text: String) {
    steps = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
      String($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }

  func find(in body: [UInt8]) -> Finding {
    let decoder = JSONDecoder()
    decoder.userInfo[.steps] = steps
    do {
      return try decoder.decode(PointedValue.self, from: Data(body)).finding
    } catch {
      return .malformed
    }
  }
}

/// Decodes along the pointer and nothing beside it: a large document costs no more than its scanning.
private struct PointedValue: Decodable {
  let finding: JSONPointer.Finding

  init(from decoder: any Decoder) throws {
    let steps = decoder.userInfo[.steps] as? [String] ?? []
    finding = try PointedValue.find(steps[...], in: decoder)
  }

  private static func find(_ steps: ArraySlice<String>, in decoder: any Decoder) throws -> JSONPointer.Finding {
    if let members = try? decoder.container(keyedBy: Key.self) {
      guard let step = steps.first else { return .collection("an object") }
      let key = Key(stringValue: step)
      return members.contains(key) ? try find(steps.dropFirst(), in: members.superDecoder(forKey: key)) : .absent
    }
    if var elements = try? decoder.unkeyedContainer() {
      guard let step = steps.first else { return .collection("a list") }
      guard let index = index(step), index < elements.count ?? 0 else { return .absent }
      for _ in 0..<index { _ = try elements.superDecoder() }
      return try find(steps.dropFirst(), in: elements.superDecoder())
    }
    return steps.isEmpty ? try scalar(decoder.singleValueContainer()) : .absent
  }

  /// An index as RFC 6901 spells it: digits without a leading zero.
  private static func index(_ step: String) -> Int? {
    guard step.utf8.allSatisfy({ (0x30...0x39).contains($0) }), step == "0" || !step.hasPrefix("0") else { return nil }
    return Int(step)
  }

  private static func scalar(_ value: any SingleValueDecodingContainer) throws -> JSONPointer.Finding {
    if value.decodeNil() { return .scalar("null") }
    if let text = try? value.decode(String.self) { return .scalar(text) }
    if let bool = try? value.decode(Bool.self) { return .scalar(String(bool)) }
    if let int = try? value.decode(Int64.self) { return .number(String(int)) }
    if let int = try? value.decode(UInt64.self) { return .number(String(int)) }
    return .number("\(try value.decode(Double.self))")
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension CodingUserInfoKey {
  fileprivate static let steps: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "steps") else { preconditionFailure("any text is a key") }
    return key
  }()
}
