import GitStore

/// A branch's commits and their first parents, newest first, read as far back as somebody asked.
///
/// Only commits are read to find the next one; their trees are looked into where a search asks. Each that was passed takes 48 bytes.
struct CommitLine {
  /// One of them, as far as a search needs it.
  struct Entry {
    let id: ObjectID
    let tree: ObjectID
  }

  private let objects: TrailObjects
  private let isShallow: Bool
  private(set) var entries: [Entry] = []
  private var next: ObjectID?
  /// Why what is older cannot be read; nil where it can, or where there is nothing older.
  private(set) var broken: GitError?

  init(from tip: ObjectID, objects: TrailObjects, isShallow: Bool) {
    (self.objects, self.isShallow, next) = (objects, isShallow, tip)
  }

  /// The commit at that distance from the tip; nil where the history, or what can be read of it, is shorter.
  mutating func entry(at distance: Int) throws(GitError) -> Entry? {
    while entries.count <= distance, let id = next {
      if Task.isCancelled { throw GitError(.cancelled, "read", on: id.hex) }
      do throws(GitError) {
        guard let header = CommitHeader(try objects.commit(id)) else {
          throw GitError(.corrupt, "read commit", on: id.hex, cause: "it is no commit as git writes them")
        }
        entries.append(Entry(id: id, tree: header.tree))
        next = header.parents.first
      } catch {
        let isCut = isShallow && error.kind == .notFound
        broken = isCut ? GitError(.notFound, error.attempted, on: id.hex, cause: "the clone is shallow: git fetch --unshallow") : error
        next = nil
      }
      guard entries.count < TrailHistory.limit else {
        throw GitError(.tooLarge, "read", on: id.hex, cause: "more than \(TrailHistory.limit) commits")
      }
    }
    return distance < entries.count ? entries[distance] : nil
  }

  /// The distance of the commit that brought what the tip holds at a path: its tree has it, and its first parent's has not.
  ///
  /// Records are never deleted, so that halving finds it: the trees of as many commits are looked into as its distance has binary digits, twice. Where somebody
  /// did delete it, and put it back, one of the commits that brought it is found.
  ///
  /// - Parameter has: whether a tree holds it; true of the tip's.
  /// - Throws: what keeps the commit from being reached.
  mutating func distance(bringing has: (ObjectID) throws(GitError) -> Bool) throws(GitError) -> Int {
    var (present, step) = (0, 1)
    var absent: Int?
    while absent == nil {
      let probe = present + step
      guard let entry = try entry(at: probe) else {
        absent = entries.count
        break
      }
      if try has(entry.tree) { (present, step) = (probe, step * 2) } else { absent = probe }
    }
    var end = absent ?? entries.count
    while end - present > 1 {
      let middle = present + (end - present) / 2
      guard let entry = try entry(at: middle) else { break }
      if try has(entry.tree) { present = middle } else { end = middle }
    }
    // Of the oldest that can be read nobody knows whether its parent had it.
    if let broken, present == entries.count - 1 { throw broken }
    return present
  }
}
