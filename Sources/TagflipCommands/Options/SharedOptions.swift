import ArgumentParser

/// What every verb that works on an installation takes.
struct SharedOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The installation's settings (default: $TAGFLIP_SETTINGS, else config/tagflip.yaml).")
  var settings: String?

  @Option(help: "How results are printed: text or json.")
  var output: OutputFormat = .text

  @Option(help: "How progress is told on standard error: text or json.")
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
