package import ReleaseModel

/// Reads the settings that lie in the trail, so that what was decided by them can be decided again.
///
/// In which format people write them is no matter of the trail's: whoever composes the ``Verifier`` knows it.
package protocol PolicyReader: Sendable {
  /// What the settings' text says; pure.
  func settings(_ text: [UInt8]) -> Result<Settings, UnreadablePolicy>
}

/// Why a text is none that settings can be read from, in one line.
package struct UnreadablePolicy: Error, Sendable, Hashable {
  package let reason: String

  package init(_ reason: String) { self.reason = PlainText.line(reason, longest: 200) }
}
