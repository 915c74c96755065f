import FoundationEssentials
import TestSupport
import TrailSamples

extension TagBytes {
  /// What a real repository has under a name, below a scratch directory.
  init(_ name: String, in repository: String, _ scratch: Scratch) throws {
    let kind = try scratch.sh(
      "git -C \(repository) cat-file -t \(name) | tee kind; git -C \(repository) cat-file $(cat kind) \(name) > object")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(scratch.path)/object")))
    self = kind == "tag" ? .tag(bytes) : .commit(bytes)
  }
}
