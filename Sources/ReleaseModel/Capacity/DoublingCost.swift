/// What it takes to run two colors at once: the requests of the one that users do not need, times how long it runs.
package struct DoublingCost: Sendable, Hashable, Codable {
  /// How long something ran, or may run, twice, in milliseconds.
  package var ms: Int
  /// Requested CPU × time.
  package var coreHours: Double
  /// Requested memory × time, in GiB-hours.
  package var gibHours: Double

  package init(ms: Int = 0, coreHours: Double = 0, gibHours: Double = 0) {
    self.ms = ms
    self.coreHours = coreHours
    self.gibHours = gibHours
  }

  /// What requests cost for a time; none for a time that is negative.
  package init(_ requests: ResourceRequests, ms: Int) {
    self.ms = max(0, ms)
    let hours = Double(self.ms) / 3_600_000
    coreHours = Double(requests.milliCPU) / 1000 * hours
    gibHours = Double(requests.memoryBytes) / Double(1 << 30) * hours
  }

  package static func + (left: DoublingCost, right: DoublingCost) -> DoublingCost {
    DoublingCost(ms: left.ms + right.ms, coreHours: left.coreHours + right.coreHours, gibHours: left.gibHours + right.gibHours)
  }

  /// To a millionth: more digits would only look exact.
  package var rounded: DoublingCost {
    func rounded(_ hours: Double) -> Double { (hours * 1_000_000).rounded() / 1_000_000 }
    return DoublingCost(ms: ms, coreHours: rounded(coreHours), gibHours: rounded(gibHours))
  }
}

extension DoublingCost {
  /// The amounts in words: `0.12 core-hours, 0.25 GiB-hours`.
  package var words: String { "\(DoublingCost.words(coreHours)) core-hours, \(DoublingCost.words(gibHours)) GiB-hours" }

  private static func words(_ hours: Double) -> String {
    if hours <= 0 { return "0" }
    if hours < 0.005 { return "less than 0.01" }
    guard hours < 1000 else { return hours < 1e15 ? "\(Int(hours.rounded()))" : "very many" }
    let hundredths = Int((hours * 100).rounded())
    let rest = hundredths % 100
    if rest == 0 { return "\(hundredths / 100)" }
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest % 10 == 0 ? rest / 10 : rest)"
  }
}

/// What two colors cost, as a record says it: before, and afterwards.
package struct Doubling: Sendable, Hashable, Codable {
  /// The most that it was to cost, if every step took as long as it may.
  package var forecast: DoublingCost?
  /// What it cost until the record's event; for `retired`, since the outcome.
  package var actual: DoublingCost?

  /// Nil where neither is known.
  package init?(forecast: DoublingCost? = nil, actual: DoublingCost? = nil) {
    guard forecast != nil || actual != nil else { return nil }
    self.forecast = forecast?.rounded
    self.actual = actual?.rounded
  }
}

extension CutoverPlan {
  /// The most that two colors cost, if each step takes as long as it may: the new one until users come, the old one until it goes cold. An
  /// interruption, in which nobody works on the rollout, can make it more.
  /// - Parameters:
  ///   - preview: what the new color asks for while it is built and smoke-tested.
  ///   - full: the same once it has its full size.
  /// - Returns: nil for a first release, which doubles nothing.
  package func longestDoubling(preview: ResourceRequests, full: ResourceRequests) -> DoublingCost? {
    guard from != nil else { return nil }
    // Pods whose images nobody has looked up may wait for them.
    let deployMs = imageParts == nil ? max(settings.deploy.readyWithinMs, settings.imagesWaitMs) : settings.deploy.readyWithinMs
    let growMs = settings.previewReplicas == nil ? 0 : settings.deploy.readyWithinMs
    let jobsMs = settings.beforeCutoverMs
    return DoublingCost(preview, ms: jobsMs + deployMs + settings.smoke.withinMs)
      + DoublingCost(full, ms: growMs + settings.exposedMs + settings.standby.warmMs)
  }
}
