import AuditTrail
import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import Signatures
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

extension Tampering {
  /// The tip of the shop's trail is not known before it is told: what an auditor keeps from a notice is read before anything is done to it.
  static let corpus: [Tampering] = commits + records + files + chain + exhibits + tags + policy + drift + judged + requests + trust

  // MARK: Commits

  static let commits: [Tampering] = [
    Tampering("two commits are squashed", .severalRecords, by: "one-record", git: "publish $(remake HEAD HEAD^{tree} HEAD~2)"),
    Tampering(
      "a commit is dropped from the middle", .severalRecords, by: "one-record",
      git: "X=$(at web 5); follow $(git rev-parse $X~1) $X"),
    Tampering(
      "two commits are put in another order", .sequenceGap, by: "sequence",
      git: """
        X=$(at web 10); Y=$(at web 11)
        git checkout -q $X~1; git checkout -q $Y -- $(record web 11); A=$(remake $Y $(git write-tree) $X~1)
        B2=$(remake $X $Y^{tree} $A); git checkout -q tagflip/audit; follow $B2 $Y
        """),
    Tampering(
      "the trail begins in the middle", .historyCut, by: "linear-history",
      git: "X=$(at web 5); follow $(remake $X $X^{tree}) $X"),
    Tampering(
      "another history is merged in", .mergeCommit, by: "linear-history",
      git: "E=$(echo evidence | git commit-tree HEAD^{tree}); publish $(remake HEAD HEAD^{tree} HEAD~1 $E)"),
    Tampering(
      "a commit without a record", .noRecord, by: "one-record", git: "publish $(echo nothing | git commit-tree HEAD^{tree} -p HEAD)"),
    Tampering(
      "the author is forged", .authorDiffers, by: "authorship",
      git: "git commit -q --amend --no-edit --author='Eve <eve@example.org>' --date='@1767323275 +0000'; publish HEAD"),
    Tampering(
      "author and committer are forged", .authorDiffers, by: "authorship",
      git: "git filter-branch -f --env-filter 'export GIT_AUTHOR_NAME=Eve GIT_COMMITTER_NAME=Eve' HEAD~2.. >/dev/null; publish HEAD"),
    Tampering(
      "a commit is backdated", .commitTimeDiffers, by: "authorship",
      git: """
        git filter-branch -f --env-filter 'export GIT_AUTHOR_DATE="@1700000000 +0000" GIT_COMMITTER_DATE="@1700000000 +0000"' HEAD~1.. >/dev/null
        publish HEAD
        """),
    Tampering(
      "a commit has an absurd date", .commitTimeDiffers, by: "authorship",
      git: """
        git cat-file commit HEAD | sed -E 's/> [0-9]+ /> 99999999999999999999999 /' > c
        publish $(git hash-object -t commit -w --literally c)
        """),
    Tampering(
      "a message is edited", .messageDiffers, by: "commit-words",
      git: "git filter-branch -f --msg-filter 'sed s/HTTP.500/HTTP.200/' HEAD >/dev/null; publish HEAD"),
    Tampering(
      "a sentence is added to a message", .messageDiffers, by: "commit-words",
      git: "git filter-branch -f --msg-filter \"sed '2s/^/\\nApproved by the board.\\n/'\" HEAD~1.. >/dev/null; publish HEAD"),
    Tampering(
      "a trailer is edited", .trailersDiffer, by: "commit-words",
      git: "git filter-branch -f --msg-filter 'sed \"s/^Actor: .*/Actor: eve/\"' HEAD~3.. >/dev/null; publish HEAD"),
    Tampering(
      "a trailer is added", .trailersDiffer, by: "commit-words",
      git: "git filter-branch -f --msg-filter 'cat; echo Approved-By: eve' HEAD~1.. >/dev/null; publish HEAD"),
    Tampering(
      "a message is no UTF-8", .messageDiffers, by: "commit-words",
      git: "git filter-branch -f --msg-filter 'cat; printf \"\\377\\376\"' HEAD~1.. >/dev/null; publish HEAD"),
    Tampering(
      "a commit hides a header", .unexpectedHeader, by: "commit-words",
      git: """
        git cat-file commit HEAD | sed '/^committer/a note hidden' > c
        publish $(git hash-object -t commit -w c)
        """),
    Tampering("a commit is not signed", .signatureMissing, by: "signature", judge: Signed(by: { $0.contains("gpgsig") })) { trail, _ in
      try trail.tamper("true")
    },
    Tampering("a commit's signature is bad", .signatureBad, by: "signature", judge: Signed(by: { _ in false })) { trail, _ in
      try trail.tamper(
        """
        git cat-file commit HEAD | sed '/^committer/a gpgsig -----BEGIN SSH SIGNATURE-----' > c
        publish $(git hash-object -t commit -w c)
        """)
    },
  ]

  // MARK: Records

