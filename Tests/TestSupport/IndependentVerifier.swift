import FoundationEssentials

/// An implementation of DSSE and in-toto that is not ours: Python's securesystemslib and in-toto-attestation, where a Python has them.
package enum IndependentVerifier {
  /// The interpreter that has both: the one that `jobs/test` made, or the system's.
  package static let python: String? = {
    let made = ProcessInfo.processInfo.environment["TAGFLIP_TEST_PYTHON"]
    return [made, "python3"].compactMap(\.self).first { python in
      (try? Scratch().sh("'\(python)' -c 'import securesystemslib.dsse, in_toto_attestation.v1.statement'")) != nil
    }
  }()

  package static let missing =
    "no python3 has securesystemslib and in-toto-attestation: pip install 'securesystemslib[crypto]' in-toto-attestation"
}
