/// A regular expression as plans write them, searched for in time that grows with text times pattern and never faster.
///
/// Swift's own `Regex` backtracks: `(a+)+$` over a page of `a`s, or only `.*.*x` over a long line, would outlast the run, and nothing can
/// stop it. So all ways through the pattern are followed side by side (Thompson's construction), which is enough to know whether it is
/// found. What that cannot follow is refused: back references, looking around, Unicode properties.
package struct TextPattern: Sendable {
  /// Why a text is no pattern, or none that can be followed.
  package struct Fault: Error, Hashable {
    package let reason: String
  }

  /// The longest program; `(a{1000}){1000}` would be a million steps for each character.
  static let longest = 1000

  private let program: [Instruction]

  package init(_ text: String) throws(Fault) {
    var parser = PatternParser(text)
    let tree = try parser.pattern()
    var compiler = PatternCompiler(flags: parser.flags)
    try compiler.add(tree)
    program = compiler.program + [.found]
  }

  /// Whether the pattern matches somewhere in a text.
  package func isFound(in text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    var places = PatternPlaces(program.count)
    var next = PatternPlaces(program.count)
    for position in 0...scalars.count {
      if enter(0, at: position, in: scalars, &places) { return true }
      guard position < scalars.count else { return false }
      next.removeAll()
      for place in places.all {
        guard case .one(let characters) = program[place], characters.contains(scalars[position]) else { continue }
        if enter(place + 1, at: position + 1, in: scalars, &next) { return true }
      }
      swap(&places, &next)
    }
    return false
  }

  /// Adds all places that can be reached from one without another character; true where the end of the pattern is among them.
  private func enter(_ place: Int, at position: Int, in scalars: [Unicode.Scalar], _ places: inout PatternPlaces) -> Bool {
    var open = [place]
    while let place = open.popLast() {
      guard places.insert(place) else { continue }
      switch program[place] {
      case .found: return true
      case .one: break
      case .jump(let target): open.append(target)
      case .split(let first, let second): open += [second, first]
      case .when(let condition): if condition.holds(at: position, in: scalars) { open.append(place + 1) }
      }
    }
    return false
  }

  /// A step of the program. The one after it is next, where it says nothing else.
  enum Instruction: Sendable {
    case one(CharacterRule)
    case when(PatternCondition)
    case split(Int, Int)
    case jump(Int)
    case found
  }
}

/// The places of a program that are reached at one character: a set that keeps its order and is emptied without cost.
private struct PatternPlaces {
  private(set) var all: [Int] = []
  private var marks: [Int]
  private var mark = 1

  init(_ count: Int) { marks = Array(repeating: 0, count: count) }

  mutating func insert(_ place: Int) -> Bool {
    guard marks[place] != mark else { return false }
    marks[place] = mark
    all.append(place)
    return true
  }

  mutating func removeAll() {
    all.removeAll(keepingCapacity: true)
    mark += 1
  }
}

/// Turns a parsed pattern into a program.
private struct PatternCompiler {
  let flags: PatternFlags
  private(set) var program: [TextPattern.Instruction] = []

  init(flags: PatternFlags) { self.flags = flags }

  mutating func add(_ node: PatternNode) throws(TextPattern.Fault) {
    guard program.count < TextPattern.longest else { throw TextPattern.Fault(reason: "it is too large") }
    switch node {
    case .one(let rule): program.append(.one(rule))
    case .when(let condition): program.append(.when(condition))
    case .sequence(let nodes): for node in nodes { try add(node) }
    case .choice(let nodes): try addChoice(nodes[...])
    case .repeated(let node, let least, let most): try addRepeated(node, least, most)
    }
  }

  private mutating func addChoice(_ nodes: ArraySlice<PatternNode>) throws(TextPattern.Fault) {
    guard let first = nodes.first else { return }
    guard nodes.count > 1 else { return try add(first) }
    let split = program.count
    program.append(.jump(0))
    try add(first)
    let end = program.count
    program.append(.jump(0))
    program[split] = .split(split + 1, program.count)
    try addChoice(nodes.dropFirst())
    program[end] = .jump(program.count)
  }

  private mutating func addRepeated(_ node: PatternNode, _ least: Int, _ most: Int?) throws(TextPattern.Fault) {
    for _ in 0..<least {
      let before = program.count
      try add(node)
      if program.count == before { break }  // nothing, however often
    }
    guard let most else {
      let split = program.count
      program.append(.jump(0))
      try add(node)
      program.append(.jump(split))
      program[split] = .split(split + 1, program.count)
      return
    }
    var splits: [Int] = []
    for _ in least..<most {
      splits.append(program.count)
      program.append(.jump(0))
      try add(node)
    }
    for split in splits { program[split] = .split(split + 1, program.count) }
  }
}
