/// One HTTP request with everything that bounds it.
package struct HTTPRequest: Sendable {
  package var method: String
  /// An `http` or `https` URL. Userinfo in it is sent and never shown.
  package var url: String
  package var headers: [HTTPHeader]
  package var body: [UInt8]
  package var limits: HTTPLimits
  package var tls: TLSSettings
  package var connection: ConnectionReuse
  /// How many redirects a GET or HEAD follows; 0 hands the redirect to the caller, as is done for all other methods. What may be secret
  /// stays behind where a redirect leads to another origin.
  package var redirects: Int
  package var addresses: AddressPolicy
  /// Whether the environment's proxies may carry it. An address policy sees a proxy's address instead of the target's, so whoever needs one
  /// to hold goes without.
  package var mayUseProxy: Bool
  /// The URL of a proxy for this request; nil for the environment's.
  package var proxy: String?

  package init(
    _ method: String = "GET", _ url: String, headers: [HTTPHeader] = [], body: [UInt8] = [], limits: HTTPLimits = HTTPLimits(),
    tls: TLSSettings = TLSSettings(), connection: ConnectionReuse = .pooled, redirects: Int = 0, addresses: AddressPolicy = .any,
    mayUseProxy: Bool = true
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.limits = limits
    self.tls = tls
    self.connection = connection
    self.redirects = redirects
    self.addresses = addresses
    self.mayUseProxy = mayUseProxy
  }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
  package var description: String { "\(method) \(HTTPError.redacted(url))" }
  package var customMirror: Mirror { Mirror(self, children: ["method": method, "url": HTTPError.redacted(url)]) }
}

/// A header field. Values may be secrets, so a header never shows its value.
package struct HTTPHeader: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  package var description: String { "\(name): …" }
  package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// What a transfer may take.
package struct HTTPLimits: Sendable, Hashable {
  /// From the call to the last byte.
  package var total: Duration
  /// Name resolution, TCP and TLS together.
  package var connect: Duration
  /// The longest silence once the request is on its way, exact to a tenth of a second; nil for none but `total`. A reader's pause does not
  /// count.
  package var idle: Duration?
  /// The longest answer body in bytes.
  package var maximumBody: Int

  /// Which limit ran out.
  package enum Bound: Sendable, Hashable {
    case total
    case connect
    case idle
  }

  package init(total: Duration = .seconds(30), connect: Duration = .seconds(10), idle: Duration? = nil, maximumBody: Int = 32 << 20) {
    self.total = total
    self.connect = connect
    self.idle = idle
    self.maximumBody = maximumBody
  }
}

/// Whether a kept connection may carry a request.
package enum ConnectionReuse: Sendable, Hashable {
  case pooled
  /// A connection of its own, closed afterwards.
  case fresh
}

/// How the other side is authenticated, and we to it. PEM texts are handed to OpenSSL as they are.
package struct TLSSettings: Sendable, Hashable {
  /// Certificate authorities in PEM; nil for the system's.
  package var certificateAuthority: [UInt8]?
  package var clientCertificate: [UInt8]?
  package var clientKey: [UInt8]?
  /// The name to expect in the certificate and to send (SNI), where it is not the URL's host.
  package var serverName: String?
  /// Whether the certificate is verified at all.
  package var isVerified: Bool

  package init(
    certificateAuthority: [UInt8]? = nil, clientCertificate: [UInt8]? = nil, clientKey: [UInt8]? = nil, serverName: String? = nil,
    isVerified: Bool = true
  ) {
    self.certificateAuthority = certificateAuthority
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.serverName = serverName
    self.isVerified = isVerified
  }
}

extension TLSSettings: CustomStringConvertible, CustomReflectable {
  package var customMirror: Mirror {
    Mirror(self, children: ["isVerified": isVerified, "hasClientCertificate": clientCertificate != nil])
  }

  package var description: String { "TLSSettings(verified: \(isVerified), client certificate: \(clientCertificate != nil))" }
}
