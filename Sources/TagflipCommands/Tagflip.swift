/// The `tagflip` command.
public enum Tagflip {
  /// Runs the command line and ends the process with its exit code.
  public static func start() async {}
}
