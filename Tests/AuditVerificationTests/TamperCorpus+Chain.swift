import AuditTrail
import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

extension Tampering {
  // MARK: Files

  static let files: [Tampering] = [
    Tampering("a file is added", .unexpectedFile, by: "append-only", git: "echo approved > services/web/approval.json; amend"),
    Tampering("a file is added to history", .unexpectedFile, by: "append-only", git: "rewrite 'echo approved > APPROVAL.md'"),
    Tampering(
      "a record is a link", .unexpectedFile, by: "append-only", git: "rm $(record api 7); ln -s 0000001.json $(record api 7); amend"),
    Tampering("a file is executable", .unexpectedFile, by: "append-only", git: "chmod +x services/api/head.json; amend"),
    Tampering("an old record is deleted", .fileDeleted, by: "append-only", git: "git rm -q $(record web 5); amend"),
    Tampering(
      "the readme says something else", .fileModified, by: "append-only", git: "echo 'Ask Eve.' > README.md; amend"),
    Tampering(
      "another service's head is changed along", .fileModified, by: "append-only",
      git: "sed -i 's/\"lastPlanHasOutcome\":true/\"lastPlanHasOutcome\":false/' services/web/head.json; amend"),
    Tampering(
      "a quarantine is taken out of the head", .headMismatch, by: "head-file",
      git: "sed -i -E 's/\"quarantine\":\\{[^}]*\\}/\"quarantine\":{}/' services/api/head.json; amend"),
    Tampering("the count is lowered", .countMismatch, by: "count-file", git: "echo '{\"records\":20}' > records.json; amend"),
    Tampering(
      "a key leads elsewhere", .keyMismatch, by: "event-keys",
      git:
        "f=$(git diff --name-only --diff-filter=A HEAD~1 -- services/api/keys); sed -i -E 's/\"sequence\":[0-9]+/\"sequence\":1/' $f; amend"
    ),
    Tampering(
      "a key is left out", .keyMismatch, by: "event-keys",
      git: "git rm -q $(git diff --name-only --diff-filter=A HEAD~1 -- services/api/keys); amend"),
    Tampering(
      "a decision on a tag is changed", .tagDecisionMismatch, by: "tag-decisions",
      git: """
        X=$(at web 11); git checkout -q $X; f=$(git diff --name-only HEAD~1 -- services/web/tags); sed -i s/refused/planned/ $f; git add .
        N=$(remake $X $(git write-tree) $X~1); git checkout -q tagflip/audit; follow $N $X
        """),
    Tampering(
      "a tag is left out of those noted at first sight", .notedMismatch, by: "tag-decisions",
      git: """
        X=$(at web 1); git checkout -q $X; echo '{}' > services/web/noted.json; git add .
        N=$(remake $X $(git write-tree) $X~1); git checkout -q tagflip/audit; follow $N $X
        """),
    Tampering(
      "an object is missing", .objectDamaged, by: "reading",
      git: "cd ../remote.git; o=$(git rev-parse $B:$(record web 5)); rm -f objects/$(echo $o | cut -c1-2)/$(echo $o | cut -c3-)"),
    Tampering(
      "a pack is truncated", .historyBroken, by: "reading",
      git: "cd ../remote.git; git repack -q -a -d; git prune-packed; p=$(ls objects/pack/*.pack); chmod u+w $p; truncate -s 2000 $p"),
    Tampering(
      "a byte of a pack is flipped", .objectDamaged, by: "reading",
      git: """
        cd ../remote.git; git repack -q -a -d --depth=0; p=$(ls objects/pack/*.pack); chmod u+w $p
        at=$(git verify-pack -v ${p%.pack}.idx | grep $(git rev-parse $B:$(record web 5)) | awk '{print $5 + int($4 / 2)}')
        printf '\\125\\252' | dd of=$p bs=1 seek=$at conv=notrunc 2>/dev/null
        """),
    Tampering(
      "the clone is cut off", .historyBroken, by: "reading", repository: "work",
      git: "cd ..; rm -rf work; git clone -q --depth 3 -b tagflip/audit file://$PWD/remote.git work"),
    Tampering(
      "an object is replaced in the clone", .objectsReplaced, by: "plain-git", repository: "work", git: "git replace HEAD HEAD~1"),
    Tampering(
      "the clone's own branch is not the remote's", .refsDiffer, by: "plain-git", repository: "work", git: "git reset -q --hard HEAD~1"),
  ]

