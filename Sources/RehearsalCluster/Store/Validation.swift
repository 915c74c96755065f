import KubernetesModel

/// What the API refuses, in its own words, for the mistakes that the bot and everyday `kubectl` can make.
enum Validation {
  static func faults(_ object: JSON, _ type: APIResource, old: JSON?) -> [FieldFault] {
    var faults = metadata(object, type) + finalizers(object, old) + owners(object)
    switch type.kind {
    case "Deployment", "ReplicaSet": faults += workload(object, old) + deadline(object)
    case "Job": faults += job(object, old)
    case "Lease": faults += lease(object)
    case "Event": faults += event(object)
    case "Service": faults += service(object, old)
    case "Pod": faults += old.map { pod(object, $0) } ?? podSpec(object["spec"] ?? .null, "spec")
    case "ConfigMap": faults += configMap(object, old)
    case "Secret":
      for (key, value) in (object["data"]?.strings ?? [:]).sorted(by: { $0.key < $1.key }) where !Base64.isValid(value) {
        faults.append(.invalid("data[\(key)]", "<secret contents redacted>", "not valid base64"))
      }
    case "HorizontalPodAutoscaler": faults += autoscaler(object)
    default: break
    }
    return faults
  }

  private static let labelWords =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
    + "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  private static let subdomainWords =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    + "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*"
    + "[a-z0-9])?)*')"

