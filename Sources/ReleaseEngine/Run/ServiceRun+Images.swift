import Digests
import ReleaseModel

/// What registries say of an environment's images, all of them together.
enum ImageFindings: Sendable {
  /// Nobody asked.
  case asNamed
  /// What containers name → the same with its digest; and by digest what pods may report instead.
  case resolved(pins: [String: String], parts: [String: [Digest]])
  /// For good, in words for the record.
  case refused(String)
  /// One is not there yet.
  case waiting(String, until: Timestamp)
}

// Images are looked up before anything is announced: what waits for one leaves no trace but in the index.
extension ServiceRun {
  /// Looks up each image of an environment at its registry.
  ///
  /// - Parameters:
  ///   - now: the API server's time, by which a wait is measured from when the tag was first found waiting.
  ///   - isPreview: whether nothing waits, so that nothing is noted.
  /// - Throws: what keeps a registry from answering, and its denial while `images.wait` lasts; the tag stays undecided.
  func images(
    of environment: Environment, _ plan: ServicePlan, _ tag: ReleaseTag, _ attempt: String, at now: Timestamp, isPreview: Bool = false
  ) async throws(PortError) -> ImageFindings {
    var found: [String: ResolvedImage] = [:]
    for text in Set(environment.workloads.flatMap(\.images)).sorted() {
      guard let image = ImageReference(text) else {
        return .refused("\"\(PlainText.line(text, longest: 200))\" is no image reference; correct the manifests and push a new tag")
      }
      let answer: ImageAnswer
      do throws(PortError) {
        answer = try await ports.images.resolve(image, secrets: environment.pullSecrets, namespace: plan.namespace)
      } catch  where error.kind == .invalid {
        return .refused(error.description)
      }
      switch answer {
      case .asNamed: return .asNamed
      case .found(let resolved): found[text] = resolved
      case .absent(let registry, let words):
        let reason = "\(registry) has no image \(text) (\(words))"
        guard !isPreview else { return .waiting(reason, until: now + .milliseconds(plan.imagesWaitMs)) }
        return try await patience(reason, plan, tag, attempt, now)
      case .denied(let error):
        guard !isPreview else { throw error }
        // Credentials expire without the tag's doing: loud at once, final only when the wait is over.
        let findings = try await patience(error.description, plan, tag, attempt, now)
        guard case .waiting(let reason, let until) = findings else { return findings }
        try await wait(ServiceIndex.Wait(kind: .image, tag: tag, attempt: attempt, reason: reason, since: now, until: until))
        throw error
      }
    }
    return pinned(found)
  }

  /// Whether an image is waited for, or has been for long enough.
  private func patience(
    _ reason: String, _ plan: ServicePlan, _ tag: ReleaseTag, _ attempt: String, _ now: Timestamp
  ) async throws(PortError) -> ImageFindings {
    let limit = Duration.milliseconds(plan.imagesWaitMs)
    let wait = ServiceIndex.Wait(kind: .image, tag: tag, attempt: attempt, reason: reason, since: now, until: nil)
    let earlier = try await IndexKeeper(ports).load().services[service]?.waiting
    let since = earlier.flatMap { wait.goesOn(from: $0) ? $0.since : nil } ?? now
    let until = since + limit
    guard now >= until else { return .waiting(reason, until: until) }
    return .refused(
      "\(reason); waited \((now - since).words) for it, since \(since) (imagesWait: \(limit.words)); once it is there: "
        + "tagflip retry \(service) \(tag.version)")
  }

  private func pinned(_ found: [String: ResolvedImage]) -> ImageFindings {
    var pins: [String: String] = [:]
    var parts: [String: [Digest]] = [:]
    for (text, resolved) in found.sorted(by: { $0.key < $1.key }) {
      parts[resolved.digest.description] = resolved.parts
      guard var image = ImageReference(text), image.digest == nil else { continue }
      image.digest = resolved.digest.description
      pins[text] = image.description
    }
    // The plan tells what a name stood for by the name alone: it must stand for one thing.
    for text in found.keys.sorted() {
      guard var image = ImageReference(text), let digest = image.digest else { continue }
      image.digest = nil
      guard let pin = pins[image.description], pin != text else { continue }
      return .refused(
        "the manifests name \(image) with the digest \(digest) and without it, and at its registry it is \(pin) now; name it alike everywhere "
          + "and push a new tag")
    }
    return .resolved(pins: pins, parts: parts)
  }
}
