package import ReleaseModel

/// The pods of a color that users have left.
package protocol StandbyPods: Sendable {
  /// Deletes one pod, gracefully, so that its Deployment makes another and what holds on to it connects anew. One that is gone is no error.
  ///
  /// The delete carries uid and resourceVersion as just read. Nothing is deleted where the Service selects the color or the marker has another
  /// fence, looked at after the pod was read: `conflict`.
  func replace(_ pod: PlacedPod, of color: Color, target: ServiceTarget, asOf fence: UInt64) async throws(PortError)
}
