/// An answer with its whole body.
package struct HTTPResponse: Sendable {
  package var head: HTTPHead
  package var body: [UInt8]
  package var timing: HTTPTiming
  /// The address that answered, as text; empty where a proxy did.
  package var remoteAddress: String

  package init(head: HTTPHead, body: [UInt8], timing: HTTPTiming = HTTPTiming(), remoteAddress: String = "") {
    self.head = head
    self.body = body
    self.timing = timing
    self.remoteAddress = remoteAddress
  }

  package var status: Int { head.status }
}

/// Status and header fields of an answer.
package struct HTTPHead: Sendable {
  package var status: Int
  package var headers: [HTTPHeader]

  package init(status: Int, headers: [HTTPHeader] = []) {
    self.status = status
    self.headers = headers
  }

  /// The first field of a name, in any case.
  package subscript(name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

/// When what happened, each since the first transfer of the call began. Connecting took no time where a kept connection was used.
package struct HTTPTiming: Sendable, Hashable {
  package var connect: Duration
  package var firstByte: Duration
  package var total: Duration

  package init(connect: Duration = .zero, firstByte: Duration = .zero, total: Duration = .zero) {
    self.connect = connect
    self.firstByte = firstByte
    self.total = total
  }
}

/// Sends requests.
package protocol HTTPSending: Sendable {
  /// The answer to a request, whatever its status.
  /// - Throws: ``HTTPError`` where no whole answer arrived within the limits.
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}
