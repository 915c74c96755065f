package import ReleaseModel

/// What acts without the Service: queue consumers, CronJobs, Jobs.
package protocol Runners: Sendable {
  /// What of a color acts without the Service, as it is now.
  func runners(_ color: Color, target: ServiceTarget) async throws(PortError) -> RunnersObservation

  /// Starts what runs only while users are on the color, or holds it: Deployments at 0 with their size remembered, CronJobs suspended.
  ///
  /// Each object then carries what it was handed over for, so that each hand-over is a write of each object: who was held up meets another
  /// resourceVersion than he read, and changes nothing. Nothing is written unless the marker has just this fence, looked at after what is to
  /// be written was read; then it is a `conflict`.
  /// - Parameter token: what users are on (``RunnersObservation/token(of:on:)``): it changes with each flip and each return.
  func hand(_ color: Color, isActive: Bool, for token: String, target: ServiceTarget, asOf fence: UInt64) async throws(PortError)
}

/// What of a color acts without the Service, at one instant.
package struct RunnersObservation: Sendable, Hashable {
  /// What runs only while users are on the color.
  package var whenActive: [Runner]
  /// What must have succeeded before the color's pods are started.
  package var jobs: [JobObservation]

  package init(whenActive: [Runner] = [], jobs: [JobObservation] = []) {
    self.whenActive = whenActive
    self.jobs = jobs
  }

  /// What may act now, or a moment later: pods and Jobs.
  package var acting: [String] { whenActive.flatMap(\.acting) }

  /// What a hand-over is for: the rollout that users are on, where, and the move that brought them there, so that it is another one when they
  /// come back.
  package static func token(of marker: Marker, on color: Color?) -> String {
    "\(marker.rollout?.text ?? Marker.noColor)/\(color?.rawValue ?? Marker.noColor)/\(marker.moved ?? 0)"
  }

  /// Whether all of it was started, or held, for what users are on. What was started and somebody has sized to nothing since stays as he wants it.
  package func isHanded(active: Bool, for token: String) -> Bool {
    whenActive.allSatisfy { $0.handed == token && (active || $0.isHeld) }
  }

  /// Why it does not run as it should; nil where it does.
  package var complaint: String? { whenActive.compactMap(\.complaint).first }
}

/// A Deployment or CronJob that runs only while users are on its color.
package struct Runner: Sendable, Hashable {
  /// `Deployment worker-green`.
  package var title: String
  /// Whether it is at 0, or suspended.
  package var isHeld: Bool
  /// What it was held or started for last; nil for one that nobody has handed over yet.
  package var handed: String?
  /// Its pods and Jobs that have not ended; the object itself while its controller has not seen the present size.
  package var acting: [String]
  /// Why it does not run as it should; nil where it does, and where it is held.
  package var complaint: String?
  /// Whether it may still make something in the moment after it was held, which nothing tells: a CronJob has no observed generation.
  package var isSchedule: Bool

  package init(
    title: String, isHeld: Bool, handed: String? = nil, acting: [String] = [], complaint: String? = nil, isSchedule: Bool = false
  ) {
    self.title = title
    self.isHeld = isHeld
    self.handed = handed
    self.acting = acting
    self.complaint = complaint
    self.isSchedule = isSchedule
  }
}

/// A Job that must have succeeded before the color's pods are started.
package struct JobObservation: Sendable, Hashable {
  package enum State: Sendable, Hashable {
    case running
    case succeeded
    /// In Kubernetes' words.
    case failed(String)
  }

  /// With the color's suffix.
  package var name: String
  package var state: State

  package init(name: String, state: State) {
    self.name = name
    self.state = state
  }
}
