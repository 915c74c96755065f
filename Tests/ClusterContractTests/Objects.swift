/// Objects as the cases send them, in JSON.
enum Objects {
  static func service(_ name: String = "flip", selector: String = #"{"app":"web","color":"blue"}"#) -> String {
    """
    {"apiVersion":"v1","kind":"Service","metadata":{"name":"\(name)"},"spec":{"selector":\(selector),
     "ports":[{"name":"http","port":80,"targetPort":8080}]}}
    """
  }

  static func configMap(_ name: String, _ data: String = #"{"a":"1"}"#, metadata: String = "") -> String {
    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)"\#(metadata)},"data":\#(data)}"#
  }

  /// A Deployment whose pods serve on a port named http.
  /// - Parameters:
  ///   - spec: more members of its spec, a comma behind each.
  ///   - pod: more members of its pods' spec, a comma behind each.
  ///   - container: more members of its container, a comma before each.
  static func deployment(
    _ name: String = "web", replicas: Int = 2, color: String = "blue", image: String = "registry.example/web:1.0.0", spec: String = "",
    pod: String = "", container: String = "", annotations: String? = nil
  ) -> String {
    """
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"\(name)"},
     "spec":{\(spec)"replicas":\(replicas),"selector":{"matchLabels":{"app":"web","color":"\(color)"}},
      "template":{"metadata":{"labels":{"app":"web","color":"\(color)"}\(annotations.map { #","annotations":\#($0)"# } ?? "")},
       "spec":{\(pod)"containers":[{"name":"app","image":"\(image)","ports":[{"name":"http","containerPort":8080}],
        "readinessProbe":{"httpGet":{"path":"/readyz","port":"http"},"periodSeconds":1}\(container)}]}}}}
    """
  }

  static func pod(_ name: String, _ spec: String = "", image: String = "registry.example/web:1.0.0") -> String {
    """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name)","labels":{"app":"web"}},
     "spec":{\(spec)"containers":[{"name":"c","image":"\(image)","ports":[{"containerPort":8080}]}]}}
    """
  }

  static func lease(_ name: String, holder: String, _ metadata: String = "") -> String {
    """
    {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"\(name)"\(metadata)},
     "spec":{"holderIdentity":"\(holder)","leaseDurationSeconds":60,"renewTime":"2026-01-01T00:00:00.000000Z"}}
    """
  }
}
