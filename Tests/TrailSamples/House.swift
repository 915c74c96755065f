package import AuditTrail
package import AuditVerification
import Digests
import GitStore
import PlanFiles
import ReleaseEngine
package import ReleaseModel
package import Signatures

/// The installation's own files: its settings and the keys that they name, with who holds the other halves.
package struct House: Sendable {
  /// Somebody with a key.
  package struct Person: Sendable {
    package let name: String
    package let key: SSHSigningKey

    package init(_ name: String, seed: UInt8) {
      self.name = name
      key = Chronicle.known(SSHSigningKey(seed: [UInt8](repeating: seed, count: 32)))
    }

    /// Who signed, as a judge says it.
    package var signature: TagSignature { TagSignature(kind: .ssh, signer: "\(name)@shop.example", key: key.publicKey.fingerprint) }

    package func allowed(_ namespace: String, _ more: String = "") -> String {
      "\(name)@shop.example namespaces=\"\(namespace)\"\(more) \(key.publicKey.line)\n"
    }

    package func sign(_ bytes: [UInt8], _ namespace: String) -> String {
      Chronicle.known(try? key.sign(bytes, namespace: namespace)).armored
    }
  }

  package static let (ada, bob, eve) = (Person("ada", seed: 1), Person("bob", seed: 2), Person("eve", seed: 3))

  /// The base of all stories lies in the freeze, which only pay is held to.
  package static let strict = House(
    """
    installation: shop
    repository: {url: releases.git}
    state: {namespace: tagflip}
    images: trusted
    policy: {namespaces: [shop]}
    floors: {bake: 30s, failureRate: 20%, standby: 1m, gates: [smoke, headroom]}
    tags:
      - {services: [web, pay], require: signed, signers: keys/signers, revoked: keys/revoked}
      - {require: annotated}
    operators: {signers: keys/operators, revoked: keys/revoked-operators, secondPerson: [override]}
    freezes:
      - {from: "2026-01-02T03:04:00Z", until: "2026-01-02T03:10:00Z", reason: stocktaking, services: [pay]}

    """)

  /// Where anybody may do anything.
  package static let open = House("installation: shop\nrepository: {url: releases.git}\nstate: {namespace: tagflip}\nimages: trusted\n")

  package var text: String { didSet { read = Self.read(text) } }
  /// What the text says, read once: a long trail asks for it with each record. Nil where it says nothing that can be read.
  private var read: Settings?
  package var files: [Exhibit.Kind: String] = [
    .signers: ada.allowed("git") + bob.allowed("git"), .revoked: "# nobody yet\n",
    .operators: ada.allowed("tagflip-request") + bob.allowed("tagflip-request"), .revokedOperators: "# nobody yet\n",
  ]

  package init(_ text: String) { (self.text, read) = (text, Self.read(text)) }

  private static func read(_ text: String) -> Settings? { try? HousePolicy().settings(Array(text.utf8)).get() }

  /// The house with something else in its settings.
  package func replacing(_ old: String, with new: String) -> House {
    precondition(text.contains(old), "\(old) is not in the settings")
    var house = self
    house.text = text.replacing(old, with: new)
    return house
  }

  package var settings: Settings { Chronicle.known(read) }

  package func file(_ kind: Exhibit.Kind) -> [UInt8] { Array((files[kind] ?? "").utf8) }

  package func exhibit(_ kind: Exhibit.Kind) -> Exhibit {
    kind == .settings ? Exhibit(kind, name: "tagflip.yaml", bytes: Array(text.utf8)) : Exhibit(kind, name: kind.rawValue, bytes: file(kind))
  }

  /// A judge of tags as the bot makes it, who calls files by the bot's own paths.
  package func judge(at now: Timestamp) throws -> TagJudge {
    try TagJudge(
      signers: KeyFile(path: "/etc/tagflip/signers", bytes: file(.signers)),
      revoked: KeyFile(path: "/etc/tagflip/revoked", bytes: file(.revoked)), keyring: nil, at: now)
  }
}

/// Reads settings as the bot does.
package struct HousePolicy: PolicyReader {
  package init() {}

  package func settings(_ text: [UInt8]) -> Result<Settings, UnreadablePolicy> {
    do {
      return .success(try SettingsFile.settings(text, path: "tagflip.yaml"))
    } catch {
      return .failure(UnreadablePolicy("\(error)"))
    }
  }
}
