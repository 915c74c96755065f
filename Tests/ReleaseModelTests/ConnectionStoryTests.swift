import Testing

@testable import ReleaseModel

/// What a commit says of connections that a flip does not move.
@Suite struct ConnectionStoryTests {
  // How established connections were moved, and what the commit says of it.
  static let moves: [(ConnectionsMoved, String)] = [
    (
      ConnectionsMoved(replaced: 3, pods: 3),
      """
      It moves new
      connections; established ones were moved by replacing the 3 pods of blue
      one at a time.
      """
    ),
    (
      ConnectionsMoved(replaced: 1, pods: 3, stopped: "blue was not whole again within 10 min"),
      """
      It moves new
      connections; of blue's 3 pods 1 was replaced to move established ones,
      then it was given up (blue was not whole again within 10 min): that
      these have moved is not evidenced.
      """
    ),
  ]

  @Test(arguments: moves)
  func `how established connections were moved is told`(_ moved: ConnectionsMoved, _ words: String) {
    var record = RecordSamples.record(
      .outcome, conclusion: RecordSamples.conclusion(.promoted, exposed: true, reason: "healthy for the whole bake"),
      cutover: RecordSamples.cutover)
    record.cutover?.connections = moved
    let text = CommitMessage(record, path: "services/web/records/0000/0000042.json").text
    #expect(text.contains(words), "\(text)")
  }
}
