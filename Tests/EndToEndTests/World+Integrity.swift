import KubernetesModel
import Testing

extension World {
  /// What must be true after any story: the log is whole, and users never were on nothing or on both colors.
  ///
  /// - Parameter hand: what a log of the API server must tell, where there is one, of a hand that no record speaks of.
  /// - Parameter overlaps: whether users reached both colors for a while, as a plan says.
  /// - Parameter adopted: whether the Service was somebody's before: then its selector has no color until the first release.
  func demandIntegrity(
    hand: String? = nil, adopted: Bool = false, overlaps: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    _ = try await gitOutput(["-C", "\(root)/releases.git", "fsck", "--strict", "--no-dangling"])
    let sequences = try await trailers("Sequence")
    #expect(sequences == (1...max(1, sequences.count)).map(String.init), "the sequence has no gaps", sourceLocation: sourceLocation)
    let plans = zip(try await trailers("Event"), try await trailers("Rollout")).filter { $0.0 == "plan" }.map(\.1)
    let outcomes = zip(try await trailers("Event"), try await trailers("Rollout")).filter { $0.0 == "outcome" }.map(\.1)
    for plan in plans { #expect(outcomes.filter { $0 == plan }.count == 1, "one outcome for \(plan)", sourceLocation: sourceLocation) }
    let verdicts = try await gitOutput([
      "-C", "\(root)/releases.git", "-c", "gpg.ssh.allowedSignersFile=\(root)/allowed-signers", "log", "--format=%G? %GS",
      "tagflip/audit",
    ])
    #expect(Set(verdicts.split(separator: "\n")) == ["G tagflip@localhost"], "the bot signed all of it", sourceLocation: sourceLocation)
    let promotions = zip(try await trailers("Outcome"), try await trailers("Image-Digest")).filter { $0.0 == "promoted" }.map(
      \.1)
    for images in promotions { #expect(images.hasPrefix("web ") && images.contains("sha256:"), sourceLocation: sourceLocation) }
    let verified = try await readTrail(
      "verify", "--releases", "\(root)/releases.git", "--trust", "\(root)/allowed-signers")
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)", sourceLocation: sourceLocation)
    let live = try await verifyLive()
    if let hand, apiLog != nil {
      #expect(live.status == 40 && live.output.contains(hand), "\(live.output)\(live.errors)", sourceLocation: sourceLocation)
      #expect(!live.output.contains("ERROR"), "\(live.output)\(live.errors)", sourceLocation: sourceLocation)
    } else {
      #expect(live.status == 0, "\(live.output)\(live.errors)", sourceLocation: sourceLocation)
    }
    #expect(!live.output.contains("NOT READ"), "\(live.output)", sourceLocation: sourceLocation)
    let message = try await gitOutput(["-C", "\(root)/releases.git", "log", "-1", "--format=%B", "tagflip/audit"])
    try write("message", message)
    let parsed = try await gitOutput(["interpret-trailers", "--parse", "\(root)/message"])
    #expect(parsed.contains("Service: web") && parsed.contains("Record: services/web/records/"), sourceLocation: sourceLocation)
    let selectors = selectors
    #expect(!selectors.isEmpty, "the watch saw the Service", sourceLocation: sourceLocation)
    for selector in selectors {
      #expect(selector["app"] == "web", sourceLocation: sourceLocation)
      let color = selector["tagflip.dev/color"]?.string
      guard color != nil || !adopted else { continue }
      if overlaps, color == nil, selector["tagflip.dev/service"] == "web" { continue }
      #expect(["none", "blue", "green"].contains(color ?? ""), sourceLocation: sourceLocation)
    }
  }
}
