import KubernetesModel
import NIOCore
import NIOHTTP1

/// The bytes of a pod's answers, written once: under load nothing is formatted but `/metrics`.
struct PodResponses {
  private let identityBody: [UInt8]
  private let environmentBody: [UInt8]
  private let healthy: [Bool: ByteBuffer]

  init(_ configuration: PodServer.Configuration) {
    let behaviour = configuration.behaviour
    let identity: JSON = [
      "service": .string(behaviour.service), "version": .string(behaviour.version), "color": .string(behaviour.color),
      "pod": .string(configuration.pod),
    ]
    let body = identity.bytes
    identityBody = body
    environmentBody = JSON.object(configuration.environment.mapValues { .string($0) }).bytes
    healthy = Dictionary(
      uniqueKeysWithValues: [true, false].map { ($0, Self.response(status: 200, body: body, keepsAlive: $0, isHead: false)) })
  }

  func identity(status: Int, keepsAlive: Bool, isHead: Bool) -> ByteBuffer {
    if status == 200 && !isHead, let ready = healthy[keepsAlive] { return ready }
    return Self.response(status: status, body: identityBody, keepsAlive: keepsAlive, isHead: isHead)
  }

  func environment(keepsAlive: Bool, isHead: Bool) -> ByteBuffer {
    Self.response(status: 200, body: environmentBody, keepsAlive: keepsAlive, isHead: isHead)
  }

  func metrics(_ text: String, keepsAlive: Bool, isHead: Bool) -> ByteBuffer {
    Self.response(
      status: 200, body: Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8", keepsAlive: keepsAlive, isHead: isHead)
  }

  private static func response(
    status: Int, body: [UInt8], type: String = "application/json", keepsAlive: Bool, isHead: Bool
  ) -> ByteBuffer {
    var buffer = ByteBuffer(
      string: """
        HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r
        Content-Type: \(type)\r
        Content-Length: \(body.count)\r
        Connection: \(keepsAlive ? "keep-alive" : "close")\r
        \r

        """)
    if !isHead { buffer.writeBytes(body) }
    return buffer
  }
}
