package import Digests

/// One Kubernetes object as the engine carries it: canonical JSON with its kind, name and digest. Only the cluster's driver reads the bytes.
package struct Manifest: Sendable, Hashable {
  /// `apps/v1/Deployment`; the core group is `v1/Service`.
  package var kind: String
  package var name: String
  /// Canonical JSON, UTF-8.
  package var bytes: [UInt8]
  /// The object as it may be written down, where that is not all of it: the values of a Secret are left out.
  package var redacted: [UInt8]?
  /// SHA-256 of what may be written down.
  package var digest: Digest
  /// Where the object was written down: the file and the line on which it begins.
  package var source: SourceLocation?

  package init(kind: String, name: String, bytes: [UInt8], redacted: [UInt8]? = nil, source: SourceLocation? = nil) {
    self.kind = kind
    self.name = name
    self.bytes = bytes
    self.redacted = redacted
    self.digest = Digest(of: redacted ?? bytes)
    self.source = source
  }
}

/// A place in a file that a person wrote.
package struct SourceLocation: Sendable, Hashable, Codable, CustomStringConvertible {
  package var file: String
  /// From 1; nil where the whole file is meant.
  package var line: Int?
  package var column: Int?

  package init(file: String, line: Int? = nil, column: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
  }

  package var description: String {
    [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
  }
}

/// What one version of a service is made of, as written at the tag's commit: nothing is colored yet.
package struct Blueprint: Sendable, Hashable {
  @Indirect package var plan: ServicePlan
  package var version: Version
  package var manifests: [Manifest]
  /// Digests of what was read, for the record.
  package var sources: SourceDigests
  /// The images that registries have resolved: what containers name when the plan's rules were applied → the same with its digest.
  package var pins: [String: String]

  package init(plan: ServicePlan, version: Version, manifests: [Manifest], sources: SourceDigests, pins: [String: String] = [:]) {
    self.plan = plan
    self.version = version
    self.manifests = manifests
    self.sources = sources
    self.pins = pins
  }
}

/// Digests of the settings, the template and the service's own plan that a decision rested on.
package struct SourceDigests: Sendable, Hashable, Codable {
  package var settings: Digest
  package var template: Digest?
  package var plan: Digest

  package init(settings: Digest, template: Digest?, plan: Digest) {
    self.settings = settings
    self.template = template
    self.plan = plan
  }
}

/// The full set of objects of one color, rendered: suffixed, labelled, references rewritten, images set. Holds no rollout id and no size.
package struct Environment: Sendable, Hashable {
  package var color: Color
  package var objects: [Manifest]
  package var workloads: [Workload]
  /// By which its pods pull their images, in their order.
  package var pullSecrets: [PullSecret]

  package init(color: Color, objects: [Manifest], workloads: [Workload], pullSecrets: [PullSecret] = []) {
    self.color = color
    self.objects = objects
    self.workloads = workloads
    self.pullSecrets = pullSecrets
  }
}

extension Environment {
  /// The Deployments that users reach: what has a size, and must be ready before they do.
  package var served: [Workload] { workloads.filter { $0.runs == nil } }

  /// What its objects are, for the record: a line of canonical JSON each, in the plan's order. The digest of a line is that in the plan.
  package var exhibit: Exhibit {
    Exhibit(.environment, name: "\(color)", bytes: objects.flatMap { ($0.redacted ?? $0.bytes) + [0x0A] })
  }
}

/// What of an environment has pods: a Deployment, or what acts without the Service, as far as size and cost are concerned.
package struct Workload: Sendable, Hashable, Codable {
  /// Its name without the color's suffix.
  package var name: String
  /// The manifest's replicas; nil where it names none.
  package var replicas: Int?
  /// Whether a HorizontalPodAutoscaler sizes it.
  package var autoscaled: Bool
  /// What its containers run.
  package var images: [String]
  /// The same by container, those that only run first included.
  package var containers: [String: String]
  /// When it runs, where it acts without the Service; nil for a Deployment that users reach.
  package var runs: RunRule.Time?

  package init(
    name: String, replicas: Int?, autoscaled: Bool, images: [String], containers: [String: String] = [:], runs: RunRule.Time? = nil
  ) {
    self.name = name
    self.replicas = replicas
    self.autoscaled = autoscaled
    self.images = images
    self.containers = containers
    self.runs = runs
  }
}

/// A Secret by which pods pull their images. Shows its name and never what is in it.
package struct PullSecret: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  /// As pods name it in the cluster.
  package var name: String
  /// Its docker config, where the environment itself makes it; nil where it lies in the cluster.
  package var config: [UInt8]?

  package init(name: String, config: [UInt8]? = nil) {
    self.name = name
    self.config = config
  }

  package var description: String { "Secret \(name)" }
  package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
