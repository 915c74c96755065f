import TrailSamples
import AuditTrail
import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditVerification

extension Tampering {
  // MARK: Exhibits

  static let exhibits: [Tampering] = [
    Tampering(
      "an exhibit is swapped for another", .exhibitAltered, by: "exhibits",
      git: "F=$(exhibit pay 3 tag); rewrite \"test ! -e $F || echo another > $F\""),
    Tampering(
      "settings are swapped for others", .exhibitAltered, by: "exhibits",
      git: "F=$(exhibit pay 3 settings); rewrite \"test ! -e $F || sed -i s/signed/any/ $F\""),
    Tampering(
      "an exhibit is dropped from the tree", .exhibitLost, by: "exhibits", git: "rewrite \"rm -f $(exhibit pay 3 environment)\""),
    Tampering(
      "an exhibit is a link", .exhibitLost, by: "exhibits",
      git: "F=$(exhibit pay 3 tag); rewrite \"test ! -e $F || { rm $F; ln -s ../../../README.md $F; }\""),
    Tampering("an exhibit is deleted later", .fileDeleted, by: "append-only", git: "git rm -q $(exhibit pay 3 tag); amend"),
    Tampering("an exhibit is changed later", .fileModified, by: "append-only", git: "echo another > $(exhibit pay 3 tag); amend"),
    Tampering(
      "an exhibit is added that the record does not name", .unexpectedFile, by: "append-only",
      git: """
        d=$(echo evidence | sha256sum | cut -c1-64); f=$(echo $d | cut -c1-2)/$(echo $d | cut -c3-4)
        mkdir -p exhibits/$f; echo evidence > exhibits/$f/$(echo $d | cut -c5-); amend
        """),
    Tampering("a plan shows no settings", .exhibitMissing, by: "exhibits") { shop in
      var record = try shop.web.planned("9.0.0")
      record.exhibits.removeAll { $0.kind == .settings }
      return [record]
    },
    Tampering("a plan does not show by whose keys its tag counted", .exhibitMissing, by: "exhibits") { shop in
      var record = try shop.web.planned("9.0.0")
      record.exhibits.removeAll { $0.kind == .revoked }
      return [record]
    },
    Tampering("a retry does not show who may ask", .exhibitMissing, by: "exhibits") { shop in
      var record = try shop.web.retry("1.4.0")
      record.exhibits.removeAll { $0.kind == .revokedOperators }
      return [record]
    },
    Tampering("a record shows two settings", .recordInconsistent, by: "record-consistency") { shop in
      var record = try shop.web.planned("9.0.0")
      record.exhibits.append(House.open.exhibit(.settings))
      return [record]
    },
    Tampering("a line of the environment is edited", .environmentMismatch, by: "environment") { shop in
      [try shop.web.planned("9.0.0").showing(.environment) { $0.replacing("\"replicas\":3", with: "\"replicas\":1") }]
    },
    Tampering("an object is left out of the environment", .environmentMismatch, by: "environment") { shop in
      [try shop.web.planned("9.0.0").showing(.environment) { $0.split(separator: "\n").dropLast().joined(separator: "\n") + "\n" }]
    },
    Tampering("an object of the environment is announced as another", .environmentMismatch, by: "environment") { shop in
      [try shop.web.planned("9.0.0").replanned { $0.objects[1].name = "web-secret" }]
    },
  ]

  // MARK: Tags

  static let tags: [Tampering] = [
    Tampering("a signed old tag is shown under a new name", .tagNameMismatch, by: "tag-objects") { shop in
      let old = shop.web.made("1.0.0")
      shop.web.objects[old.id] = old
      return [try shop.web.planned("9.0.0", object: old.id)]
    },
    Tampering("the header of a signed old tag is edited in what is shown", .tagObjectMismatch, by: "tag-objects") { shop in
      let old = shop.web.made("1.0.0")
      shop.web.objects[old.id] = old
      return [try shop.web.planned("9.0.0", object: old.id).showing(.tag) { $0.replacing("web/v1.0.0", with: "web/v9.0.0") }]
    },
    Tampering("a tag names something else than was released", .tagTargetMismatch, by: "tag-objects") { shop in
      let other = String(repeating: "c", count: 40)
      var record = try shop.web.planned("9.0.0").replanned { $0.commit = other }
      record.tag?.commit = other
      return [record]
    },
    Tampering("a tag is no tag that git makes", .tagObjectMalformed, by: "tag-objects") { shop in
      let bytes = TagBytes.tag(Array("tag web/v9.0.0\nby nobody\n".utf8))
      var record = shop.web.refused("9.0.0-rc.1", object: bytes.id)
      record.tag?.isAnnotated = true
      record.exhibits.append(bytes.exhibit)
      return [record]
    },
    Tampering("a record names a tagger who never tagged", .tagFactsMismatch, by: "tag-objects") { shop in
      var record = try shop.web.planned("9.0.0")
      record.tag?.tagger = "Eve <eve@example.org>"
      return [record]
    },
    Tampering("a lightweight tag is dated otherwise than its commit", .tagFactsMismatch, by: "tag-objects") { shop in
      let commit = TagBytes.lightweight
      shop.web.objects[commit.id] = commit
      var record = shop.web.superseded("1.0.5", object: commit.id, by: "1.4.0")
      record.tag?.taggedAt = shop.web.now
      return [record]
    },
    Tampering("the reason in a tag's message is edited", .tagFactsMismatch, by: "tag-objects") { shop in
      var record = try shop.web.retry("1.4.0")
      record.tag?.message = "Web 1.4.0\n\nReason: approved by the board"
      return [record]
    },
  ]
}

extension TagBytes {
  /// What a lightweight tag names.
  static let lightweight = TagBytes.commit(
    Array(
      """
      tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
      author Ada <ada@example.org> 1767323000 +0000
      committer Ada <ada@example.org> 1767323000 +0000

      Next

      """.utf8))
}

extension AuditRecord {
  /// The record with another text in the place of an exhibit, which it names by its right digest.
  func showing(_ kind: Exhibit.Kind, _ change: (String) -> String) -> AuditRecord {
    var record = self
    for (index, exhibit) in exhibits.enumerated() where exhibit.kind == kind {
      let text = change(String(decoding: exhibit.bytes ?? [], as: UTF8.self))
      record.exhibits[index] = Exhibit(kind, name: exhibit.name, bytes: Array(text.utf8))
    }
    return record
  }

  /// The record with another plan, under its right digest.
  func replanned(_ change: (inout CutoverPlan) -> Void) throws -> AuditRecord {
    var record = self
    if var plan {
      change(&plan)
      (record.plan, record.planDigest, record.sources) = (plan, try plan.digest, plan.sources)
    }
    return record
  }
}
