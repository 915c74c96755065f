import KubernetesClient
import KubernetesModel
import ReleaseEngine

/// The API server as the driver asks it: every failure comes as a `PortError`.
struct ClusterAPI: Sendable {
  let client: KubernetesClient

  func get(_ kind: ResourceKind, _ namespace: String?, _ name: String) async throws(PortError) -> JSON {
    do throws(KubernetesError) {
      return try await client.get(kind, namespace: namespace, name: name)
    } catch {
      throw PortError(error, isWrite: false)
    }
  }

  func find(_ kind: ResourceKind, _ namespace: String?, _ name: String) async throws(PortError) -> JSON? {
    do throws(KubernetesError) {
      return try await client.find(kind, namespace: namespace, name: name)
    } catch {
      throw PortError(error, isWrite: false)
    }
  }

  func list(_ kind: ResourceKind, _ namespace: String?, labels: String? = nil) async throws(PortError) -> [JSON] {
    try await snapshot(kind, namespace, labels: labels).items
  }

  /// A list with the resourceVersion from which a watch goes on.
  func snapshot(
    _ kind: ResourceKind, _ namespace: String?, labels: String?
  ) async throws(PortError) -> (items: [JSON], resourceVersion: String) {
    do throws(KubernetesError) {
      return try await client.list(kind, namespace: namespace, labels: labels)
    } catch {
      throw PortError(error, isWrite: false)
    }
  }

  func create(_ kind: ResourceKind, _ namespace: String?, _ object: JSON) async throws(PortError) -> JSON {
    do throws(KubernetesError) {
      return try await client.create(kind, namespace: namespace, object)
    } catch {
      throw PortError(error, isWrite: true, kind: kind)
    }
  }

  /// Replaces an object; the uid and resourceVersion in it are the condition.
  func update(_ kind: ResourceKind, _ namespace: String?, _ object: JSON) async throws(PortError) -> JSON {
    do throws(KubernetesError) {
      return try await client.update(kind, namespace: namespace, object)
    } catch {
      throw PortError(error, isWrite: true, kind: kind)
    }
  }

  func apply(_ kind: ResourceKind, _ namespace: String?, _ object: JSON, dryRun: Bool = false) async throws(PortError) -> JSON {
    do throws(KubernetesError) {
      return try await client.apply(kind, namespace: namespace, object, dryRun: dryRun)
    } catch {
      throw PortError(error, isWrite: !dryRun, isJudged: true, kind: kind)
    }
  }

  func patch(
    _ kind: ResourceKind, _ namespace: String?, _ name: String, _ operations: [JSONPatchOperation]
  ) async throws(PortError) -> JSON {
    do throws(KubernetesError) {
      return try await client.patch(kind, namespace: namespace, name: name, operations)
    } catch {
      throw PortError(error, isWrite: true, kind: kind)
    }
  }

  /// A merge patch; the resourceVersion in it is the condition.
  func merge(_ kind: ResourceKind, _ namespace: String?, _ name: String, _ document: JSON) async throws(PortError) -> JSON {
    do throws(KubernetesError) {
      return try await client.merge(kind, namespace: namespace, name: name, document)
    } catch {
      throw PortError(error, isWrite: true, kind: kind)
    }
  }

  func scale(_ deployment: JSON, _ namespace: String, to replicas: Int) async throws(PortError) {
    do throws(KubernetesError) {
      _ = try await client.scale(
        .deployment, namespace: namespace, name: deployment.name, replicas: replicas, resourceVersion: deployment.resourceVersion ?? "")
    } catch {
      throw PortError(error, isWrite: true)
    }
  }

  /// Deletes an object if it still is exactly the one that was read; one that is gone already is no error.
  func delete(_ kind: ResourceKind, _ object: JSON) async throws(PortError) {
    do throws(KubernetesError) {
      try await client.delete(
        kind, namespace: object.namespace, name: object.name,
        if: DeletePreconditions(uid: object.uid, resourceVersion: object.resourceVersion))
    } catch  where error.kind == .notFound {
    } catch {
      throw PortError(error, isWrite: true)
    }
  }

  /// The name of the user that the server takes the caller for.
  func whoAmI() async throws(PortError) -> String {
    do throws(KubernetesError) {
      return try await client.whoAmI()
    } catch {
      throw PortError(error, isWrite: false)
    }
  }
}
