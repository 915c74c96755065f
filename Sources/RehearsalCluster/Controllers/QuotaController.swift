import KubernetesModel

/// ResourceQuotas: says how much of each is used.
package struct QuotaController: Controller {
  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    for quota in objects.list(.resourceQuotas) {
      let hard = quota["spec", "hard"]?.object ?? [:]
      let used = QuotaUsage.total(of: Array(hard.keys), namespace: quota.namespaceText, in: objects)
      let status: JSON = ["hard": .object(hard), "used": .object(used.mapValues { .string($0.description) })]
      objects.writeStatus(status, of: .resourceQuotas, quota)
    }
    return nil
  }
}
