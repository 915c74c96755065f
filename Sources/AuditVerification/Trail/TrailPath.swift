import AuditTrail
package import Digests
import ReleaseModel

/// What a path of the audit branch's tree holds. The one list of places: a new kind of file is a new case here and its rule in ``AppendOnly``.
package enum TrailPath: Sendable, Hashable {
  case readme
  case count
  case head(service: String)
  case noted(service: String)
  case record(service: String, sequence: Int)
  case tag(service: String)
  case key(service: String)
  case attestation(service: String, sequence: Int)
  /// What a record rests on, named by its digest.
  case exhibit(Digest)
  /// Nothing that tagflip writes.
  case unknown

  package init(_ path: [UInt8]) {
    let text = String(decoding: path, as: UTF8.self)
    self = text.utf8.elementsEqual(path) ? TrailPath(text: text) : .unknown
  }

  private init(text: String) {
    if text.utf8.elementsEqual(AuditTree.readme.utf8) { self = .readme; return }
    if text.utf8.elementsEqual(AuditTree.count.utf8) { self = .count; return }
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    if let digest = TrailPath.exhibit(parts) { self = .exhibit(digest); return }
    guard parts.count >= 3, parts[0].utf8.elementsEqual("services".utf8) else { self = .unknown; return }
    self = TrailPath(service: parts[1], parts[2...])
  }

  private init(service: String, _ rest: ArraySlice<String>) {
    let names = rest.map { Array($0.utf8) }
    func isFolder(_ name: String, depth: Int) -> Bool {
      names.count == depth && names[0] == Array(name.utf8) && names[depth - 1].hasSuffix(".json")
    }
    if names.count == 1, names[0] == Array("head.json".utf8) {
      self = .head(service: service)
    } else if names.count == 1, names[0] == Array("noted.json".utf8) {
      self = .noted(service: service)
    } else if isFolder("tags", depth: 3) {
      self = .tag(service: service)
    } else if isFolder("keys", depth: 3) {
      self = .key(service: service)
    } else if isFolder("records", depth: 3), let sequence = TrailPath.sequence(folder: names[1], file: names[2]) {
      self = .record(service: service, sequence: sequence)
    } else if isFolder("attestations", depth: 3), let sequence = TrailPath.sequence(folder: names[1], file: names[2]) {
      self = .attestation(service: service, sequence: sequence)
    } else {
      self = .unknown
    }
  }

  /// The digest that an exhibit's path spells; nil where tagflip would spell it otherwise.
  private static func exhibit(_ parts: [String]) -> Digest? {
    guard parts.count == 4, parts[0].utf8.elementsEqual("exhibits".utf8), let digest = Digest(parsing: "sha256:" + parts[1...].joined()),
      AuditTree.exhibit(digest).utf8.elementsEqual(parts.joined(separator: "/").utf8)
    else { return nil }
    return digest
  }

  /// The number that a record's path spells; nil where tagflip would spell it otherwise.
  private static func sequence(folder: [UInt8], file: [UInt8]) -> Int? {
    let digits = file.dropLast(5)
    guard (7...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let sequence = Int(String(decoding: digits, as: UTF8.self)), let any = ServiceName("x")
    else { return nil }
    let wanted = AuditTree.record(any, sequence).utf8.suffix(folder.count + file.count + 1)
    return wanted.elementsEqual(folder + [UInt8(ascii: "/")] + file) ? sequence : nil
  }

  /// The service's folder that the path lies in; nil where it lies in none.
  package var service: String? {
    switch self {
    case .readme, .count, .exhibit, .unknown: nil
    case .head(let service), .noted(let service), .record(let service, _), .tag(let service), .key(let service),
      .attestation(let service, _):
      service
    }
  }
}

extension [UInt8] {
  fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
