import KubernetesModel

// GET of a pod's log.
extension APIHandler {
  func log(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let name = place.name ?? ""
    guard let pod = store.get(.pods, namespace: place.namespace ?? "", name: name) else { throw .notFound(place.type, name) }
    try Self.checkLogOptions(request, name)
    let container = try Self.container(of: pod, request)
    guard let log = pods.log(ofPod: pod.uidText) else {
      throw .badRequest("container \"\(container)\" in pod \"\(name)\" is waiting to start: ContainerCreating")
    }
    let previous = request.flag("previous")
    guard !previous || pod.restartCount > 0 else {
      throw .badRequest("previous terminated container \"\(container)\" in pod \"\(name)\" not found")
    }
    let order = LogOrder(request, now: store.clock.now().date)
    guard request.flag("follow"), !previous else { return .text(200, order.text(of: log.lines(ofPreviousRun: previous))) }
    let (namespace, uid) = (pod.namespaceText, pod.uidText)
    return .log(
      FollowedLog(log: log, order: order) { [store] in
        let now = store.get(.pods, namespace: namespace, name: name)
        return now?.uid == uid && now?.hasFinished == false
      })
  }

  private static func checkLogOptions(_ request: APIRequest, _ pod: String) throws(APIStatus) {
    var faults: [FieldFault] = []
    if request.query["sinceSeconds"] != nil, request.query["sinceTime"] != nil {
      faults.append(.forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    }
    for (name, least) in [("sinceSeconds", 1), ("limitBytes", 1), ("tailLines", 0)] {
      guard let value = request.query[name], (Int(value) ?? -1) < least else { continue }
      faults.append(.invalid(name, .int(Int64(value) ?? -1), "must be greater than \(least == 0 ? "or equal to " : "")0"))
    }
    guard !faults.isEmpty else { return }
    throw APIStatus(
      422, "Invalid", "PodLogOptions \"\(pod)\" is invalid: \(faults.map { "\($0.field): \($0.message)" }.joined(separator: ", "))",
      details: ["name": .string(pod), "kind": "PodLogOptions", "causes": .array(faults.map(\.cause))])
  }

  private static func container(of pod: JSON, _ request: APIRequest) throws(APIStatus) -> String {
    let names = ["initContainers", "containers"].flatMap { pod["spec", $0]?.array ?? [] }.compactMap { $0["name"]?.string }
    if let wanted = request.query["container"], !wanted.isEmpty {
      guard names.contains(wanted) else { throw .badRequest("container \(wanted) is not valid for pod \(pod.name)") }
      return wanted
    }
    let regular = pod["spec", "containers"]?.array?.compactMap { $0["name"]?.string } ?? []
    guard regular.count == 1, let only = regular.first else {
      throw .badRequest("a container name must be specified for pod \(pod.name), choose one of: [\(regular.joined(separator: " "))]")
    }
    return only
  }
}
