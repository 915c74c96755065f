import FoundationEssentials
import KubernetesModel
import Testing

@testable import TagflipCommands

/// `tagflip audit verify --api-log` over a recorded trail and the log of the real API server that it was recorded on.
@Suite(.serialized) struct APILogProcessTests {
  private static let fixtures = String(#filePath.dropLast("LiveProcessTests.swift".count)) + "Fixtures/api-log"
  private let folder = Scratch()

  /// The lines of the recorded log.
  private var log: [String] {
    get throws {
      String(decoding: try Data(contentsOf: URL(filePath: "\(Self.fixtures)/audit.jsonl")), as: UTF8.self).split(separator: "\n").map(
        String.init)
    }
  }

  private func verify(_ words: String..., log: [String]? = nil) async throws -> Program.Result {
    try folder.write("audit.jsonl", (try log ?? self.log).joined(separator: "\n"))
    let clone = try await Program.shell(
      "rm -rf trail.git; git clone -q --bare -b tagflip/audit \"$0\" trail.git 2>err", ["\(Self.fixtures)/trail.bundle"], in: folder)
    #expect(clone.status == 0, "\(clone.errors)")
    return try await Program.tagflip(["audit", "verify", "--repo", "trail.git"] + words, in: folder)
  }

  /// Codes of findings on the log. Of the trail there may be some: a later version renders its messages otherwise.
  private func codes(_ result: Program.Result) throws -> [String] {
    let all = try JSON(parsing: result.output)["findings"]?.array ?? []
    let prefixes = ["write-", "flip-", "log-"]
    return all.compactMap { $0["code"]?.string }.filter { code in prefixes.contains { code.hasPrefix($0) } }
  }

  @Test func `an edit that was undone, and of which the cluster knows nothing any more, is in the log: by whom, when, where`() async throws
  {
    let verified = try await verify("--api-log", "audit.jsonl")
    #expect(verified.status == 40, "\(verified.all)")
    #expect(
      verified.output.contains(
        "API log      33 writes matched to 5 rollouts, 2 by others; 6 of 6 flips found; 2026-11-28T14:33:58.472Z to 2026-11-28T14:34:42.541Z"
      ), "\(verified.output)")
    #expect(
      verified.output.contains(
        """
        ERROR  write-foreign
          at     services/web/records/0000/0000008.json
          at     commit 04c49ea87d
        """), "\(verified.output)")
    for color in ["blue", "green"] {
      #expect(
        verified.output.contains("what   admin: patch services shop/web (the selector to \(color)) at 2026-11-28T14:34:16."),
        "\(verified.output)")
    }
    #expect(verified.output.contains("auditID 447a485b-dcf9-404a-a100-4040dbcde9d4, audit.jsonl line "), "\(verified.output)")
    let json = try await verify("--api-log", "audit.jsonl", "--output", "json")
    #expect(try codes(json) == ["write-foreign", "write-foreign"], "\(json.output)")
  }

  @Test func `a log without hands has no finding; its numbers are in the JSON, also from standard input`() async throws {
    let clean = try log.filter { !$0.contains("kubectl-patch") }
    let file = try await verify("--api-log", "audit.jsonl", "--output", "json", log: clean)
    #expect(try codes(file).isEmpty, "\(file.all)")
    let numbers = try JSON(parsing: file.output)["checked", "apiLog"]
    #expect(numbers?["matched"] == 33 && numbers?["rollouts"] == 5 && numbers?["byOthers"] == 0, "\(file.output)")
    #expect(numbers?["flips"] == 6 && numbers?["flipsFound"] == 6 && numbers?["unread"] == 0)
    let piped = try await Program.shell(
      "\"$0\" audit verify --repo trail.git --api-log - --output json 2>err <audit.jsonl", [Program.path], in: folder)
    #expect(piped.output == file.output)
  }

  @Test func `without what was sent, writes are matched by time and object, and the hands are found all the same`() async throws {
    let bare = try log.map { line in
      var event = try JSON(parsing: line)
      event["requestObject"] = nil
      event["level"] = "Metadata"
      return event.text
    }
    let verified = try await verify("--api-log", "audit.jsonl", log: bare)
    #expect(verified.output.contains("33 writes matched to 5 rollouts, 3 by others; 6 of 6 flips found"), "\(verified.output)")
    #expect(verified.output.contains("(the log does not say what)"))
  }

  @Test func `a flip that was taken out of the log is missed, and a write that was put in is found`() async throws {
    let flips = try log.filter { $0.contains("selector") && $0.contains("tagflip:tagflip") }
    // Of the first one the log begins too late to claim anything.
    let flip = try #require(flips.dropFirst().first)
    let without = try await verify("--api-log", "audit.jsonl", log: try log.filter { $0 != flip && !$0.contains("kubectl-patch") })
    #expect(without.status == 40 && without.output.contains("ERROR  flip-unlogged"), "\(without.all)")
    #expect(without.output.contains("5 of 6 flips found"))
    let later = flip.replacing("2026-11-28T14:3", with: "2026-11-28T15:3").replacing(#""auditID":""#, with: #""auditID":"x"#)
    let with = try await verify("--api-log", "audit.jsonl", log: try log.filter { !$0.contains("kubectl-patch") } + [later])
    #expect(with.status == 40 && with.output.contains("ERROR  write-unrecorded"), "\(with.all)")
    #expect(
      with.output.contains("no record moves users to green then; it is later than the last record of web in this clone"), "\(with.output)")
  }

  @Test func `what is asked wrongly is said before the trail is read`() async throws {
    let missing = try await verify("--api-log", "nosuch")
    #expect(missing.status == 30 && missing.errors.contains("error: nosuch: could not read the API server's log: "), "\(missing.all)")
    let folderError = try await verify("--api-log", ".")
    #expect(folderError.status == 30 && folderError.errors.contains("this is a folder"), "\(folderError.all)")
    let twice = try await verify("--api-log", "-", "--api-log", "-")
    #expect(twice.status == 64 && twice.errors.contains("standard input can be read once"), "\(twice.all)")
    let alone = try await verify("--settings", "x.yaml")
    #expect(alone.status == 64 && alone.errors.contains("add --cluster"), "\(alone.all)")
    let settings = try await verify("--cluster", "--settings", "x.yaml")
    #expect(settings.status == 30 && settings.errors.contains("error: x.yaml: could not read the settings"), "\(settings.all)")
  }

  @Test func `the cluster that plans must be for is a name, and no longer the option that looks at one`() async throws {
    let other = try await verify("--cluster-name", "west")
    #expect(other.status == 40 && other.output.contains("ERROR  cluster-differs"), "\(other.all)")
    let own = try await verify("--cluster-name", "default")
    #expect(!own.output.contains("cluster-differs"), "\(own.all)")
  }
}

/// `tagflip audit verify --cluster` beside a cluster in this process.
@Suite(.serialized) struct LiveProcessTests {
  @Test func `what was compared is in the JSON, and what differs is among the findings`() async throws {
    try await Shop.open { shop in
      _ = try await shop.tagflip("run", "--settings", "tagflip.yaml")
      try await shop.repository.release("1.0.0", "Release 1.0.0")
      _ = try await shop.tagflip("run", "--settings", "tagflip.yaml")
      let words = ["audit", "verify", "--repo", "releases.git", "--cluster", "--settings", "tagflip.yaml", "--output", "json"]
      let clean = try await Program.tagflip(words, in: shop.folder)
      #expect(clean.status == 0, "\(clean.all)")
      let cluster = try JSON(parsing: clean.output)["checked", "cluster"]
      #expect(cluster?["services"] == 1 && cluster?["deployments"] == 1 && cluster?["unread"] == 0, "\(clean.output)")
      #expect(cluster?["anchor", "records"] == 3)
      try shop.settings("run: {deadline: 10m}")
      let again = try await Program.tagflip(Array(words.dropLast(2)), in: shop.folder)
      #expect(again.output.contains("cluster      default: 1 service, 1 Deployment, "), "\(again.all)")
    }
  }
}
