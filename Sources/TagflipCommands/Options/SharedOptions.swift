import ArgumentParser

/// What every verb that works on an installation takes.
struct SharedOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: .init("The installation's settings (default: $TAGFLIP_SETTINGS, else config/tagflip.yaml).", valueName: "path"))
  var settings: String?

  @Option(help: .init("How results are printed on standard output.", valueName: "format"))
  var output: OutputFormat = .text

  @Option(help: .init("How progress is told on standard error.", valueName: "format"))
  var log: LogFormat = .text
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
