import AuditTrail
import Digests

import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// The shop's trail, told once and copied for each case.
actor Original {
  static let shared = Original()

  private var telling: Task<(Trail, Shop), any Error>?

  /// The trail itself, for who only reads it, and its shop at the end of the story. Whoever comes while it is told waits for it.
  func trail() async throws -> (Trail, Shop) {
    let task =
      telling
      ?? Task {
        let trail = try Trail()
        var shop = Shop()
        try await shop.tell(trail)
        return (trail, shop)
      }
    telling = task
    return try await task.value
  }

  /// A copy of the trail.
  func copy() async throws -> (Trail, Shop) {
    let (original, shop) = try await trail()
    let scratch = try Scratch()
    try scratch.sh("cp -a \(original.scratch.path)/remote.git remote.git")
    return (Trail(scratch), shop)
  }
}

extension Trail {
  /// What scripts of the corpus may call, all of it plain git and a shell.
  static let tools = """
    B=refs/heads/tagflip/audit
    export FILTER_BRANCH_SQUELCH_WARNING=1
    # record SERVICE NUMBER: its path
    record() { printf 'services/%s/records/%04d/%07d.json' "$1" $(($2 / 1000)) "$2"; }
    # exhibit SERVICE NUMBER KIND: the path of what that record rests on
    exhibit() {
      d=$(grep -o '"digest":"sha256:[0-9a-f]*","kind":"'$3'"' "$(record "$1" "$2")" | grep -oE '[0-9a-f]{64}')
      printf 'exhibits/%s/%s/%s' $(echo $d | cut -c1-2) $(echo $d | cut -c3-4) $(echo $d | cut -c5-)
    }
    # at SERVICE NUMBER: the commit that added it
    at() { git -C ../remote.git log --format=%H --diff-filter=A $B -- "$(record "$1" "$2")"; }
    # remake COMMIT TREE PARENT…: the commit anew, with its own words, author and times
    remake() {
      c=$1; t=$2; shift 2; p=; for x in "$@"; do p="$p -p $x"; done
      git cat-file commit $c | sed '1,/^$/d' > /tmp/message-$$
      GIT_AUTHOR_NAME=$(git show -s --format=%an $c) GIT_AUTHOR_EMAIL=$(git show -s --format=%ae $c) GIT_AUTHOR_DATE="@$(git show -s --format=%at $c) +0000" \\
      GIT_COMMITTER_NAME=$(git show -s --format=%cn $c) GIT_COMMITTER_EMAIL=$(git show -s --format=%ce $c) GIT_COMMITTER_DATE="@$(git show -s --format=%ct $c) +0000" \\
      git commit-tree $t $p < /tmp/message-$$
      rm -f /tmp/message-$$
    }
    publish() { git push -q -f origin "$1:$B"; }
    # amend: the tip anew, with what lies in the work tree
    amend() { git add -A; publish $(remake HEAD $(git write-tree) HEAD~1); }
    # follow NEW OLD: everything after OLD, on top of NEW
    follow() { n=$1; for x in $(git rev-list --reverse $2..HEAD); do n=$(remake $x $x^{tree} $n); done; publish $n; }
    # rewrite COMMAND: runs it in the files of every commit
    rewrite() { git filter-branch -f --tree-filter "$1" HEAD >/dev/null 2>&1; publish HEAD; }
    """

  /// Runs a script in a clone of the trail.
  func tamper(_ script: String) throws {
    try scratch.sh("git clone -q -b tagflip/audit remote.git work; cd work\n\(Self.tools)\n\(script)")
  }

