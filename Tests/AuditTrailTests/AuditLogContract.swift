import Digests
import ReleaseEngine
import ReleaseModel
import Testing

/// What every audit log must do alike, be it the real one or a fake. The trail is empty at first.
struct AuditLogContract {
  /// Views of the same trail, as two processes have them.
  let one: any AuditLog
  let other: any AuditLog
  private let web = Samples("web")
  private let api = Samples("api")

  init(_ one: any AuditLog, _ other: any AuditLog) {
    self.one = one
    self.other = other
  }

  func check() async throws {
    try await nothing()
    try await firstSight()
    try await sequences()
    try await knownEvents()
    try await expectations()
    try await decisions()
    try await quarantine()
    try await retries()
    try await races()
  }

  private func ledger(_ samples: Samples, _ tags: [ReleaseTag] = []) async throws -> ServiceLedger {
    let ledger = try await one.ledger(of: samples.service, tags: tags)
    let seen = try await other.ledger(of: samples.service, tags: tags)
    #expect(ledger == seen, "both views see the same")
    return ledger
  }

  private func nothing() async throws {
    let tags = [web.tag("1.0.0")]
    #expect(try await ledger(web, tags) == ServiceLedger())
    #expect(try await one.last(of: web.service) == nil)
    let result = try await one.append([], expecting: nil)
    #expect(result.entries.isEmpty && result.count == 0)
  }

  private func firstSight() async throws {
    let result = try await one.append([web.noted([web.tag("0.9.0"), web.tag("1.0.0")])], expecting: 0)
    let entry = try #require(result.entries.first)
    #expect(entry.sequence == 1 && !entry.wasThere && !entry.commit.isEmpty)
    #expect(result.count == 1 && !result.head.isEmpty)
    let ledger = try await ledger(web, [web.tag("1.0.0"), web.tag("1.1.0")])
    #expect(ledger.sequence == 1 && ledger.last == entry.digest)
    #expect(Set(ledger.decisions.keys) == ["web/v1.0.0"], "decisions on the tags that were asked for, where there are any")
    #expect(ledger.decisions["web/v1.0.0"]?.kind == .noted)
    #expect(ledger.decisions["web/v1.0.0"]?.object == web.tag("1.0.0").object)
  }

  private func sequences() async throws {
    _ = try await other.append([api.noted()], expecting: 0)
    let before = try await ledger(web)
    let result = try await one.append(
      [web.refused("1.1.0-rc.1"), api.refused("3.0.0-rc.1"), web.superseded("1.0.1", by: "1.1.0")], expecting: 1)
    #expect(result.entries.map(\.sequence) == [2, 2, 3], "each service counts for itself, without gaps")
    #expect(result.count == 5)
    #expect(before.last != result.entries.last?.digest)
    let last = try #require(try await other.last(of: web.service))
    #expect(last.event == .superseded && last.sequence == 3)
    #expect(last.previous == result.entries.first?.digest, "each names the digest of the service's record before")
    #expect(try await ledger(web).last == result.entries.last?.digest)
  }

  /// An event that is there already is not appended again, whoever appends it and whatever is expected.
  private func knownEvents() async throws {
    let first = try await one.append([web.refused("1.2.0-rc.1")], expecting: nil)
    for expected in [nil, 0, 4] as [Int?] {
      let again = try await other.append([web.refused("1.2.0-rc.1", reason: "other words")], expecting: expected)
      #expect(again.entries.map(\.wasThere) == [true])
      #expect(again.entries.map(\.sequence) == first.entries.map(\.sequence) && again.entries.map(\.digest) == first.entries.map(\.digest))
      #expect(again.count == first.count && again.head == first.head)
    }
    let partly = try await other.append([web.refused("1.2.0-rc.1"), web.refused("1.3.0-rc.1"), web.refused("1.3.0-rc.1")], expecting: 0)
    #expect(partly.entries.map(\.wasThere) == [true, false, true])
    #expect(partly.entries.map(\.sequence) == [4, 5, 5])
  }

