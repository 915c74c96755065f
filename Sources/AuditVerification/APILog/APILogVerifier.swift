import AuditTrail
import KubernetesModel
import ReleaseModel

/// Matches the writes that API servers logged with the records, in one pass and without holding the log.
///
/// It proves what the log tells: every write to what users reach is on record, and every flip on record was really made. A log that somebody
/// could edit, or whose policy leaves requests out, proves as much less.
package struct APILogVerifier {
  /// The most events that one line may list.
  private static let listLimit = 100_000
  /// How many writes may wait for the log's end; further ones are judged by the records alone.
  private static let closeLimit = 1000

  private typealias Part = (service: String, role: ServiceLog.Role)

  private var services: [String: ServiceLog]
  private var parts: [LoggedRequest.Subject: [Part]] = [:]
  /// Of each namespace that is released to, one of the services there.
  private var namespaces: [String: String] = [:]
  private let actors: Set<String>
  private var rollouts: Set<RolloutID> = []
  private var sawServices = false
  /// Writes whose order the log's rest may tell, with their service and words.
  private var close: [(hand: LogVerdict.CloseHand, service: String, words: String)] = []

  private var source = ""
  private var splitter = LogLines()
  private var span: APILogReport.Span?
  private var report = APILogReport()
  private var log: FindingLog

  package init(_ records: LogRecords) {
    let timelines = records.services
    services = timelines.mapValues { ServiceLog($0) }
    actors = records.actors
    log = FindingLog { _ in }
    for (name, timeline) in timelines.sorted(by: { $0.key < $1.key }) {
      for (subject, color) in timeline.objects { parts[subject, default: []].append((name, .part(color))) }
      for target in timeline.targets { add(target, of: name) }
      for subject in timeline.adoptedServices where parts[subject]?.contains(where: { $0.role == .active }) != true {
        parts[subject, default: []].append((name, .active))
        parts[.init(group: "", resource: "namespaces", namespace: subject.namespace, name: subject.namespace), default: []].append(
          (name, .namespace))
        namespaces[subject.namespace] = namespaces[subject.namespace] ?? name
      }
    }
  }

  private mutating func add(_ target: ServiceTarget, of name: String) {
    func subject(_ resource: String, _ name: String) -> LoggedRequest.Subject {
      .init(group: "", resource: resource, namespace: target.namespace, name: name)
    }
    parts[subject("services", target.activeService), default: []].append((name, .active))
    parts[subject("services", target.previewService), default: []].append((name, .preview))
    parts[subject("namespaces", target.namespace), default: []].append((name, .namespace))
    namespaces[target.namespace] = namespaces[target.namespace] ?? name
  }

  // MARK: Reading

  /// Begins with a log, named for people.
  package mutating func begin(_ name: String) {
    source = PlainText.line(name, longest: 100)
    splitter = LogLines()
    span = nil
  }

  package mutating func feed(_ bytes: ArraySlice<UInt8>) {
    var lines: [(LogLines.Line, Int)] = []
    splitter.feed(bytes) { lines.append(($0, $1)) }
    for (line, number) in lines { take(line, number) }
  }

  /// Ends a log.
  /// - Parameter reason: why no more of it can be read; nil where all of it was.
  package mutating func end(because reason: String? = nil) {
    var lines: [(LogLines.Line, Int)] = []
    splitter.finish { lines.append(($0, $1)) }
    for (line, number) in lines { take(line, number) }
    if let reason { unread(splitter.number, PlainText.line(reason, longest: 100)) }
    if let span { report.spans.append(span) }
  }

  private mutating func take(_ line: LogLines.Line, _ number: Int) {
    report.lines += 1
    switch line {
    case .tooLong: unread(number, "it is longer than \(LogLines.longest >> 20) MiB")
    case .whole(let bytes):
      guard bytes.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return }
      do throws(JSON.SyntaxError) {
        let json = try JSON(parsing: bytes)
        guard json["kind"]?.string == "EventList" else { return take(json, number) }
        for event in (json["items"]?.array ?? []).prefix(Self.listLimit) { take(Self.listed(event, json), number) }
      } catch {
        unread(number, "it is no JSON: \(error.reason)")
      }
    }
  }

  /// An element of a list, which leaves out what the list says for all.
  private static func listed(_ event: JSON, _ list: JSON) -> JSON {
    var event = event
    if event["kind"] == nil { event["kind"] = "Event" }
    if event["apiVersion"] == nil { event["apiVersion"] = list["apiVersion"] }
    return event
  }

  private mutating func unread(_ number: Int, _ why: String) {
    report.unread += 1
    log.add(.logUnreadable, commit: nil, "\(source), line \(number): \(why)")
  }

  private mutating func take(_ event: JSON, _ number: Int) {
    switch LoggedRequest.read(event) {
    case .none(let why): unread(number, why)
    case .other(let at):
      report.events += 1
      if let at { note(at) }
    case .write(let request):
      report.events += 1
      note(request.answered)
      judge(request, number)
    }
  }

  private mutating func note(_ at: Timestamp) {
    span?.take(at)
    span = span ?? .init(from: at, to: at)
  }

  // MARK: Judging

  private mutating func judge(_ request: LoggedRequest, _ number: Int) {
    if request.subject.resource == "services" { sawServices = true }
    for (service, role) in concerned(request) {
      guard let verdict = services[service]?.judge(request, as: role, actors: actors) else { continue }
      if verdict == .passed || verdict == .early { continue }
      take(verdict, of: service, at: request.answered, words(request, role, number))
      // What two services share is told once.
      return
    }
  }

  private mutating func take(_ verdict: LogVerdict, of service: String, at instant: Timestamp, _ words: String) {
    switch verdict {
    case .passed, .early: break
    case .matched(let rollout):
      report.matched += 1
      rollouts.insert(rollout)
    case .told(let place):
      report.told += 1
      log.add(.writeForeign, .notice, at: place, "\(words); the record tells of it")
    case .unrecorded(let why, let isSure, let place):
      report.unrecorded += 1
      log.add(.writeUnrecorded, isSure ? .error : .warning, at: place, "\(words): \(why)\(later(instant, service))")
    case .foreign(let why, let severity, let place):
      report.foreign += 1
      log.add(.writeForeign, severity, at: place, "\(words): \(why)")
    case .close(let hand):
      if close.count < Self.closeLimit { close.append((hand, service, words)) } else { resolve(hand, service, words) }
    }
  }

  private mutating func resolve(_ hand: LogVerdict.CloseHand, _ service: String, _ words: String) {
    guard let verdict = services[service]?.resolve(hand) else { return }
    take(verdict, of: service, at: hand.at, words)
  }

  /// The services whose objects a request is about.
  private func concerned(_ request: LoggedRequest) -> [(service: String, role: ServiceLog.Role)] {
    var subject = request.subject
    if subject.resource == "namespaces" {
      subject.namespace = subject.name
      return request.verb == "delete" ? parts[subject] ?? [] : []
    }
    guard request.verb == "deletecollection" else {
      return parts[subject] ?? namespaces[subject.namespace].map { [($0, .stranger)] } ?? []
    }
    let hit = parts.filter { $0.key.group == subject.group && $0.key.resource == subject.resource && $0.key.namespace == subject.namespace }
    return hit.min { $0.key.name < $1.key.name }?.value ?? []
  }

  /// A write that came after all that this clone has.
  private func later(_ instant: Timestamp, _ service: String) -> String {
    guard let last = services[service]?.timeline.lastAt, instant > last + ServiceLog.tail else { return "" }
    return "; it is later than the last record of \(service) in this clone"
  }

  private func words(_ request: LoggedRequest, _ role: ServiceLog.Role, _ number: Int) -> String {
    let subject = request.subject
    let place = [subject.namespace, subject.name.isEmpty ? "*" : subject.name].filter { !$0.isEmpty }.joined(separator: "/")
    let resource = [subject.resource, request.subresource].filter { !$0.isEmpty }.joined(separator: "/")
    let user = PlainText.line(request.user, longest: 80)
    let by = request.impersonator.map { " (impersonated by \(PlainText.line($0, longest: 60)))" } ?? ""
    let change = role == .active ? LoggedChange(request).words : ""
    return "\(user)\(by): \(request.verb) \(PlainText.line("\(resource) \(place)", longest: 120))\(change) at \(request.answered), auditID "
      + "\(request.auditID), \(source) line \(number)"
  }

  // MARK: The end

  /// Adds to a report what was found and what was asked.
  package mutating func finish(_ verification: inout VerificationReport) {
    for (hand, service, words) in close { resolve(hand, service, words) }
    for (_, service) in services.sorted(by: { $0.key < $1.key }) { inspectFlips(service) }
    report.rollouts = rollouts.count
    verification.apiLog = report
    verification.take(log)
  }

  /// A flip on record, at a time that a log covers, is in that log.
  private mutating func inspectFlips(_ service: ServiceLog) {
    for (index, move) in service.moves.enumerated() where !move.isForeign {
      let isFound = service.found[index] != nil
      guard isFound || (move.isTimed && report.spans.contains { $0.covers(move.at) }) else { continue }
      report.flips += 1
      if isFound { report.flipsFound += 1; continue }
      let episode = service.episodes[move.episode]
      let place = move.isBoth ? "both colors" : move.color.map(\.rawValue) ?? "nothing"
      let what =
        "\(episode.rollout) brought users to \(place) at \(move.at), and the log has no such write"
      log.add(
        .flipUnlogged, sawServices ? .error : .warning, at: episode.place,
        sawServices ? what : "\(what), nor any to a Service: its policy may leave them out")
    }
  }
}