  // MARK: The chain

  static let chain: [Tampering] = [
    Tampering("an outcome of a rollout that was never announced", .outcomeWithoutPlan, by: "plan-then-outcome") { shop in
      _ = try shop.web.planned("9.0.0")
      return [try shop.web.ended(.promoted)]
    },
    Tampering("an outcome twice", .outcomeTwice, by: "plan-then-outcome") { trail, shop in
      try trail.forge(try shop.api.ended(.promoted))
    },
    Tampering("an event is recorded twice", .recordedTwice, by: "event-keys") { trail, shop in
      try trail.forge(try shop.api.ended(.promoted))
    },
    Tampering("an outcome of another plan than was announced", .outcomeDiffers, by: "plan-then-outcome") { shop in
      let plan = try shop.web.planned("9.0.0")
      var outcome = try shop.web.ended(.promoted)
      outcome.planDigest = Digest(of: [9])
      return [plan, outcome]
    },
    Tampering("an outcome that led elsewhere", .outcomeDiffers, by: "plan-then-outcome") { shop in
      let plan = try shop.web.planned("9.0.0")
      var outcome = try shop.web.ended(.promoted)
      let from = outcome.conclusion?.from
      outcome.conclusion?.to = from
      return [plan, outcome]
    },
    Tampering("a plan from where users were not", .fromMismatch, by: "continuity") { shop in
      shop.web.live = (.blue, Version("8.0.0"))
      return [try shop.web.planned("9.0.0")]
    },
    Tampering("a person goes back from where users were not", .fromMismatch, by: "continuity") { shop in
      (shop.web.live, shop.web.standby) = ((.blue, Version("8.0.0")), (.green, Version("7.0.0")))
      return [try shop.web.wentBack()]
    },
    Tampering("a version in quarantine is planned", .quarantinedPlanned, by: "quarantine") { shop in [try shop.web.planned("1.3.0")] },
    Tampering("a tag is released again", .decidedBefore, by: "decided-once") { shop in [try shop.web.planned("1.0.0")] },
    Tampering("an old tag is released", .decidedBefore, by: "decided-once") { shop in [try shop.web.planned("0.8.0")] },
    Tampering("a superseded tag is released", .supersededPlanned, by: "decided-once") { shop in [try shop.web.planned("1.1.0")] },
    Tampering("a tag that moved is released", .movedTagPlanned, by: "decided-once") { shop in
      [try shop.web.planned("0.8.0", object: shop.web.made("0.8.0", again: true).id)]
    },
    Tampering("a retry is invented", .retryUnknown, by: "decided-once") { shop in
      [try shop.web.planned("1.0.0", attempt: Digest(of: [7]).description)]
    },
    Tampering("a change of the template is hidden", .changedMismatch, by: "changed-sources") { trail, shop in
      var record = try shop.web.planned("9.0.0", template: 77)
      record.changed = ["plan"]
      let hidden = record
      try trail.forge(record) { files in
        for (path, text) in files where path.contains("/records/") {
          files[path] = text.replacing(
            "\"changed\":[\"template\"]", with: "\"changed\":\((try? CanonicalJSON.text(of: hidden.changed)) ?? "[]")")
        }
      }
    },
    Tampering(
      "the branch is reset", .headNotReached, by: "known-head", ask: { $0.head = $1 },
      git: "publish HEAD~3"),
    Tampering(
      "the branch is replaced by another trail", .headNotReached, by: "known-head", ask: { $0.head = $1 }
    ) { trail, shop in
      try trail.git("update-ref -d refs/heads/tagflip/audit")
      var web = Chronicle("web")
      try await trail.append([web.noted()])
    },
    Tampering(
      "the branch is deleted", .branchMissing, by: "reading", ask: { $0.head = $1 },
      git: "git push -q origin :$B"),
    Tampering(
      "fewer records than the auditor was told of", .countBelow, by: "known-head", ask: { question, _ in question.count = 29 },
      git: "publish HEAD~1"),
  ]
}
