import KubernetesModel

extension JSON {
  /// Changes the value at the end of a path where there is one.
  mutating func edit<Failure: Error>(_ path: String..., by change: (inout JSON) throws(Failure) -> Void) throws(Failure) {
    guard var value = self[path: path[...]] else { return }
    try change(&value)
    self[path: path[...]] = value
  }

  /// The same, by a path in hand.
  mutating func edit<Failure: Error>(at path: [String], by change: (inout JSON) throws(Failure) -> Void) throws(Failure) {
    guard var value = self[path: path[...]] else { return }
    try change(&value)
    self[path: path[...]] = value
  }

  /// Changes each element of the array at the end of a path where there is one.
  mutating func editEach<Failure: Error>(_ path: String..., by change: (inout JSON) throws(Failure) -> Void) throws(Failure) {
    guard var elements = self[path: path[...]]?.array else { return }
    for index in elements.indices { try change(&elements[index]) }
    self[path: path[...]] = .array(elements)
  }

  init(_ strings: [String: String]) { self = .object(strings.mapValues { .string($0) }) }

  init(_ number: Int) { self = .int(Int64(number)) }

  /// `Deployment shop/web-green`, for people.
  func title(_ kind: String) -> String {
    [kind, [namespace, name].compactMap(\.self).joined(separator: "/")].joined(separator: " ")
  }

  /// Whether somebody has asked for its deletion.
  var isTerminating: Bool { self["metadata", "deletionTimestamp"]?.string != nil }
}
