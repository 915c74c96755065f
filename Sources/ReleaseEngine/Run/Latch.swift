/// A value that is set once and waited for by many.
actor Latch<Value: Sendable> {
  private var value: Value?
  private var waiting: [CheckedContinuation<Value, Never>] = []

  /// Sets the value; a second time is ignored.
  func set(_ value: Value) {
    guard self.value == nil else { return }
    self.value = value
    for continuation in waiting { continuation.resume(returning: value) }
    waiting = []
  }

  /// The value, as soon as it is set. Whoever makes a latch must set it on every path.
  func get() async -> Value {
    if let value { return value }
    return await withCheckedContinuation { waiting.append($0) }
  }
}