  /// Makes a commit as the bot would make it, by hand: record, head, key and count, whatever the record says.
  func forge(_ original: AuditRecord, as spoil: (inout [String: String]) -> Void = { _ in }) throws {
    var record = original
    try scratch.sh("rm -rf work; git clone -q -b tagflip/audit remote.git work")
    func text(_ value: some Encodable) throws -> String { try CanonicalJSON.text(of: value) + "\n" }
    let headPath = AuditTree.head(record.service)
    var head = try CanonicalJSON.value(LedgerHead.self, from: try scratch.sh("cat work/\(headPath)").utf8)
    let count = try CanonicalJSON.value(RecordCount.self, from: try scratch.sh("cat work/records.json").utf8)
    (record.sequence, record.previous, record.changed) = (head.sequence + 1, head.last, head.changes(to: record.sources))
    let path = AuditTree.record(record.service, record.sequence)
    let bytes = try text(record)
    let digest = Digest(of: bytes.utf8)
    head.take(record, digest)
    var files = [
      path: bytes, headPath: try text(head), AuditTree.count: try text(RecordCount(records: count.records + 1)),
      AuditTree.key(record.service, record.key): try text(RecordedKey(sequence: record.sequence, digest: digest)),
    ]
    spoil(&files)
    for (path, text) in files {
      try scratch.sh("mkdir -p work/\(path.split(separator: "/").dropLast().joined(separator: "/"))")
      try scratch.write("work/\(path)", text)
    }
    for exhibit in record.exhibits {
      guard let bytes = exhibit.bytes else { continue }
      let path = AuditTree.exhibit(exhibit.digest)
      try scratch.sh("mkdir -p work/\(path.split(separator: "/").dropLast().joined(separator: "/"))")
      try scratch.write("work/\(path)", bytes: bytes)
    }
    try scratch.write("message", CommitMessage(record, path: path).text)
    let seconds = (record.at?.milliseconds ?? 0) / 1000
    try scratch.sh(
      """
      cd work; git add -A
      export GIT_AUTHOR_NAME=tagflip GIT_AUTHOR_EMAIL=tagflip@localhost GIT_AUTHOR_DATE='@\(seconds) +0000'
      export GIT_COMMITTER_NAME=tagflip GIT_COMMITTER_EMAIL=tagflip@localhost GIT_COMMITTER_DATE='@\(seconds) +0000'
      git push -q origin $(git commit-tree $(git write-tree) -p HEAD < ../message):refs/heads/tagflip/audit
      """)
  }
}

/// One way to tamper with the trail: what must be found, and which check finds it.
struct Tampering: Sendable, CustomTestStringConvertible {
  var name: String
  var code: FindingCode
  var check: String
  /// What the auditor asks, who knows where the trail's tip was before.
  var ask: @Sendable (inout Verifier.Question, ObjectID) -> Void = { _, _ in }
  var judge: (any CommitJudge)?
  var repository = "remote.git"
  var releases: String?
  var act: @Sendable (Trail, inout Shop) async throws -> Void

  var testDescription: String { name }

  init(
    _ name: String, _ code: FindingCode, by check: String,
    ask: @escaping @Sendable (inout Verifier.Question, ObjectID) -> Void = { _, _ in },
    judge: (any CommitJudge)? = nil, repository: String = "remote.git", releases: String? = nil,
    act: @escaping @Sendable (Trail, inout Shop) async throws -> Void
  ) {
    (self.name, self.code, self.check, self.ask, self.judge, self.repository, self.releases, self.act) = (
      name, code, check, ask, judge, repository, releases, act
    )
  }

  /// By plain git alone.
  init(
    _ name: String, _ code: FindingCode, by check: String,
    ask: @escaping @Sendable (inout Verifier.Question, ObjectID) -> Void = { _, _ in },
    repository: String = "remote.git", git script: String
  ) {
    self.init(name, code, by: check, ask: ask, repository: repository) { trail, _ in try trail.tamper(script) }
  }

  /// Somebody with the bot's own program and rights appends what the engine never would.
  init(
    _ name: String, _ code: FindingCode, by check: String, inside records: @escaping @Sendable (inout Shop) throws -> [AuditRecord]
  ) {
    self.init(name, code, by: check) { trail, shop in try await trail.append(records(&shop)) }
  }
}