  private func expectations() async throws {
    let (before, count) = (try await ledger(web), try await one.append([], expecting: nil).count)
    for expected in [0, before.sequence - 1, before.sequence + 1] {
      let error = await #expect(throws: PortError.self) {
        try await other.append([web.refused("1.4.0-rc.1"), web.refused("1.5.0-rc.1")], expecting: expected)
      }
      #expect(error?.kind == .conflict)
    }
    #expect(try await ledger(web, [web.tag("1.4.0-rc.1")]) == before, "nothing of it was appended")
    #expect(try await one.append([], expecting: nil).count == count)
    let result = try await other.append([web.refused("1.4.0-rc.1"), web.refused("1.5.0-rc.1")], expecting: before.sequence)
    #expect(result.entries.map(\.sequence) == [before.sequence + 1, before.sequence + 2])
  }

  private func decisions() async throws {
    let moved = String(repeating: "e", count: 40)
    _ = try await one.append([web.plan("1.6.0", rollout: 6), web.superseded("1.5.9", by: "1.6.0")], expecting: nil)
    _ = try await one.append([web.refused("1.6.0", object: moved), web.refused("1.0.0", object: moved)], expecting: nil)
    let tags = ["1.6.0", "1.5.9", "1.5.0-rc.1", "1.0.0", "9.9.9"].map { web.tag($0) }
    let ledger = try await ledger(web, tags)
    #expect(
      ledger.decisions.mapValues(\.kind) == [
        "web/v1.6.0": .planned, "web/v1.5.9": .superseded, "web/v1.5.0-rc.1": .refused, "web/v1.0.0": .noted,
      ])
    for version in ["1.6.0", "1.0.0"] {
      let decision = try #require(ledger.decisions["web/v\(version)"])
      #expect(decision.object == web.tag(version).object, "what was seen first counts")
      #expect(decision.moved == [moved])
    }
    #expect(ledger.decisions["web/v1.6.0"]?.firstSeen == Samples.time())
  }

  private func quarantine() async throws {
    _ = try await one.append([web.outcome(.rolledBack, "1.6.0", rollout: 6, reason: "HTTP 500")], expecting: nil)
    #expect(try await ledger(web).quarantine == [Samples.version("1.6.0"): "HTTP 500"])
    #expect(try await ledger(api).quarantine.isEmpty, "each service has its own")
    _ = try await one.append([web.plan("1.7.0", rollout: 7), web.outcome(.promoted, "1.7.0", rollout: 7)], expecting: nil)
    #expect(try await ledger(web).quarantine.keys.map(\.text) == ["1.6.0"], "another version's success lifts nothing")
    _ = try await one.append([web.retry("1.6.0")], expecting: nil)
    #expect(try await ledger(web).quarantine.isEmpty)
  }

  private func retries() async throws {
    let waiting = try #require(try await ledger(web).retries.first)
    #expect(waiting.tag == web.tag("1.6.0") && waiting.version.text == "1.6.0")
    #expect(try await ledger(web).last == waiting.record, "an attempt is named by the digest of the retry's record")
    _ = try await one.append([web.refused("1.8.0-rc.1"), web.plan("1.8.0", rollout: 8)], expecting: nil)
    #expect(try await ledger(web).retries == [waiting], "what does not name it leaves it")
    _ = try await one.append([web.plan("1.6.0", rollout: 9, attempt: waiting.record.description)], expecting: nil)
    #expect(try await ledger(web).retries.isEmpty)

    _ = try await one.append([web.retry("1.6.0", seconds: 1), web.retry("1.0.0", seconds: 2)], expecting: nil)
    let two = try await ledger(web).retries
    #expect(two.map(\.version.text) == ["1.6.0", "1.0.0"], "oldest first")
    let refusal = web.refused("1.6.0", reason: "no such file", attempt: try #require(two.first).record.description)
    let result = try await one.append([refusal, refusal], expecting: nil)
    #expect(result.entries.map(\.wasThere) == [false, true])
    #expect(try await ledger(web).retries == [try #require(two.last)])
  }

  /// Whoever appends at the same time: each event is there once, and no sequence is missing.
  private func races() async throws {
    let before = try await ledger(api).sequence
    let entries = try await withThrowingTaskGroup(of: [AppendResult.Entry].self) { [one, other, api] group in
      for writer in 0..<4 {
        group.addTask {
          var entries: [AppendResult.Entry] = []
          for number in 0..<4 {
            // Every second one is appended by two writers.
            let version = number % 2 == 0 ? "5.\(number).\(writer / 2)" : "6.\(number).\(writer)"
            entries += try await (writer % 2 == 0 ? one : other).append([api.superseded(version, by: "9.0.0")], expecting: nil).entries
          }
          return entries
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let new = entries.filter { !$0.wasThere }
    #expect(Set(new.map(\.sequence)).sorted() == Array(before + 1...before + 12))
    #expect(Set(new.map(\.key)).count == 12 && Set(entries.map(\.key)).count == 12)
    // Two who make the very same commit at the same moment are both right.
    #expect(Set(new).count == 12)
    for entry in entries where entry.wasThere {
      #expect(new.contains { $0.key == entry.key && $0.digest == entry.digest && $0.sequence == entry.sequence })
    }
    #expect(try await ledger(api).sequence == before + 12)
  }
}
