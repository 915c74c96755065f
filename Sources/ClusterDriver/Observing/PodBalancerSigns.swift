import KubernetesModel
import ReleaseModel

/// What a Service, and TargetGroupBindings that name it, say of load balancers that send to pods' own addresses. Pure.
///
/// An Ingress is not looked at: the annotations that matter are on the Service too, or its controller's bindings and the readiness gates of the
/// pods tell (``PodReading/targetGates``).
struct PodBalancerSigns: Sendable {
  /// Annotations as they stand there; empty where nothing speaks for such a load balancer.
  let words: [String]

  init(service: JSON) {
    let annotations = service.annotations
    var found: [String] = []
    func note(_ key: String) { found.append("\(key): \(PlainText.line(annotations[key] ?? "", longest: 80))") }
    if PodBalancerSigns.isNetworkBalancer(service, annotations) {
      note(annotations[PodBalancerSigns.nlbTarget] == nil ? PodBalancerSigns.nlbType : PodBalancerSigns.nlbTarget)
    }
    if annotations[PodBalancerSigns.albTarget] == "ip" { note(PodBalancerSigns.albTarget) }
    if PodBalancerSigns.hasEndpointGroups(annotations) {
      note(annotations[PodBalancerSigns.groups] == nil ? PodBalancerSigns.groupStatus : PodBalancerSigns.groups)
    }
    words = found
  }

  /// Those of a namespace's TargetGroupBindings that register the pods of a Service, in words. The controller fills in the type of the target
  /// group: what does not say `instance` may be addresses.
  static func bindings(_ bindings: [JSON], of service: String) -> [String] {
    bindings.filter { $0["spec", "serviceRef", "name"]?.string == service && $0["spec", "targetType"]?.string != "instance" }
      .map { "TargetGroupBinding \(PlainText.line($0.name, longest: 80))" }.sorted()
  }

  private static let nlbTarget = "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"
  private static let nlbType = "service.beta.kubernetes.io/aws-load-balancer-type"
  private static let albTarget = "alb.ingress.kubernetes.io/target-type"
  private static let groups = "cloud.google.com/neg"
  private static let groupStatus = "cloud.google.com/neg-status"

  /// AWS Load Balancer Controller. Its default for `external` is a setting of the controller's that cannot be seen from here: what does not
  /// say `instance` may be addresses.
  private static func isNetworkBalancer(_ service: JSON, _ annotations: [String: String]) -> Bool {
    guard service["spec", "type"]?.string == "LoadBalancer" else { return false }
    switch annotations[nlbTarget] {
    case "ip": return true
    case "instance": return false
    case nil: return annotations[nlbType] == "nlb-ip" || annotations[nlbType] == "external"
    default: return true
    }
  }

  /// Google's network endpoint groups, as asked for or as made. What cannot be read was written by somebody for a reason.
  private static func hasEndpointGroups(_ annotations: [String: String]) -> Bool {
    if annotations[groupStatus] != nil { return true }
    guard let text = annotations[groups] else { return false }
    guard let asked = try? JSON(parsing: Array(text.utf8)) else { return true }
    return asked["ingress"]?.bool == true || asked["exposed_ports"]?.object?.isEmpty == false
  }
}
