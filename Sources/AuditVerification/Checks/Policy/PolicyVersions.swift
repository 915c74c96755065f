import Digests
import GitStore
import ReleaseModel

/// Which versions of the settings, and of the files of keys that they name, records rest on, where there was more than one: what was loosened and
/// restored shows here.
struct PolicyVersions: TrailEnding {
  let name = "policy-versions"
  /// How many turns are told; the last ones, since those before were there to be told when they were the last.
  private static let told = 6

  func inspect(_ end: TrailEnd, _ log: inout FindingLog) {
    for (file, turns) in end.state.turns.sorted(by: { $0.key < $1.key }) where turns.count > 1 {
      let versions = Set(turns.map(\.digest)).count
      let words = turns.suffix(Self.told).map(\.words).joined(separator: ", then ")
      log.add(
        file == Exhibit.Kind.settings.rawValue ? .settingsChanged : .keysChanged, commit: end.branch.tip,
        "\(file): \(versions) versions in \(turns.count) turns: \(turns.count > Self.told ? "…, then " : "")\(words)")
    }
  }
}

extension PolicyTurn {
  fileprivate var words: String {
    let span = records == 1 ? "1 record, \(first)" : "\(records) records, \(first) to \(last)"
    return "\(digest.prefix12) (\(span))"
  }
}
