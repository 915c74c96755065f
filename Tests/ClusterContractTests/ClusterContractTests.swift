import FoundationEssentials
import TestSupport
import Testing

// The same cases over the embedded cluster and over a real API server: what one answers, the other answers.
@Suite struct ClusterContractTests {
  @Test("The embedded cluster answers as a real one does", arguments: ContractCase.all)
  func embedded(_ contract: ContractCase) async throws {
    try await ContractBench.run(.embedded, contract.body)
  }

  @Test(
    "A real API server answers as the embedded cluster does",
    .enabled(if: RealCluster.kubeconfig != nil, "needs TAGFLIP_TEST_KUBECONFIG: no real API server to hold the embedded cluster against"),
    arguments: ContractCase.all.filter { $0.notOnReal == nil && !$0.needsLimitedUser })
  func real(_ contract: ContractCase) async throws {
    try await ContractBench.run(.real, contract.body)
  }

  @Test(
    "A real API server tells a user who may next to nothing the same",
    .enabled(
      if: RealCluster.limitedKubeconfig != nil, "needs TAGFLIP_TEST_LIMITED_KUBECONFIG: a kubeconfig of somebody with next to no rights"),
    arguments: ContractCase.all.filter(\.needsLimitedUser))
  func limited(_ contract: ContractCase) async throws {
    try await ContractBench.run(.real, contract.body)
  }

  @Test("What the embedded cluster does not model is said in its documentation")
  func documented() throws {
    let root = #filePath.dropLast("Tests/ClusterContractTests/ClusterContractTests.swift".count)
    let article = try Data(contentsOf: URL(filePath: root + "Sources/RehearsalCluster/RehearsalCluster.docc/RehearsalCluster.md"))
    let words = String(decoding: article, as: UTF8.self).split { $0.isWhitespace }.joined(separator: " ")
    let missing = (ContractCase.all + ContractCase.kubectl).compactMap(\.notModelled).filter { !words.contains($0) }
    #expect(missing.isEmpty)
  }
}

// The same through the real `kubectl`, where it is installed.
@Suite(.enabled(if: isInstalled("kubectl"), "needs kubectl, which is not installed"), .onOwnThread)
struct KubectlContractTests {
  @Test("kubectl finds in the embedded cluster what it finds in a real one", arguments: ContractCase.kubectl)
  func embedded(_ contract: ContractCase) async throws {
    try await ContractBench.run(.embedded, contract.body)
  }

  @Test(
    "kubectl finds in a real cluster what it finds in the embedded one",
    .enabled(if: RealCluster.kubeconfig != nil, "needs TAGFLIP_TEST_KUBECONFIG: no real API server to hold the embedded cluster against"),
    arguments: ContractCase.kubectl.filter { $0.notOnReal == nil })
  func real(_ contract: ContractCase) async throws {
    try await ContractBench.run(.real, contract.body)
  }
}
