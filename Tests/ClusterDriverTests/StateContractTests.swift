import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// The bot's own documents, Leases, name and time.
@Suite struct StateContractTests {
  @Test("A document is written only over the revision that was read", arguments: ClusterBench.Place.available)
  func documents(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, journal) = (bench.driver, StateDocument.journal(bench.target.service))
      #expect(try await driver.load(.index) == nil)
      guard case .saved(let first) = try await driver.save(.index, text: "{\"a\":1}", expecting: nil) else {
        Issue.record("the first write was lost")
        return
      }
      #expect(try await driver.load(.index) == StoredDocument(text: "{\"a\":1}", revision: first))
      #expect(try await driver.save(.index, text: "x", expecting: nil) == .lost)
      guard case .saved(let second) = try await driver.save(.index, text: "{\"a\":2}", expecting: first) else {
        Issue.record("the second write was lost")
        return
      }
      #expect(try await driver.save(.index, text: "late", expecting: first) == .lost)
      #expect(try await driver.load(.index) == StoredDocument(text: "{\"a\":2}", revision: second))
      // Deleted and made anew: an old revision is no revision of it.
      let object = try await bench.api.get(.configMap, bench.namespace, "tagflip-index")
      #expect(object.labels[Label.managedBy] == Label.bot)
      try await bench.api.delete(.configMap, object)
      #expect(try await driver.save(.index, text: "late", expecting: second) == .lost)
      #expect(try await driver.save(.index, text: "new", expecting: nil) != .lost)
      #expect(try await driver.save(.index, text: "late", expecting: second) == .lost)
      #expect(try await driver.load(journal) == nil)
      #expect(try await driver.save(journal, text: "j", expecting: nil) != .lost)
      #expect(try await bench.api.find(.configMap, bench.namespace, "tagflip-journal-web") != nil)
    }
  }

  @Test("A Lease has one holder until it is given up or expires", arguments: ClusterBench.Place.available)
  func leases(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, service) = (bench.driver, bench.target.service)
      func lease() async throws -> JSON { try await bench.api.get(.lease, bench.namespace, "tagflip-web")["spec"] ?? .null }
      guard case .held = try await driver.hold(service, holder: "a", for: .seconds(60)) else {
        Issue.record("a free Lease was not given")
        return
      }
      guard case .busy(let rival) = try await driver.hold(service, holder: "b", for: .seconds(60)), rival.holder == "a" else {
        Issue.record("a held Lease was given away")
        return
      }
      #expect(rival.until > (try await driver.now()))
      guard case .held(let renewed) = try await driver.hold(service, holder: "a", for: .seconds(1)) else {
        Issue.record("a Lease was not renewed")
        return
      }
      #expect(try await lease()["leaseTransitions"] == 0)
      // It expires by the server's clock, whose Date has whole seconds.
      while try await driver.now() <= renewed { try await Task.sleep(for: .milliseconds(100)) }
      guard case .held = try await driver.hold(service, holder: "b", for: .seconds(60)) else {
        Issue.record("an expired Lease was not given")
        return
      }
      #expect(try await lease()["leaseTransitions"] == 1)
      try await driver.release(service, holder: "a")
      #expect(try await lease()["holderIdentity"] == "b")
      try await driver.release(service, holder: "b")
      guard case .held = try await driver.hold(service, holder: "a", for: .seconds(60)) else {
        Issue.record("a Lease that was given up was not given")
        return
      }
    }
  }

  @Test("The caller has a name and the server a time", arguments: ClusterBench.Place.available)
  func identity(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      #expect(try await !bench.driver.caller().isEmpty)
      let early = try await bench.driver.now()
      #expect(early > Timestamp(milliseconds: 1_700_000_000_000))
      #expect(try await bench.driver.now() >= early)
    }
  }

  @Test("A missing namespace of the bot's own is named with the command that makes it", arguments: ClusterBench.Place.available)
  func missingNamespace(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let driver = KubernetesDriver(client: bench.api.client, stateNamespace: "driver-nowhere", clock: RealClock())
      let missing = try await driver.load(.index)
      #expect(missing == nil)
      let error = await #expect(throws: PortError.self) { try await driver.save(.index, text: "x", expecting: nil) }
      #expect(error?.hint == "make the bot's namespace: kubectl create namespace driver-nowhere")
    }
  }
}
