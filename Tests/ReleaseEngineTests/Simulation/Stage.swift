import ReleaseEngine
import ReleaseModel
import Synchronization

/// Where several processes play in one world, one call at a time: a seed decides whose turn it is and what goes wrong, so that the same seed
/// tells the same story.
///
/// Every call to a port waits here for its turn. Between two turns nothing runs: all processes share one ``TurnExecutor``.
final class Stage: Sendable {
  /// Which process is calling, as its tasks know it.
  struct Place: Sendable {
    var stage: Stage
    var process: Int
  }

  @TaskLocal static var here: Place?

  /// What goes wrong at a call.
  enum Fault: String, CaseIterable {
    case killedBefore = "killed before"
    case killedAfter = "killed after"
    /// The process is killed, and what it had sent is acted on later.
    case killedInFlight = "killed, in flight"
    case unreachable = "no answer"
    case lostAnswer = "answer lost"
    /// No answer came, and what was sent is acted on later.
    case landsLate = "lands late"
    /// The process stands still for longer than its Lease lasts.
    case stalled
  }

  enum Verdict { case proceed, dead, unreachable, lostAnswer, killedAfter, landsLate, killedInFlight }

  private struct Waiting {
    var process: Int
    var name: String
    /// When a sleeper wakes, or one who stands still goes on.
    var until: Duration
    var isStalled = false
    var resume: CheckedContinuation<Verdict, Never>
  }

  private struct Letter {
    var name: String
    var land: @Sendable () -> Void
  }

  private struct State {
    var waiting: [Waiting] = []
    var letters: [Letter] = []
    var dead: Set<Int> = []
    var running = 0
    /// After which calls something goes wrong, and how much of it is due.
    let marks: Set<Int>
    var due = 0
    var calls = 0
    var turns = 0
    var history: [String] = []
  }

  private let world: SimulatedWorld
  private let bits: SeededBits
  private let executor = TurnExecutor()
  private let state: Mutex<State>
  /// No play needs so many turns; one that takes them goes in circles.
  static let limit = 8000

  init(world: SimulatedWorld, seed: UInt64, faults: Int) {
    self.world = world
    let bits = SeededBits(seed: seed)
    self.bits = bits
    // Anywhere in the play: most take a few hundred calls.
    state = Mutex(State(marks: Set((0..<faults).map { _ in Int(bits.next() % 350) })))
  }

  var history: [String] { state.withLock { $0.history } }
  var tookTooLong: Bool { state.withLock { $0.turns >= Stage.limit } }

  /// A number from 0 up to, not including, a limit.
  func pick(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(bits.next() % UInt64(limit)) }

  // MARK: Processes

  /// Lets the processes play until all have ended, each beginning when its time comes.
  func play(_ cues: [Cue]) {
    for (index, cue) in cues.enumerated() { begin(cue, index) }
    executor.drain()
    while takeTurn() { executor.drain() }
    // What is still under way lands in the end.
    for letter in state.withLock({ $0.letters }) { land(letter) }
  }

  private func begin(_ cue: Cue, _ index: Int) {
    state.withLock { $0.running += 1 }
    let here = Place(stage: self, process: index)
    let world = world
    Task(executorPreference: executor) {
      await Stage.$here.withValue(here) {
        try? await here.stage.sleep(cue.at, as: index)
        await cue.act(world)
      }
      here.stage.end(index, cue)
    }
  }

  private func end(_ index: Int, _ cue: Cue) {
    state.withLock {
      $0.running -= 1
      $0.history.append("        \(index) \(cue.name) has ended")
    }
  }

  // MARK: Calls

  func pass<Value: Sendable>(
    _ name: String, as process: Int, _ body: @escaping @Sendable () throws(PortError) -> Value
  ) async throws(PortError) -> Value {
    switch await turn(name, process, until: .zero) {
    case .proceed: return try body()
    case .dead: throw dead(name)
    case .unreachable: throw PortError(.unreachable, attempted: name, reason: "nobody answered")
    case .lostAnswer:
      _ = try body()
      throw PortError(.unknown, attempted: name, reason: "the answer was lost")
    case .killedAfter:
      _ = try? body()
      throw dead(name)
    case .landsLate:
      post(name) { _ = try? body() }
      throw PortError(.unknown, attempted: name, reason: "no answer yet")
    case .killedInFlight:
      post(name) { _ = try? body() }
      throw dead(name)
    }
  }

  func sleep(_ span: Duration, as process: Int) async throws {
    guard case .proceed = await turn("sleep \(span.words)", process, until: world.clock.elapsed + span) else { throw CancellationError() }
  }

  private func turn(_ name: String, _ process: Int, until: Duration) async -> Verdict {
    guard !state.withLock({ $0.dead.contains(process) }) else { return .dead }
    return await withCheckedContinuation { continuation in
      state.withLock { $0.waiting.append(Waiting(process: process, name: name, until: until, resume: continuation)) }
    }
  }

