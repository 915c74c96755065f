/// A JSON value as Kubernetes exchanges it (RFC 8259).
///
/// Integers stay integers (`resourceVersion`s, ports and replica counts must survive a round trip unchanged); everything else
/// numeric is a `Double`. Objects carry no key order: what is written is sorted by key, so equal values have equal bytes.
package enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])
}

// Reading a value: each accessor answers nil where the value is of another type, so that a path through a foreign document never traps.
extension JSON {
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }
  package var isNull: Bool { self == .null }

  /// The value as an integer; a `Double` without a fraction counts, as Kubernetes' decoders accept it.
  package var int: Int? {
    switch self {
    case .int(let value): Int(exactly: value)
    case .double(let value): Int(exactly: value)
    case .null, .bool, .string, .array, .object: nil
    }
  }

  /// The value as a floating-point number.
  package var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    case .null, .bool, .string, .array, .object: nil
    }
  }

  /// A member of an object; nil where this is no object or lacks the key. Setting nil removes the key; setting on `null` makes an object.
  package subscript(key: String) -> JSON? {
    get { if case .object(let members) = self { members[key] } else { nil } }
    set {
      switch self {
      case .object(var members):
        self = .null  // gives up the shared storage, so that the mutation below copies nothing
        members[key] = newValue
        self = .object(members)
      case .null:
        if let newValue { self = .object([key: newValue]) }
      case .bool, .int, .double, .string, .array: break
      }
    }
  }

  /// A value at the end of a path of object keys, `json["spec", "template", "metadata"]`.
  ///
  /// Setting creates the objects on the way; a value of another type on the way is left alone and nothing is set.
  package subscript(path: String...) -> JSON? {
    get { self[path: path[...]] }
    set { self[path: path[...]] = newValue }
  }

  package subscript(path path: ArraySlice<String>) -> JSON? {
    get { path.reduce(Optional(self)) { value, key in value?[key] } }
    set {
      guard let key = path.first else {
        self = newValue ?? .null
        return
      }
      let rest = path.dropFirst()
      guard !rest.isEmpty else {
        self[key] = newValue
        return
      }
      var child = self[key] ?? .null
      if child.isNull && newValue == nil { return }
      child[path: rest] = newValue
      self[key] = child
    }
  }

  /// An element of an array; nil where this is no array or is shorter.
  package subscript(index: Int) -> JSON? {
    if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(nilLiteral: ()) { self = .null }
  /// Of a key written twice the last one counts, as when parsing.
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Dictionary(elements) { _, last in last }) }
}
