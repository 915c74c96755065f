import KubernetesModel
import Testing

@testable import RehearsalCluster

/// Knobs come from the image tag, then the environment, then annotations; the later ones win, and what does not fit is named and ignored.
@Suite struct KnobTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var image: String
    var environment: [String: String] = [:]
    var annotations: [String: JSON] = [:]
    var version = "1"
    var given: Set<Knob> = []
    var problems: [String] = []
    var testDescription: String { "\(image) \(environment) \(annotations)" }

    var behaviour: PodBehaviour {
      let metadata: JSON = ["labels": ["app": "web", "tagflip.dev/color": "green"], "annotations": .object(annotations)]
      return PodBehaviour(pod: ["metadata": metadata, "spec": ["containers": [["image": .string(image)]]]], environment: environment)
    }
  }

  @Test(
    "What is given, what is a problem and which version is reported",
    arguments: [
      Case(
        image: "web:1.4.0--error-rate-0.5--latency-ms-40", version: "1.4.0--error-rate-0.5--latency-ms-40", given: [.errorRate, .latency]),
      Case(image: "registry:5000/web", version: "latest"),
      Case(
        image: "registry:5000/team/web:2.0.0-rc.1--unready--bad-after-s-3", version: "2.0.0-rc.1--unready--bad-after-s-3",
        given: [.unready, .badAfter]),
      Case(image: "web@sha256:abcdef", version: "abcdef"),
      Case(image: "web:1.4@sha256:abc", version: "1.4"),
      Case(image: "web:1---crash", version: "1---crash", given: [.crash]),
      Case(image: "web:1--a-b-c-7--crash", version: "1--a-b-c-7--crash", given: [.crash], problems: ["a-b-c=7"]),
      Case(image: "web:1--never-ready", environment: ["FAKE_NEVER_READY": "no"], version: "1--never-ready", given: [.neverReady]),
      Case(image: "web:1", annotations: ["fake/latency-ms": "fast", "fake/nope": "1"], problems: ["latency-ms=fast", "nope=1"]),
      Case(image: "web:1", environment: ["VERSION": "9"], version: "9"),
      Case(image: "web:1--error-rate-.5", version: "1--error-rate-.5", problems: ["error-rate=true"]),
      Case(image: "web:1--term-delay-ms-1.5.2", version: "1--term-delay-ms-1.5.2", problems: ["term-delay-ms=1.5.2"]),
      Case(image: "web:1", annotations: ["fake/smoke-agent": "(unclosed"], problems: ["smoke-agent=(unclosed"]),
      Case(
        image: "web:1", annotations: ["fake/error-rate": "-1", "fake/latency-ms": "nan"], problems: ["error-rate=-1", "latency-ms=nan"]),
      Case(image: "web:1", annotations: ["fake/exit-code": "256"], problems: ["exit-code=256"]),
    ])
  func parsing(_ example: Case) {
    let behaviour = example.behaviour
    #expect(behaviour.version == example.version)
    #expect(behaviour.given == example.given)
    #expect(behaviour.problems == example.problems)
  }

  @Test(
    "A rate above 1 or with a percent sign is percent", arguments: [("0.5", 0.5), ("5", 0.05), ("50%", 0.5), ("0.5%", 0.005), ("1", 1)])
  func rates(text: String, share: Double) {
    #expect(Case(image: "web:1", annotations: ["fake/error-rate": .string(text)]).behaviour.errorRate == share)
  }

  @Test("Annotations win over the environment, which wins over the image tag")
  func precedence() {
    let environment = ["FAKE_ERROR_STATUS": "502", "FAKE_EXIT_CODE": "4"]
    let example = Case(
      image: "web:1--error-status-501--exit-code-3--crashloop", environment: environment, annotations: ["fake/error-status": "503"])
    #expect(example.behaviour.errorStatus == 503)
    #expect(example.behaviour.exitCode == 4)
    #expect(example.behaviour.crashloop)
  }

  @Test("The app names itself by knob, else by environment, else by label")
  func identity() {
    let plain = Case(image: "web:1").behaviour
    #expect([plain.color, plain.service] == ["green", "web"])
    let told = Case(image: "web:1", environment: ["COLOR": "blue", "SERVICE": "shop"], annotations: ["fake/color": "red"]).behaviour
    #expect([told.color, told.service] == ["red", "shop"])
  }

  @Test("An image has one digest: its own, else one that its reference alone decides")
  func digests() {
    #expect(ImageTag(reference: "r.example/web:1@sha256:ab").digestReference == "r.example/web@sha256:ab")
    let invented = ImageTag(reference: "r.example:5000/web:1.4.0").digestReference
    #expect(invented == ImageTag(reference: "r.example:5000/web:1.4.0").digestReference)
    #expect(invented != ImageTag(reference: "r.example:5000/web:1.4.1").digestReference)
    #expect(invented.hasPrefix("r.example:5000/web@sha256:"))
    #expect(invented.split(separator: ":").last?.count == 64)
  }

  @Test("Times are given in the unit that the knob's name ends with; 0 for oom-after-s means never")
  func durations() {
    let example = Case(image: "web:1--latency-ms-40--bad-after-s-1.5--oom-after-s-0--ready-delay-ms-0").behaviour
    #expect(example.latency == .milliseconds(40))
    #expect(example.badAfter == .milliseconds(1500))
    #expect(example.oomAfter == nil)
    #expect(example.readyDelay == .zero)
    #expect(Case(image: "web:1--oom-after-s-2").behaviour.oomAfter == .seconds(2))
  }
}
