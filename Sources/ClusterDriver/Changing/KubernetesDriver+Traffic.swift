import KubernetesClient
import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

// The rest of `ActiveServices`: where new connections go.
extension KubernetesDriver {
  package func traffic(_ target: ServiceTarget, to colors: [Color], within limit: Duration) async throws(PortError) -> TrafficReport {
    let look = TrafficLook(driver: self, target: target, colors: colors, end: clock.elapsed + limit)
    while true {
      // Pods first, slices after them: the slices follow the pods, and the flip.
      let ready = try await look.readyPods()
      let (slices, version) = try await api.snapshot(.endpointSlice, target.namespace, labels: look.labels)
      var reading = EndpointsReading(slices: slices)
      let report = reading.report(ready: ready, colors: colors)
      if report.converged || look.left <= .zero { return report }
      if let report = try await look.follow(&reading, ready: ready, from: version) { return report }
      if look.left > .zero { try await pause(.milliseconds(25), look.attempted) }
    }
  }
}

/// One wait for a Service's EndpointSlices to hold exactly the ready pods of a color, or of both.
private struct TrafficLook: Sendable {
  let driver: KubernetesDriver
  let target: ServiceTarget
  let colors: [Color]
  let end: Duration

  /// How long nothing may come before the slices are listed again. A server that shuts down lets its watches hang, for a minute and more, while
  /// another one could be asked already; one on which nothing happened costs two lists more.
  static let silence = Duration.seconds(5)

  var left: Duration { end - driver.clock.elapsed }
  var labels: String { "\(Label.sliceService)=\(target.activeService)" }
  var attempted: String { "watch the endpoints of Service \(target.namespace)/\(target.activeService)" }

  /// The colors' ready pods that the Service selects.
  func readyPods() async throws(PortError) -> EndpointsReading.Pods {
    var ready: [PodReading] = []
    for color in colors {
      ready += try await driver.selected(by: target.activeService, target, color: color).map(PodReading.init).filter(\.isReady)
    }
    return EndpointsReading.Pods(ready.map { ($0.pod.name, $0.families) }) { first, _ in first }
  }

  /// Follows the slices by a watch until they are as they should be.
  /// - Parameter ready: the ready pods as just read; read again only when the slices come to hold something else.
  /// - Returns: nil where the watch has ended, or cannot be held: list again.
  func follow(
    _ reading: inout EndpointsReading, ready: EndpointsReading.Pods, from version: String
  ) async throws(PortError) -> TrafficReport? {
    do throws(KubernetesError) {
      let seconds = max(1, (left.milliseconds + 999) / 1000)
      let watch = try await driver.api.client.watch(
        .endpointSlice, namespace: target.namespace, labels: labels, from: version, seconds: seconds, silence: TrafficLook.silence)
      while let event = try await watch.next() {
        guard reading.take(event) else { continue }
        var report = reading.report(ready: ready, colors: colors)
        // Pods may have come or gone since; that costs requests, so it is asked only where the ones known do not fit.
        if !report.converged { report = reading.report(ready: try await readyPodsNow(), colors: colors) }
        if report.converged || left <= .zero { return report }
      }
      return nil
    } catch  where error.kind == .cancelled {
      throw PortError(error, isWrite: false)
    } catch {
      return nil
    }
  }

  /// The ready pods again, since the slices may know of pods that came later.
  private func readyPodsNow() async throws(KubernetesError) -> EndpointsReading.Pods {
    do throws(PortError) {
      return try await readyPods()
    } catch {
      throw KubernetesError(error.kind == .cancelled ? .cancelled : .unreachable, attempted: attempted, message: error.reason)
    }
  }
}

extension EndpointsReading {
  /// Takes one event of a watch in; whether anything changed.
  fileprivate mutating func take(_ event: WatchEvent) -> Bool {
    switch event {
    case .added(let slice), .modified(let slice): slices[slice.name] = slice
    case .deleted(let slice): slices[slice.name] = nil
    case .bookmark: return false
    }
    return true
  }
}
