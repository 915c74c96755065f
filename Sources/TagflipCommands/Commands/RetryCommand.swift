import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip retry`
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Commit the wish to release a version once more: lifts its quarantine, or brings back an older one.",
    discussion: """
      The next run releases it through all gates.

      Where the settings name operators, one of them signs it (--sign KEY), and a second person where they ask for one: the first writes the
      signed request to a file (--save FILE), the second takes it up (--request FILE --sign KEY).
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.", transform: Word.service) var service: ServiceName
  @Argument(help: "The version, as its tag has it.", transform: Word.version) var version: Version
  @Option(help: .init("Why, for the record.", valueName: "text")) var reason = "asked for by hand"
  @OptionGroup var signing: SigningOptions

  func run() async throws {
    try await WishWork(kind: .retry, verb: "retry", shared: shared, service: service, version: version, reason: reason, signing: signing)
      .run()
  }
}

/// `tagflip override`
struct OverrideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "override", abstract: "Let a version begin although a freeze holds.",
    discussion: """
      The next run releases it through all gates. Only operators whom the settings name may ask for it: --sign KEY, and for a second person's
      signature --save FILE, then --request FILE --sign KEY.
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.", transform: Word.service) var service: ServiceName
  @Argument(help: "The version, as its tag has it.", transform: Word.version) var version: Version
  @Option(help: .init("Why, for the record.", valueName: "text")) var reason: String
  @OptionGroup var signing: SigningOptions

  func run() async throws {
    try await WishWork(
      kind: .override, verb: "override", shared: shared, service: service, version: version, reason: reason, signing: signing
    )
    .run()
  }
}

/// What `retry` and `override` have in common.
private struct WishWork {
  let kind: Wish.Kind
  let verb: String
  let shared: SharedOptions
  let service: ServiceName
  let version: Version
  let reason: String
  let signing: SigningOptions

  func run() async throws {
    let hand = try signing.hand()
    let result = try await Session(shared).perform { [kind, service, version, reason] installation throws(PortError) in
      try await Wish(kind, installation, service: service, version: version, reason: reason).run(by: hand)
    }
    switch result {
    case .committed(let report): TextOutput.standard.result(WishText(kind: kind, report: report), as: shared.output)
    case .signed(let request):
      let path = signing.save ?? ""
      try SavedRequestText.save(request, to: path)
      let next = "tagflip \(verb) \(service) \(version) --reason TEXT --request \(Word.plain(path)) --sign KEY"
      TextOutput.standard.result(SavedRequestText(request: request, path: path, next: next), as: shared.output)
    }
  }
}

/// What was committed, for standard output.
struct WishText: ResultText {
  let kind: Wish.Kind
  let report: Wish.Report

  private var what: String {
    switch kind {
    case .retry: "let in once more"
    case .override: "may begin although a freeze holds"
    }
  }

  var text: String {
    let by = report.operators.isEmpty ? "" : ", asked for by \(report.operators.map(\.signer).joined(separator: " and "))"
    return "\(report.tag.service) \(report.tag.version): \(what)\(by) (\(report.commit.prefix(10))); the next run releases it"
  }

  var json: JSON {
    [
      "service": .string(report.tag.service.text), "version": .string(report.tag.version.text), "tag": .string(report.tag.name),
      "commit": .string(report.commit), "sequence": .int(Int64(report.sequence)),
      "operators": .array(report.operators.map { ["signer": .string($0.signer), "key": .string($0.key)] }),
    ]
  }
}