  static let records: [Tampering] = [
    Tampering(
      "a record is edited in a commit of its own", .fileModified, by: "append-only",
      git: "sed -i s/HTTP.500/HTTP.200/ $(record web 6); git commit -q -a -m tidy; publish HEAD"),
    Tampering(
      "a record is edited throughout history", .previousMismatch, by: "previous",
      git: "rewrite \"test ! -e $(record web 6) || sed -i s/HTTP.500/HTTP.200/ $(record web 6)\""),
    Tampering(
      "a record is removed throughout history", .sequenceGap, by: "sequence",
      git: "rewrite \"rm -f $(record web 5)\""),
    Tampering(
      "a plan is removed throughout history", .outcomeWithoutPlan, by: "plan-then-outcome",
      git: "rewrite \"rm -f $(record web 2)\""),
    Tampering(
      "an outcome is removed throughout history", .outcomeMissing, by: "plan-then-outcome",
      git: "rewrite \"rm -f $(record web 6)\""),
    Tampering(
      "the plan in a record is swapped", .planDigestMismatch, by: "plan-digest",
      git: "rewrite \"test ! -e $(record web 2) || sed -i s,registry.example/web:1.0.0,registry.example/evil:1.0.0, $(record web 2)\""),
    Tampering(
      "a record is spelled otherwise", .recordNotCanonical, by: "record-spelling", git: "sed -i 's/{/{ /' $(record api 7); amend"),
    Tampering(
      "a key stands twice", .recordNotCanonical, by: "record-spelling",
      git: "sed -i 's/\"actor\":/\"actor\":\"eve\",\"actor\":/' $(record api 7); amend"),
    Tampering(
      "a record holds a key that is not known", .recordNotCanonical, by: "record-spelling",
      git: "sed -i 's/\"actor\":/\"approvedBy\":\"the board\",\"actor\":/' $(record api 7); amend"),
    Tampering(
      "a record is of a schema that is not known", .unknownSchema, by: "record-spelling",
      git: "sed -i 's/record-v1/record-v9/' $(record api 7); amend"),
    Tampering("a record is garbage", .recordUnreadable, by: "record-spelling", git: "head -c 100 /dev/urandom > $(record api 7); amend"),
    Tampering(
      "a record is nested very deeply", .recordUnreadable, by: "record-spelling",
      git: """
        yes '[' | head -n 1000000 | tr -d '\\n' > deep; { printf '{"schema":"https://tagflip.dev/schemas/record-v1.json","x":'; cat deep; } > $(record api 7)
        rm deep; amend
        """),
    Tampering(
      "a record is larger than any that is written", .objectDamaged, by: "reading",
      git: "head -c 40000000 /dev/zero >> $(record api 7); amend"),
    Tampering(
      "a number is used again", .sequenceReused, by: "sequence",
      git: """
        git rm -q $(record web 17); git commit -q -m tidy; mkdir -p services/web/records/0000
        git show HEAD~1:$(record web 17) | sed s/by.hand/by.nobody/ > $(record web 17); git add .; git commit -q -m again; publish HEAD
        """),
    Tampering(
      "a record says another number than its place", .recordInconsistent, by: "sequence",
      git: "sed -i 's/\"sequence\":7/\"sequence\":70/' $(record api 7); amend"),
    Tampering(
      "a record lies under another service", .serviceMismatch, by: "record-place",
      git: "sed -i 's/\"service\":\"api\"/\"service\":\"web\"/g' $(record api 7); amend"),
    Tampering(
      "a service's name only looks like one", .serviceNameInvalid, by: "record-place",
      git: """
        mkdir -p services/wеb/records/0000; git show HEAD~1:$(record web 1) > services/wеb/records/0000/0000001.json
        git rm -q $(record api 7); amend
        """),
    Tampering("a record of another installation", .installationDiffers, by: "installation") { shop in
      shop.web.installation = "elsewhere"
      return [shop.web.refused("9.0.0-rc.1")]
    },
    Tampering("a plan for another cluster", .clusterDiffers, by: "installation") { shop in
      shop.web.cluster = "staging"
      return [try shop.web.planned("9.0.0")]
    },
    Tampering(
      "the installation is not the one that the auditor means", .installationDiffers, by: "installation",
      ask: { question, _ in question.installation = "bank" },
      git: "true"),
    Tampering("a record is dated back", .timeBackwards, by: "time-order") { shop in
      var record = shop.web.refused("9.0.0-rc.1")
      record.at = Timestamp(milliseconds: 1_767_000_000_000)
      return [record]
    },
    Tampering("a plan of another service's tag", .recordInconsistent, by: "record-consistency") { shop in
      var record = try shop.web.planned("9.0.0")
      record.tag = shop.api.facts(shop.api.tag("9.0.0"))
      return [record]
    },
    Tampering("an outcome without its conclusion", .recordInconsistent, by: "record-consistency") { shop in
      _ = try shop.web.planned("9.0.0")
      var record = try shop.web.ended(.promoted)
      record.conclusion = nil
      return [record]
    },
  ]
}

/// Judges by what the bytes hold.
struct Signed: CommitJudge {
  let isGood: @Sendable (String) -> Bool
  let keys: [SSHPublicKey]

  init(keys: [SSHPublicKey] = [], by isGood: @escaping @Sendable (String) -> Bool) { (self.keys, self.isGood) = (keys, isGood) }

  func verdict(on raw: [UInt8]) -> CommitVerdict {
    let text = String(decoding: raw, as: UTF8.self)
    guard text.contains("gpgsig") else { return .unsigned }
    return isGood(text) ? .good(principal: "bot", fingerprint: "SHA256:x") : .bad(reason: "no trusted key made it")
  }

  func verdict(on signature: [UInt8], over payload: [UInt8], namespace: String, at instant: Timestamp) -> CommitVerdict {
    isGood(namespace) ? .good(principal: "auditor", fingerprint: "SHA256:y") : .bad(reason: "the auditor named no such key")
  }
}
