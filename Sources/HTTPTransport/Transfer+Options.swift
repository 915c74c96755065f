internal import CLibcurl

// What libcurl is told before a transfer begins.
extension Transfer {
  func prepare(_ userAgent: String) throws(CurlEasy.Refusal) {
    guard let authority = HTTPAuthority(url: request.url), !request.url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
      return stop(.malformed, "this is no http or https URL")
    }
    try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
    try easy.set(CURLOPT_NOSIGNAL, 1)
    // A name server that does not answer must not hold up the other transfers: without this libcurl joins its resolver thread.
    try easy.set(CURLOPT_QUICK_EXIT, 1)
    try easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    try easy.set(CURLOPT_TCP_NODELAY, 1)
    try easy.set(CURLOPT_USERAGENT, userAgent)
    // What was decided about a path is what is sent: libcurl would squash "..".
    try easy.set(CURLOPT_PATH_AS_IS, 1)
    try easy.set(CURLOPT_TIMEOUT_MS, request.limits.total.wholeMilliseconds)
    try easy.set(CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect.wholeMilliseconds)
    try prepareConnection(authority)
    try prepareTLS()
    try prepareAddress(authority)
    try prepareMessage()
    try prepareCallbacks()
  }

  private func prepareConnection(_ authority: HTTPAuthority) throws(CurlEasy.Refusal) {
    if request.connection == .fresh {
      try easy.set(CURLOPT_FRESH_CONNECT, 1)
      try easy.set(CURLOPT_FORBID_REUSE, 1)
    }
    // Servers close idle connections after 75 to 90 s: one that old is not worth the race.
    try easy.set(CURLOPT_MAXAGE_CONN, 60)
    // The environment's proxies hold, but never for this host: no proxy can know what its loopback means.
    if let proxy = request.proxy, request.mayUseProxy {
      try easy.set(CURLOPT_PROXY, proxy)
      // A proxy that is named for this request stands above the environment's exceptions, which libcurl would apply to it.
      try easy.set(CURLOPT_NOPROXY, "")
    } else if authority.isLoopback || !request.mayUseProxy {
      try easy.set(CURLOPT_NOPROXY, "*")
    } else if request.tls.serverName != nil {
      // The URL will bear that name: libcurl would look for it among the environment's exceptions, and not for the host.
      try easy.set(CURLOPT_NOPROXY, ProxyExceptions.environment.cover(authority.host) ? "*" : "")
    }
    try easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func prepareTLS() throws(CurlEasy.Refusal) {
    let tls = request.tls
    try easy.set(CURLOPT_SSL_VERIFYPEER, tls.isVerified ? 1 : 0)
    try easy.set(CURLOPT_SSL_VERIFYHOST, tls.isVerified ? 2 : 0)
    if let authority = tls.certificateAuthority {
      try easy.set(CURLOPT_CAINFO_BLOB, authority)
      // The built-in folder of the system's authorities would be trusted besides.
      try easy.set(CURLOPT_CAPATH, nil)
    }
    if let certificate = tls.clientCertificate { try easy.set(CURLOPT_SSLCERT_BLOB, certificate) }
    if let key = tls.clientKey { try easy.set(CURLOPT_SSLKEY_BLOB, key) }
  }

  /// libcurl takes the name to verify from the URL, so for another name the URL bears that name and the connection makes a detour.
  private func prepareAddress(_ authority: HTTPAuthority) throws(CurlEasy.Refusal) {
    guard let name = request.tls.serverName else { return try easy.set(CURLOPT_URL, request.url) }
    guard var url = CurlURL(request.url), url.setHost(name) else { return stop(.malformed, "\(name) is no host name") }
    try easy.set(CURLOPT_URL, url.text)
    guard detour.append("\(name):\(authority.port):\(authority.host):\(authority.port)") else {
      throw CurlEasy.Refusal(code: CURLE_OUT_OF_MEMORY)
    }
    try easy.set(CURLOPT_CONNECT_TO, detour)
    let isHostGiven = request.headers.contains { $0.name.lowercased() == "host" }
    if !isHostGiven { try add(HTTPHeader("Host", "\(authority.host):\(authority.port)")) }
  }

  private func prepareMessage() throws(CurlEasy.Refusal) {
    guard request.method.isToken else { return stop(.malformed, "the method is no HTTP token") }
    if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) { try prepareBody() }
    if request.method == "HEAD" { try easy.set(CURLOPT_NOBODY, 1) }
    try easy.set(CURLOPT_CUSTOMREQUEST, request.method)
    for header in request.headers {
      guard header.isSendable else { return stop(.malformed, "the header \(header.name.prefix(40)) is not one line of text") }
      try add(header)
    }
    if !headers.isEmpty { try easy.set(CURLOPT_HTTPHEADER, headers) }
  }

  private func prepareBody() throws(CurlEasy.Refusal) {
    try easy.setBody(request.body)
    // Without this libcurl waits a second for "100 Continue" before it sends a larger body,
    try addLine("Expect:")
    // and without this it calls every body a form.
    if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) { try addLine("Content-Type:") }
  }

  private func add(_ header: HTTPHeader) throws(CurlEasy.Refusal) {
    try addLine(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
  }

  private func addLine(_ line: String) throws(CurlEasy.Refusal) {
    guard headers.append(line) else { throw CurlEasy.Refusal(code: CURLE_OUT_OF_MEMORY) }
  }
}

extension HTTPRequest {
  /// Whether sending it twice does no more than sending it once (RFC 9110 §9.2.1).
  var isSafe: Bool { ["GET", "HEAD", "OPTIONS"].contains(method) }
}

extension HTTPHeader {
  /// Whether the field can be sent as it is, with nothing smuggled in behind it.
  fileprivate var isSendable: Bool { name.isToken && value.utf8.allSatisfy { $0 != 0x0A && $0 != 0x0D && $0 != 0 } }
}

extension String {
  /// Whether this is a token (RFC 9110 §5.6.2).
  fileprivate var isToken: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}

extension Duration {
  /// Whole milliseconds from 1 to what fits an `Int32`; libcurl takes 0 for "no limit".
  fileprivate var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return max(1, Int(min(seconds, 2_000_000)) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
