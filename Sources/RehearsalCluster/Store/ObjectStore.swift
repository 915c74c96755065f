import KubernetesModel
import Synchronization

/// All objects of one embedded cluster, with the rules of the API behind every write.
///
/// One counter gives every change its resourceVersion; the last ``ObjectStore/remembered`` changes are kept for watches. All access goes
/// through one mutex, and every write is checked and made under it: compare-and-swap holds however many ask at once.
package final class ObjectStore: Sendable {
  /// How many changes a watch can look back.
  static let remembered = 20_000

  struct Key: Hashable, Comparable {
    var namespace: String
    var name: String

    static func < (left: Key, right: Key) -> Bool { (left.namespace, left.name) < (right.namespace, right.name) }
  }

  /// One change, as watches see it.
  struct Change: Sendable {
    var version: UInt64
    var resource: Resource
    /// What was there before, of a deletion with the version of its end.
    var old: JSON?
    var new: JSON?
    /// What was there before, as it was.
    var before: JSON?
  }

  struct State {
    var objects: [Resource: [Key: JSON]] = [:]
    var version: UInt64 = 100
    var changes: [Change] = []
    /// The version of the last change that was forgotten.
    var forgotten: UInt64 = 0
    var serial: UInt64 = 0
    var addresses = 0
    var listeners: [UInt64: @Sendable () -> Void] = [:]
  }

  let state = Mutex(State())
  let clock: ClusterClock
  let plan: AddressPlan
  private let seed: UInt64

  package init(clock: ClusterClock, plan: AddressPlan, seed: UInt64 = 1) {
    self.clock = clock
    self.plan = plan
    self.seed = seed
    for name in ["default", "kube-system", "kube-public"] {
      _ = try? create(.namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]], by: "kube-apiserver")
    }
  }

  // MARK: Listening

  /// Calls back after every change, from whichever thread made it.
  func listen(_ callback: @escaping @Sendable () -> Void) -> UInt64 {
    state.withLock { state in
      state.serial += 1
      state.listeners[state.serial] = callback
      return state.serial
    }
  }

  func unlisten(_ id: UInt64) { state.withLock { $0.listeners[id] = nil } }

  /// The version of the latest change.
  var version: UInt64 { state.withLock { $0.version } }

  /// The changes of a kind after a version; nil where some of them are forgotten.
  func changes(of resource: Resource, after version: UInt64) -> (changes: [Change], version: UInt64)? {
    state.withLock { state in
      guard version >= state.forgotten else { return nil }
      let start = state.changes.partitionIndex { $0.version > version }
      return (state.changes[start...].filter { $0.resource == resource }, state.version)
    }
  }

  /// Forgets all changes so far, as a compaction does.
  package func compact() {
    state.withLock { state in
      state.forgotten = state.version
      state.changes = []
    }
  }

  /// A list and the version that it shows.
  func snapshot(_ resource: Resource) -> (items: [JSON], version: UInt64) {
    state.withLock { ($0.sorted(resource), $0.version) }
  }

  /// A kind's objects as they were at a version; nil where some change since is forgotten.
  func snapshot(_ resource: Resource, at version: UInt64) -> [JSON]? {
    state.withLock { state in
      guard version >= state.forgotten else { return nil }
      var objects = state.objects[resource] ?? [:]
      let start = state.changes.partitionIndex { $0.version > version }
      for change in state.changes[start...].reversed() where change.resource == resource {
        guard let known = change.new ?? change.old else { continue }
        let key = Key(namespace: known.namespaceText, name: known.name)
        objects[key] = change.before
      }
      return objects.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  // MARK: Names

  /// A uid that is the same for the same seed and order of events.
  func uid(_ serial: UInt64) -> String {
    let high = FNV.hash64("\(seed)/uid/\(serial)")
    let low = FNV.hash64("\(serial)/uid/\(seed)/low")
    func hex(_ value: UInt64, _ digits: Int) -> String {
      let text = String(value, radix: 16)
      return String((String(repeating: "0", count: 16) + text).suffix(digits))
    }
    return "\(hex(high >> 32, 8))-\(hex(high >> 16, 4))-4\(hex(high, 3))-a\(hex(low >> 48, 3))-\(hex(low, 12))"
  }

  /// What `generateName` gets at its end.
  func randomSuffix(_ serial: UInt64) -> String {
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    var value = FNV.hash64("\(seed)/name/\(serial)")
    return String(
      (0..<5).map { _ in
        defer { value /= UInt64(alphabet.count) }
        return alphabet[Int(value % UInt64(alphabet.count))]
      })
  }
}

extension ObjectStore.State {
  func sorted(_ resource: Resource) -> [JSON] { (objects[resource] ?? [:]).sorted { $0.key < $1.key }.map(\.value) }

  /// Stores, or with nil removes, and remembers the change. Gives the new object its version.
  mutating func commit(_ resource: Resource, _ key: ObjectStore.Key, _ new: JSON?) -> JSON? {
    version += 1
    let old = objects[resource]?[key]
    var stored = new
    stored?["metadata", "resourceVersion"] = .string(String(version))
    objects[resource, default: [:]][key] = stored
    var last = old
    if new == nil { last?["metadata", "resourceVersion"] = .string(String(version)) }
    changes.append(ObjectStore.Change(version: version, resource: resource, old: last, new: stored, before: old))
    if changes.count > ObjectStore.remembered * 2 {
      forgotten = changes[ObjectStore.remembered - 1].version
      changes.removeFirst(ObjectStore.remembered)
    }
    return stored
  }
}

extension Array {
  /// The index of the first element that fits, where all after it fit too.
  fileprivate func partitionIndex(_ fits: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if fits(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
