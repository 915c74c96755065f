import FoundationEssentials

/// A program and all it is given: its arguments and its environment, nothing else.
package struct Command: Sendable, Hashable {
  /// The program and its arguments; a program without a slash is looked up in this process's `PATH`.
  package var arguments: [String]
  /// The whole environment of the child: nothing is inherited.
  package var environment: [String: String]

  /// A command of these parts.
  package init(_ arguments: [String], environment: [String: String] = Command.ownEnvironment) {
    self.arguments = arguments
    self.environment = environment
  }

  /// The program as it was named, for messages.
  package var program: String { arguments.first ?? "" }

  /// This process's environment, as it is now.
  package static var ownEnvironment: [String: String] { ProcessInfo.processInfo.environment }
}
