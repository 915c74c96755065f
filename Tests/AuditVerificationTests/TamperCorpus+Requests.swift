import TrailSamples
import AuditTrail
import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditVerification

extension Tampering {
  // MARK: Requests

  static let requests: [Tampering] = [
    Tampering("a retry that nobody signed", .requestMissing, by: "operator-requests") { shop in
      var record = try shop.web.retry("1.4.0")
      record.operators = []
      record.exhibits.removeAll { $0.kind == .request }
      return [record]
    },
    Tampering("a branch is accepted by nobody", .requestMissing, by: "operator-requests") { shop in
      var record = try shop.web.resealed()
      record.operators = []
      record.exhibits.removeAll { $0.kind == .request }
      return [record]
    },
    Tampering("an override where nobody may override", .requestMissing, by: "operator-requests") { shop in
      shop.web.house = .open
      return [try shop.web.override("9.0.0")]
    },
    Tampering("a request of operators where there are none", .operatorsMismatch, by: "operator-requests") { shop in
      try [shop.web.retry("1.4.0").showing(.settings) { _ in House.open.text }]
    },
    Tampering("a request is garbage", .requestUnreadable, by: "operator-requests") { shop in
      [try shop.web.retry("1.4.0").showing(.request) { _ in "let it in\n" }]
    },
    Tampering("a request is spelled otherwise", .requestUnreadable, by: "operator-requests") { shop in
      [try shop.web.retry("1.4.0").showing(.request) { $0.replacing("{\"request\":", with: "{ \"request\":") }]
    },
    Tampering("a retry is signed with another key", .requestSignatureBad, by: "operator-requests") { shop in
      var record = try shop.web.retry("1.4.0", by: [House.eve])
      record.operators = [House.ada.signature]
      return [record]
    },
    Tampering("a request is signed for another use", .requestSignatureBad, by: "operator-requests") { shop in
      let record = try shop.web.retry("1.4.0")
      let request = OperatorRequest(
        .retry, installation: "shop", tag: record.tag?.tag, reason: record.reason ?? "", at: record.at ?? shop.web.now)
      let signed = SignedRequest(request, signatures: [House.ada.sign(try request.bytes, "git")])
      let text = String(decoding: try signed.file, as: UTF8.self)
      return [record.showing(.request) { _ in text }]
    },
    Tampering("the reason in a request is edited", .requestSignatureBad, by: "operator-requests") { shop in
      var record = try shop.web.retry("1.4.0").showing(.request) { $0.replacing("fixed downstream", with: "the board wants it") }
      record.reason = "the board wants it"
      return [record]
    },
    Tampering("the reason of a retry is edited", .requestMismatch, by: "operator-requests") { shop in
      var record = try shop.web.retry("1.4.0")
      record.reason = "the board wants it"
      return [record]
    },
    Tampering("a request for one version is used for another", .requestMismatch, by: "operator-requests") { shop in
      let signed = try shop.web.retry("1.4.0")
      var record = try shop.web.retry("1.3.0")
      (record.exhibits, record.operators) = (signed.exhibits, signed.operators)
      return [record]
    },
    Tampering("a request of another installation is used", .requestMismatch, by: "operator-requests") { shop in
      let record = try shop.web.retry("1.4.0")
      let request = OperatorRequest(
        .retry, installation: "staging", tag: record.tag?.tag, reason: record.reason ?? "", at: record.at ?? shop.web.now)
      return [try shop.web.asked(request, record, by: [House.ada])]
    },
    Tampering("a request is called by another name, to be used again", .requestMismatch, by: "operator-requests") { shop in
      var record = try shop.web.retry("1.4.0")
      for (index, exhibit) in record.exhibits.enumerated() where exhibit.kind == .request { record.exhibits[index].name += "0" }
      return [record]
    },
    Tampering("a request is used for a second retry", .recordedTwice, by: "event-keys") { trail, shop in
      let record = try shop.web.retry("1.4.0")
      try await trail.append([record, shop.web.planned("9.0.0"), shop.web.ended(.aborted)])
      try trail.forge(record)
    },
    Tampering("a request is used again with its signatures in another order", .recordedTwice, by: "event-keys") { trail, shop in
      let record = try shop.pay.override("1.2.0", by: [House.ada, House.bob])
      try await trail.append([record])
      let bytes = try #require(record.exhibits.first { $0.kind == .request }?.bytes)
      let signed = try #require(SignedRequest(parsing: bytes))
      try trail.forge(try shop.pay.asked(signed.request, record, by: [House.bob, House.ada]))
    },
    Tampering("a request is kept back for days", .requestOutdated, by: "operator-requests") { shop in
      let record = try shop.web.retry("1.4.0")
      let request = OperatorRequest(
        .retry, installation: "shop", tag: record.tag?.tag, reason: record.reason ?? "", at: shop.web.now + .seconds(-200_000))
      return [try shop.web.asked(request, record, by: [House.ada])]
    },
    Tampering("one person overrides where two are asked for", .requestShortage, by: "operator-requests") { shop in
      [try shop.pay.override("1.2.0", by: [House.ada])]
    },
    Tampering("one person signs twice where two are asked for", .requestShortage, by: "operator-requests") { shop in
      [try shop.pay.override("1.2.0", by: [House.ada, House.ada])]
    },
    Tampering("a record names an operator who did not sign", .operatorsMismatch, by: "operator-requests") { shop in
      var record = try shop.web.retry("1.4.0")
      record.operators = [House.bob.signature]
      return [record]
    },
    Tampering("a list of what was taken back cannot be asked", .requestNotJudged, by: "operator-requests") { shop in
      shop.web.house.files[.revokedOperators] = "SSHKRL\n\0nonsense"
      return [try shop.web.retry("1.4.0")]
    },
    Tampering("nobody says who may ask", .requestSignatureBad, by: "operator-requests") { shop in
      shop.web.house.files[.operators] = "nonsense"
      return [try shop.web.retry("1.4.0")]
    },
    Tampering("a release follows a retry of somebody who may not ask any more", .wishUncounted, by: "wishes") { trail, shop in
      let retry = try await trail.append([shop.web.retry("1.4.0", by: [House.bob])]).entries[0].digest.description
      shop.web.house.files[.operators] = House.ada.allowed("tagflip-request")
      try await trail.append([shop.web.planned("1.4.0", attempt: retry)])
    },
    Tampering("a release follows a retry that nobody signed", .wishUncounted, by: "wishes") { trail, shop in
      let strict = shop.web.house
      shop.web.house = .open
      let retry = try await trail.append([shop.web.retry("1.4.0")]).entries[0].digest.description
      shop.web.house = strict
      try await trail.append([shop.web.planned("1.4.0", attempt: retry)])
    },
  ]
}