  private func dead(_ name: String) -> PortError { PortError(.cancelled, attempted: name, reason: "the process was killed") }

  private func post(_ name: String, _ land: @escaping @Sendable () -> Void) {
    state.withLock { $0.letters.append(Letter(name: name, land: land)) }
  }

  // MARK: Turns

  /// Gives one call its turn, or lands what was sent long ago.
  /// - Returns: whether there was anything to do.
  private func takeTurn() -> Bool {
    let count = state.withLock { state in
      state.turns += 1
      return state.waiting.count
    }
    guard count > 0, !tookTooLong else {
      killAll()
      return count > 0
    }
    let ready = readyOrWait()
    let letters = state.withLock { $0.letters.count }
    if letters > 0, pick(12) == 0 {
      land(state.withLock { $0.letters.remove(at: 0) })
      return true
    }
    let chosen = ready[pick(ready.count)]
    let waiting = state.withLock { $0.waiting.remove(at: chosen) }
    world.clock.advance(.milliseconds(1 + pick(pick(10) == 0 ? 400 : 20)))
    decide(waiting)
    return true
  }

  /// The calls whose time has come; where there are none, it is later at once.
  private func readyOrWait() -> [Int] {
    let now = world.clock.elapsed
    let times = state.withLock { $0.waiting.map(\.until) }
    let ready = times.indices.filter { times[$0] <= now }
    guard ready.isEmpty, let next = times.min() else { return ready }
    world.clock.advance(next - now)
    return times.indices.filter { times[$0] <= next }
  }

  private func decide(_ waiting: Waiting) {
    let isSleep = waiting.name.hasPrefix("sleep ")
    let fault = waiting.isStalled || isSleep && pick(2) == 0 ? nil : nextFault(waiting.name)
    note(waiting, fault)
    switch fault {
    case nil: waiting.resume.resume(returning: .proceed)
    case .stalled:
      var later = waiting
      later.until = world.clock.elapsed + .seconds(20 + pick(60))
      later.isStalled = true
      state.withLock { $0.waiting.append(later) }
    case .unreachable: waiting.resume.resume(returning: isSleep ? .proceed : .unreachable)
    case .lostAnswer: waiting.resume.resume(returning: isSleep ? .proceed : .lostAnswer)
    case .landsLate: waiting.resume.resume(returning: isSleep ? .proceed : .landsLate)
    case .killedBefore: kill(waiting, .dead)
    case .killedAfter: kill(waiting, isSleep ? .dead : .killedAfter)
    case .killedInFlight: kill(waiting, isSleep ? .dead : .killedInFlight)
    }
  }

  /// What goes wrong at this call; mostly nothing.
  private func nextFault(_ name: String) -> Fault? {
    let isWrite = PortTap.isWrite(name)
    let isDue = state.withLock { state in
      state.calls += 1
      if state.marks.contains(state.calls) { state.due += 1 }
      return state.due > 0
    }
    // What is sent and may be lost is where it hurts.
    guard isDue, isWrite || pick(4) == 0 else { return nil }
    let possible = Fault.allCases.filter { fault in
      switch fault {
      case .killedInFlight, .landsLate, .lostAnswer, .killedAfter: isWrite
      case .killedBefore, .unreachable, .stalled: true
      }
    }
    state.withLock { $0.due -= 1 }
    // Who stands still right before he takes something away is the one to be afraid of.
    if name.hasPrefix("environments."), pick(2) == 0 { return .stalled }
    return possible[pick(possible.count)]
  }

  /// All that the process waits for ends with it.
  private func kill(_ waiting: Waiting, _ verdict: Verdict) {
    let others = state.withLock { state in
      state.dead.insert(waiting.process)
      let others = state.waiting.filter { $0.process == waiting.process }
      state.waiting.removeAll { $0.process == waiting.process }
      return others
    }
    waiting.resume.resume(returning: verdict)
    for other in others { other.resume.resume(returning: .dead) }
  }

  private func killAll() {
    let all = state.withLock { state in
      let all = state.waiting
      state.waiting = []
      state.dead.formUnion(all.map(\.process))
      return all
    }
    for waiting in all { waiting.resume.resume(returning: .dead) }
  }

  private func land(_ letter: Letter) {
    state.withLock {
      $0.letters.removeAll { $0.name == letter.name }
      $0.history.append("\(world.clock.elapsed.words): late, \(letter.name)")
    }
    world.tap.land(letter.land)
  }

  private func note(_ waiting: Waiting, _ fault: Fault?) {
    guard fault != nil || !waiting.name.hasPrefix("sleep ") else { return }
    let line = "\(world.clock.elapsed.words): \(waiting.process) \(waiting.name)\(fault.map { " [\($0.rawValue)]" } ?? "")"
    state.withLock { $0.history.append(line) }
  }
}

/// A process that is to begin at some time.
struct Cue: Sendable {
  var name: String
  var at: Duration
  var act: @Sendable (SimulatedWorld) async -> Void
}
