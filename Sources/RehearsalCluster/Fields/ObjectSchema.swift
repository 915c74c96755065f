import KubernetesModel

/// Which fields objects have, and of which types: what the API server's decoders know of the kinds that are served.
struct ObjectSchema: Sendable {
  /// The type of a field.
  indirect enum FieldType: Sendable, Hashable {
    case string, boolean, integer, number, quantity, integerOrString, time, anything
    /// Another type of the schema.
    case structure(String)
    case list(FieldType)
    case map(FieldType)
  }

  /// A value of another type than its field's.
  struct Mismatch: Sendable, Hashable {
    /// `.spec.ports[0].port`
    var path: String
    /// The type that holds the field, as Go names it, and the field.
    var owner: String
    var value: JSON
    var type: FieldType
  }

  /// An object as a decoder leaves it.
  struct Decoded: Sendable {
    /// Without unknown fields, and without nulls, empty lists and empty maps, which say nothing.
    var object: JSON
    /// `spec.replicass`, in the order of the alphabet.
    var unknown: [String] = []
    var mismatches: [Mismatch] = []
  }

  static let served = ObjectSchema(text)

  private let types: [String: [String: FieldType]]

  /// Reads types as ``text`` spells them: a line with less indentation than the one before it begins a type.
  private init(_ text: String) {
    var types: [String: [String: FieldType]] = [:]
    var current = ""
    for line in text.split(separator: "\n") {
      var words = line.split(separator: " ")[...]
      if !line.hasPrefix(" ") {
        current = words.popFirst().map(String.init) ?? ""
        types[current] = [:]
      }
      for word in words {
        let sides = word.split(separator: ":")
        if sides.count == 2 { types[current]?[String(sides[0])] = FieldType(sides[1]) }
      }
    }
    self.types = types
  }

  /// Reads an object of a kind. A kind that the schema lacks is taken as it is.
  func decoded(_ object: JSON, kind: String) -> Decoded {
    guard types[kind] != nil else { return Decoded(object: object) }
    var result = Decoded(object: object)
    result.object = read(object, .structure(kind), "", kind, &result) ?? [:]
    return result
  }

  /// The value as its type has it; nil where it says nothing.
  private func read(_ value: JSON, _ type: FieldType, _ path: String, _ owner: String, _ result: inout Decoded) -> JSON? {
    if value.isNull, type != .anything { return nil }
    switch (type, value) {
    case (.structure(let name), .object(let members)):
      guard let fields = types[name] else { return value }
      var kept: [String: JSON] = [:]
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        let here = "\(path).\(key)"
        guard let type = fields[key] else {
          result.unknown.append(String(here.dropFirst()))
          continue
        }
        kept[key] = read(member, type, here, "\(name.prefix { $0 != "-" })\(here)", &result)
      }
      return .object(kept)
    case (.list, .array([])), (.map, .object([:])): return nil
    case (.list(let element), .array(let elements)):
      return .array(elements.enumerated().map { read($0.element, element, "\(path)[\($0.offset)]", owner, &result) ?? .null })
    case (.map(let element), .object(let members)):
      var kept: [String: JSON] = [:]
      for (key, member) in members.sorted(by: { $0.key < $1.key }) { kept[key] = read(member, element, "\(path).\(key)", owner, &result) }
      return .object(kept)
    default:
      if !type.fits(value) { result.mismatches.append(Mismatch(path: path, owner: owner, value: value, type: type)) }
      return value
    }
  }
}

extension ObjectSchema.FieldType {
  fileprivate init(_ text: Substring) {
    switch text.first {
    case "[": self = .list(Self(text.dropFirst()))
    case "{": self = .map(Self(text.dropFirst()))
    default:
      switch text {
      case "s": self = .string
      case "b": self = .boolean
      case "i", "l": self = .integer
      case "n": self = .number
      case "q": self = .quantity
      case "x": self = .integerOrString
      case "t", "m": self = .time
      case "o": self = .anything
      default: self = .structure(String(text))
      }
    }
  }

  /// Whether a value that is neither null nor holds others is of the type.
  fileprivate func fits(_ value: JSON) -> Bool {
    switch self {
    case .string: value.string != nil
    case .time: value.string?.isTime ?? false
    case .boolean: value.bool != nil
    case .integer: value.int != nil
    case .number: value.double != nil
    case .quantity, .integerOrString: value.string != nil || value.int != nil || (self == .quantity && value.double != nil)
    case .anything: true
    case .structure, .list, .map: false
    }
  }

  /// As Go names it.
  fileprivate var goName: String {
    switch self {
    case .string: "string"
    case .boolean: "bool"
    case .integer: "int32"
    case .number: "float64"
    case .quantity: "resource.Quantity"
    case .integerOrString: "intstr.IntOrString"
    case .time: "v1.Time"
    case .anything: "interface {}"
    case .structure(let name): "v1.\(name.prefix { $0 != "-" })"
    case .list(let element): "[]\(element.goName)"
    case .map(let element): "map[string]\(element.goName)"
    }
  }

  /// As server-side apply's typed values name it.
  fileprivate var typedName: String {
    switch self {
    case .boolean: "boolean"
    case .integer, .number: "numeric (int or float)"
    case .list: "list"
    case .map, .structure: "map"
    case .string, .time, .quantity, .integerOrString, .anything: "string"
    }
  }
}

extension ObjectSchema.Mismatch {
  /// As Go's decoder words it.
  var decodingText: String {
    if type == .time, let text = value.string {
      return "parsing time \(JSON.string(text).text) as \"2006-01-02T15:04:05Z07:00\": cannot parse \(JSON.string(text).text) as \"2006\""
    }
    return "json: cannot unmarshal \(found("number", "bool", "object")) into Go struct field \(owner.withoutIndices) of type \(type.goName)"
  }

  /// As server-side apply words it.
  var typedText: String { "\(path): expected \(type.typedName), got \(found("&{\(value.text)}", "boolean", "map"))" }

  private func found(_ number: String, _ boolean: String, _ object: String) -> String {
    switch value {
    case .null: "null"
    case .bool: boolean
    case .int, .double: number
    case .string: "string"
    case .array: number.hasPrefix("&") ? "list" : "array"
    case .object: object
    }
  }
}

extension String {
  /// Whether the text begins as an instant of RFC 3339 does and ends with its zone.
  fileprivate var isTime: Bool {
    let bytes = Array(utf8)
    guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") else { return false }
    let isDate = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18].allSatisfy { (0x30...0x39).contains(bytes[$0]) }
    return isDate && (bytes.last == UInt8(ascii: "Z") || bytes[bytes.count - 3] == UInt8(ascii: ":"))
  }

  /// The text without what stands in brackets.
  fileprivate var withoutIndices: String {
    var depth = 0
    return String(
      filter { character in
        if character == "[" { depth += 1 }
        defer { if character == "]" { depth -= 1 } }
        return depth == 0
      })
  }
}