  private static func metadata(_ object: JSON, _ type: APIResource) -> [FieldFault] {
    var faults: [FieldFault] = []
    let name = object.name
    let isLabel = type.kind == "Namespace" || type.kind == "Service"
    let longest = isLabel ? 63 : 253
    let fits =
      isLabel
      ? Self.isLabel(name, .max)
      : name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { Self.isLabel(String($0), .max) }
    if name.isEmpty {
      faults.append(.required("metadata.name", "name or generateName is required"))
    } else {
      if !fits { faults.append(.invalid("metadata.name", .string(name), isLabel ? labelWords : subdomainWords)) }
      if name.utf8.count > longest {
        faults.append(.invalid("metadata.name", .string(name), "must be no more than \(longest) characters"))
      }
    }
    for (key, value) in object.labels.sorted(by: { $0.key < $1.key }) {
      if let why = labelKeyFault(key) { faults.append(.invalid("metadata.labels", .string(key), why)) }
      if let why = labelValueFault(value) { faults.append(.invalid("metadata.labels", .string(value), why)) }
    }
    if object.annotations.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) > 262_144 {
      faults.append(
        FieldFault(field: "metadata.annotations", reason: "FieldValueTooLong", message: "Too long: may not be more than 262144 bytes"))
    }
    return faults
  }

  static func isLabel(_ text: String, _ longest: Int = 63) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= longest else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last) && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// Why a label cannot have a value; nil where it can.
  static func labelValueFault(_ text: String) -> String? {
    if text.utf8.count > 63 { return "must be no more than 63 bytes" }
    guard !text.isEmpty, !isQualifiedName(text) else { return nil }
    return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
      + "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
      + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
  }

  /// Why a label cannot have a key; nil where it can.
  static func labelKeyFault(_ text: String) -> String? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let name = parts.last ?? ""
    if parts.count > 2
      || (parts.count == 2 && !parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isLabel(String($0), 253) }))
    {
      return "prefix part \(subdomainWords)"
    }
    if name.utf8.count > 63 { return "name part must be no more than 63 bytes" }
    guard !isQualifiedName(name) else { return nil }
    return
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
      + "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
  }

  private static func isQualifiedName(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
    }
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
  }

  private static func workload(_ object: JSON, _ old: JSON?) -> [FieldFault] {
    var faults: [FieldFault] = []
    let spec = object["spec"] ?? .null
    if let replicas = spec["replicas"]?.int, replicas < 0 {
      faults.append(.invalid("spec.replicas", .int(Int64(replicas)), "must be greater than or equal to 0"))
    }
    let selector = spec["selector"]
    if selector == nil || selector == [:] { faults.append(.required("spec.selector")) }
    let labels = spec["template", "metadata", "labels"]
    if let wanted = LabelSelector(selector), !wanted.matches(labels?.strings ?? [:]) {
      faults.append(.invalid("spec.template.metadata.labels", labels ?? .null, "`selector` does not match template `labels`"))
    } else if selector == nil {
      faults.append(.invalid("spec.template.metadata.labels", labels ?? .null, "`selector` does not match template `labels`"))
    }
    faults += podSpec(spec["template", "spec"] ?? .null, "spec.template.spec")
    if let before = old?["spec", "selector"], let selector, before != selector {
      faults.append(.invalid("spec.selector", selector, "field is immutable"))
    }
    return faults
  }

  private static func podSpec(_ spec: JSON, _ path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    let containers = spec["containers"]?.array ?? []
    if containers.isEmpty { faults.append(.required("\(path).containers")) }
    let volumes = Set((spec["volumes"]?.array ?? []).compactMap { $0["name"]?.string })
    for (index, container) in containers.enumerated() {
      let place = "\(path).containers[\(index)]"
      let name = container["name"]?.string ?? ""
      if name.isEmpty {
        faults.append(.required("\(place).name"))
      } else if !isLabel(name) {
        faults.append(.invalid("\(place).name", .string(name), labelWords))
      }
      if container["image"]?.string?.isEmpty ?? true { faults.append(.required("\(place).image")) }
      for (position, port) in (container["ports"]?.array ?? []).enumerated() {
        let number = port["containerPort"]?.int ?? 0
        if !(1...65_535).contains(number) {
          faults.append(
            .invalid("\(place).ports[\(position)].containerPort", .int(Int64(number)), "must be between 1 and 65535, inclusive"))
        }
      }
      for (position, mount) in (container["volumeMounts"]?.array ?? []).enumerated() {
        let volume = mount["name"]?.string ?? ""
        if !volumes.contains(volume) {
          faults.append(
            FieldFault(
              field: "\(place).volumeMounts[\(position)].name", reason: "FieldValueNotFound",
              message: "Not found: \(JSON.string(volume).text)"))
        }
      }
    }
    return faults
  }

  private static func service(_ object: JSON, _ old: JSON?) -> [FieldFault] {
    var faults: [FieldFault] = []
    let ports = object["spec", "ports"]?.array ?? []
    if ports.isEmpty && object["spec", "clusterIP"] != "None" && object["spec", "type"] != "ExternalName" {
      faults.append(.required("spec.ports"))
    }
    for (index, port) in ports.enumerated() {
      if ports.count > 1, port["name"]?.string?.isEmpty ?? true { faults.append(.required("spec.ports[\(index)].name")) }
      let number = port["port"]?.int ?? 0
      if !(1...65_535).contains(number) {
        faults.append(.invalid("spec.ports[\(index)].port", .int(Int64(number)), "must be between 1 and 65535, inclusive"))
      }
    }
    if let before = old?["spec", "clusterIP"]?.string, !before.isEmpty, let now = object["spec", "clusterIP"]?.string, now != before {
      faults.append(.invalid("spec.clusterIPs[0]", [.string(now)], "may not change once set"))
    }
    return faults
  }

  private static func configMap(_ object: JSON, _ old: JSON?) -> [FieldFault] {
    var faults: [FieldFault] = []
    let data = object["data"]?.strings ?? [:]
    for key in data.keys.sorted() where !key.utf8.allSatisfy({ isKeyCharacter($0) }) || key.isEmpty {
      faults.append(
        .invalid(
          "data[\(key)]", .string(key),
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
            + "regex used for validation is '[-._a-zA-Z0-9]+')"))
    }
    if data.reduce(0, { $0 + $1.value.utf8.count }) > 1 << 20 {
      faults.append(FieldFault(field: "[]", reason: "FieldValueTooLong", message: "Too long: may not be more than 1048576 bytes"))
    }
    if old?["immutable"]?.bool == true {
      let words = "field is immutable when `immutable` is set"
      if object["immutable"]?.bool != true { faults.append(.forbidden("immutable", words)) }
      if old?["data"] != object["data"] { faults.append(.forbidden("data", words)) }
    }
    return faults
  }

  private static func isKeyCharacter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
  }

  private static func autoscaler(_ object: JSON) -> [FieldFault] {
    let minimum = object["spec", "minReplicas"]?.int ?? 1
    guard let maximum = object["spec", "maxReplicas"]?.int else { return [.required("spec.maxReplicas")] }
    guard maximum >= minimum else {
      return [.invalid("spec.maxReplicas", .int(Int64(maximum)), "must be greater than or equal to `minReplicas`")]
    }
    return []
  }
}
