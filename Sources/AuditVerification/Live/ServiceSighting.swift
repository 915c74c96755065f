import KubernetesModel
import ReleaseModel

/// An active Service as it was found. Read here anew from the object, so that what the bot believes of it counts for nothing.
struct ServiceSighting: Sendable {
  private let owner: ServiceName?
  let selector: [String: String]
  let marker: Result<Marker, Marker.Unreadable>
  let uid: String?
  let hands: [FieldHand]

  /// - Parameter owner: the service whose pods both colors are.
  init(_ service: JSON, of owner: ServiceName? = nil) {
    self.owner = owner
    selector = service["spec", "selector"]?.strings ?? [:]
    uid = service.uid
    hands = FieldHand.all(of: service)
    do throws(Marker.Unreadable) {
      marker = .success(try Marker(annotations: service.annotations))
    } catch {
      marker = .failure(error)
    }
  }

  var selection: Selection {
    let found = Selection(selector: selector, adoption: (try? marker.get())?.adoption, service: owner)
    return if case .foreign(let value) = found { .foreign(PlainText.line(value, longest: 63)) } else { found }
  }

  /// Who wrote the selector last; nil where the object does not tell.
  var selectorHand: FieldHand? {
    hands.filter { $0.owns("spec", "selector") }.max { ($0.at?.milliseconds ?? 0) < ($1.at?.milliseconds ?? 0) }
  }

  /// Who besides the bot wrote annotations of the marker, and which.
  var markerHands: [(hand: FieldHand, annotations: [String])] {
    hands.filter { !$0.isBot }.compactMap { hand in
      let names = hand.names(below: "metadata", "annotations").filter { $0.hasPrefix(Marker.prefix) }
      return names.isEmpty ? nil : (hand, names)
    }
  }

  /// When the bot wrote it last by its own name.
  var botWroteAt: Timestamp? { hands.filter(\.isBot).compactMap(\.at).max() }
}
