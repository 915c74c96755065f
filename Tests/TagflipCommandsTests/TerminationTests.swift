import Testing

@testable import TagflipCommands

/// Being told to stop, without a process to tell it to.
@Suite struct TerminationTests {
  @Test func `work that nobody interrupts gives its value, and leaves nothing running`() async {
    let value = await Termination.cancelling(on: SignalFlag(), notice: { Issue.record("nobody was told to stop") }) { 42 }
    #expect(value == 42)
  }

  @Test func `work that is interrupted is told so once, and its value still counts`() async {
    let flag = SignalFlag()
    var notices = 0
    let value = await Termination.cancelling(on: flag, notice: { notices += 1 }) {
      flag.raise()
      // Waits for its cancellation, and no longer.
      try? await Task.sleep(for: .seconds(30))
      return Task.isCancelled ? "cancelled" : "not cancelled"
    }
    #expect(value == "cancelled")
    #expect(notices == 1)
  }
}
