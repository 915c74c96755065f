import CLibgit2
import FoundationEssentials

/// Listing refs from the files that hold them (gitrepository-layout(5)).
///
/// libgit2 would read every packed ref into memory to list a few: 80 ms and 20 MB at a hundred thousand, where reading the one file takes a few milliseconds.
extension OpenRepository {
  /// The refs that begin with a prefix, and the branch `HEAD` names; throws `tooLarge` beyond the limit.
  func listing(prefixes: [String], limit: Int, check: () throws(GitError) -> Void) throws(GitError) -> RefListing {
    guard let common = unsafe git_repository_commondir(repository.pointer).map({ unsafe String(cString: $0) }) else {
      throw GitError(.invalid, "list refs of", on: path)
    }
    var listing = RefListing(head: headBranch, source: .refDatabase)
    // Loose before packed, as git does: a ref that is packed in between is then found in the second place.
    for prefix in prefixes {
      let directory = prefix.prefix(through: prefix.lastIndex(of: "/") ?? prefix.startIndex)
      try addLoose(in: String(directory), of: common, prefix: prefix, to: &listing, limit: limit, check: check)
    }
    try check()
    try addPacked(from: common + "packed-refs", prefixes: prefixes, to: &listing, limit: limit)
    return listing
  }

  // MARK: Loose refs

  private func addLoose(
    in directory: String, of common: String, prefix: String, to listing: inout RefListing, limit: Int, check: () throws(GitError) -> Void
  ) throws(GitError) {
    guard directory.hasPrefix("refs/"), let names = try? FileManager.default.contentsOfDirectory(atPath: common + directory) else { return }
    for name in names {
      let full = directory + name
      guard full.hasPrefix(prefix), let ref = RefName(full) else { continue }
      try check()
      guard let contents = FileManager.default.contents(atPath: common + full) else {
        try addLoose(in: full + "/", of: common, prefix: prefix, to: &listing, limit: limit, check: check)
        continue
      }
      guard let target = try target(of: ref, contents: contents) else { continue }
      try add(ref, target, peeled: ref.name.hasPrefix("refs/tags/") ? try peeled(target) : target, to: &listing, limit: limit)
    }
  }

  /// Nil for a symbolic ref that leads nowhere.
  private func target(of ref: RefName, contents: Data) throws(GitError) -> ObjectID? {
    if contents.starts(with: "ref:".utf8) { return try target(of: ref) }
    guard let id = ObjectID(digits: contents.prefix(40)) else {
      throw GitError(.corrupt, "list refs of", on: path, cause: "\(ref) is broken")
    }
    return id
  }

  // MARK: Packed refs

  /// Lines are `id name`; one of `^id` says what the tag of the line before points to.
  private func addPacked(from file: String, prefixes: [String], to listing: inout RefListing, limit: Int) throws(GitError) {
    guard let contents = FileManager.default.contents(atPath: file).map({ Array($0) }) else { return }
    let wanted = prefixes.map { Array($0.utf8) }
    var knowsPeeled = false
    var last: RefName?
    var rest = contents[...]
    while let first = rest.first {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(line.count + 1)
      switch first {
      case UInt8(ascii: "#"): knowsPeeled = String(decoding: line, as: UTF8.self).contains("peeled")
      case UInt8(ascii: "^"):
        if let ref = last, let peeled = ObjectID(digits: line.dropFirst()) { listing.refs[ref]?.peeled = peeled }
      default:
        let name = line.dropFirst(41)
        last = nil
        guard wanted.contains(where: { name.prefix($0.count) == $0[...] }) else { continue }
        last = try addPacked(line, to: &listing, knowsPeeled: knowsPeeled, limit: limit)
      }
    }
  }

  /// Adds the ref of a line, unless it is loose too, which counts more; answers its name if it was added.
  private func addPacked(
    _ line: ArraySlice<UInt8>, to listing: inout RefListing, knowsPeeled: Bool, limit: Int
  ) throws(GitError) -> RefName? {
    guard let ref = RefName(String(decoding: line.dropFirst(41), as: UTF8.self)), listing.refs[ref] == nil else { return nil }
    guard let target = ObjectID(digits: line.prefix(40)) else {
      throw GitError(.corrupt, "list refs of", on: path, cause: "packed-refs is broken")
    }
    let looksAtTag = !knowsPeeled && ref.name.hasPrefix("refs/tags/")
    try add(ref, target, peeled: looksAtTag ? try peeled(target) : target, to: &listing, limit: limit)
    return ref
  }

  private func add(_ ref: RefName, _ target: ObjectID, peeled: ObjectID, to listing: inout RefListing, limit: Int) throws(GitError) {
    listing.refs[ref] = RefListing.Entry(target: target, peeled: peeled == target ? nil : peeled)
    guard listing.refs.count <= limit else { throw GitError(.tooLarge, "list refs of", on: path, cause: "more than \(limit) refs") }
  }
}
