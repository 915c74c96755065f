internal import CLibcurl

#if canImport(Glibc)
  import Glibc
#endif

/// One libcurl easy handle with what its callbacks need. Used by one thread at a time; whoever drives the transfer owns it.
///
/// Invariant: the handle's callbacks point at this object, which outlives the handle, since only its `deinit` frees it.
@safe final class EasyHandle {
  let request: HTTPRequest
  let handle: OpaqueHandle
  private var headerList: OpaqueList?
  private var connectList: OpaqueList?
  /// What the answer's header said so far; begun anew with each status line (redirects, 100 Continue).
  private(set) var head = HTTPHead(status: 0)
  /// Takes body bytes; says whether the transfer is to wait or to stop.
  var onBody: (UnsafeRawBufferPointer) -> BodyVerdict = { _ in .proceed }
  /// Called once, when the final answer's header is complete.
  var onHead: (HTTPHead) -> Void = { _ in }
  private var received = 0
  private var headIsComplete = false
  private var refusal: String?
  private var isTooLarge = false

  enum BodyVerdict {
    case proceed
    /// Not taken: the same bytes come again after the transfer is resumed.
    case pause
    case stop
  }

  @safe struct OpaqueHandle {
    nonisolated(unsafe) let pointer: UnsafeMutableRawPointer
  }

  @safe struct OpaqueList {
    nonisolated(unsafe) let pointer: UnsafeMutablePointer<curl_slist>
  }

  /// Prepares a request.
  /// - Throws: ``HTTPError`` of kind `malformed` where libcurl does not take it.
  init(_ request: HTTPRequest, userAgent: String) throws(HTTPError) {
    guard let pointer = unsafe curl_easy_init() else {
      throw HTTPError(.other(code: 0), method: request.method, url: request.url, reason: "libcurl has no handle to give")
    }
    self.request = request
    unsafe handle = OpaqueHandle(pointer: pointer)
    try prepare(userAgent)
  }

  deinit {
    unsafe curl_easy_cleanup(handle.pointer)
    if let headerList { unsafe curl_slist_free_all(headerList.pointer) }
    if let connectList { unsafe curl_slist_free_all(connectList.pointer) }
  }

  func error(_ kind: HTTPError.Kind, _ reason: String, mayHaveActed: Bool = false) -> HTTPError {
    HTTPError(kind, method: request.method, url: request.url, reason: reason, mayHaveActed: mayHaveActed)
  }

  // MARK: Options

  private func prepare(_ userAgent: String) throws(HTTPError) {
    guard request.url.hasPrefix("http://") || request.url.hasPrefix("https://"),
      !request.url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
    else { throw error(.malformed, "only http and https URLs without spaces are requested") }
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    try set(CURLOPT_TCP_NODELAY, 1)
    try set(CURLOPT_USERAGENT, userAgent)
    try prepareLimits()
    try prepareConnection()
    try prepareTLS()
    try prepareMessage()
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe check(tagflip_curl_set_data_callback(handle.pointer, CURLOPT_WRITEFUNCTION, bodyCallback))
    unsafe check(tagflip_curl_set_context(handle.pointer, CURLOPT_WRITEDATA, context))
    unsafe check(tagflip_curl_set_data_callback(handle.pointer, CURLOPT_HEADERFUNCTION, headerCallback))
    unsafe check(tagflip_curl_set_context(handle.pointer, CURLOPT_HEADERDATA, context))
    unsafe check(tagflip_curl_set_socket_callback(handle.pointer, socketCallback, context))
  }

  private func prepareLimits() throws(HTTPError) {
    try set(CURLOPT_TIMEOUT_MS, max(1, request.limits.total.wholeMilliseconds))
    try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, min(request.limits.connect, request.limits.total).wholeMilliseconds))
    if let idle = request.limits.idle {
      try set(CURLOPT_LOW_SPEED_LIMIT, 1)
      try set(CURLOPT_LOW_SPEED_TIME, max(1, (idle.wholeMilliseconds + 999) / 1000))
    }
    if request.redirects > 0 {
      try set(CURLOPT_FOLLOWLOCATION, 1)
      try set(CURLOPT_MAXREDIRS, request.redirects)
      try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    }
  }

  private func prepareConnection() throws(HTTPError) {
    if request.connection == .fresh {
      try set(CURLOPT_FRESH_CONNECT, 1)
      try set(CURLOPT_FORBID_REUSE, 1)
    }
    // The environment's proxies hold, but never for this host: no proxy can know what its loopback means.
    if let own = HTTPAuthority(url: request.url), own.isLoopback { try set(CURLOPT_NOPROXY, "*") }
  }

  private func prepareTLS() throws(HTTPError) {
    let tls = request.tls
    try set(CURLOPT_SSL_VERIFYPEER, tls.isVerified ? 1 : 0)
    try set(CURLOPT_SSL_VERIFYHOST, tls.isVerified ? 2 : 0)
    if let authority = tls.certificateAuthority { try set(CURLOPT_CAINFO_BLOB, authority) }
    if let certificate = tls.clientCertificate { try set(CURLOPT_SSLCERT_BLOB, certificate) }
    if let key = tls.clientKey { try set(CURLOPT_SSLKEY_BLOB, key) }
    guard let name = tls.serverName, let authority = HTTPAuthority(url: request.url) else {
      try set(CURLOPT_URL, request.url)
      return
    }
    // libcurl takes the name to verify from the URL, so the URL bears the name and the connection goes elsewhere.
    try set(CURLOPT_URL, authority.replacingHost(in: request.url, with: name))
    connectList = appended(connectList, "\(name):\(authority.port):\(authority.host):\(authority.port)")
    if let connectList { unsafe check(tagflip_curl_set_list(handle.pointer, CURLOPT_CONNECT_TO, connectList.pointer)) }
  }

  private func prepareMessage() throws(HTTPError) {
    if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
      unsafe check(tagflip_curl_set_size(handle.pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      let code = unsafe request.body.withUnsafeBytes { bytes in
        unsafe tagflip_curl_set_text(handle.pointer, CURLOPT_COPYPOSTFIELDS, bytes.bindMemory(to: CChar.self).baseAddress ?? emptyText)
      }
      check(code)
      // Without this libcurl waits a second for "100 Continue" before it sends a larger body.
      headerList = appended(headerList, "Expect:")
    }
    if request.method == "HEAD" { try set(CURLOPT_NOBODY, 1) }
    try set(CURLOPT_CUSTOMREQUEST, request.method)
    for header in request.headers {
      guard header.isSafe else { throw error(.malformed, "header \(header.name) holds a line break") }
      headerList = appended(headerList, header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    if let headerList { unsafe check(tagflip_curl_set_list(handle.pointer, CURLOPT_HTTPHEADER, headerList.pointer)) }
  }

  private func appended(_ list: OpaqueList?, _ text: String) -> OpaqueList? {
    guard let longer = unsafe curl_slist_append(list?.pointer, text) else { return list }
    return unsafe OpaqueList(pointer: longer)
  }

  private func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
    try demand(unsafe tagflip_curl_set_long(handle.pointer, option, value))
  }

  private func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
    try demand(unsafe tagflip_curl_set_text(handle.pointer, option, value))
  }

  private func set(_ option: CURLoption, _ value: [UInt8]) throws(HTTPError) {
    try demand(unsafe value.withUnsafeBytes { unsafe tagflip_curl_set_blob(handle.pointer, option, $0.baseAddress, $0.count) })
  }

  private func demand(_ code: CURLcode) throws(HTTPError) {
    guard code == CURLE_OK else { throw error(.malformed, EasyHandle.text(of: code)) }
  }

  /// Options that libcurl cannot refuse.
  private func check(_ code: CURLcode) { assert(code == CURLE_OK) }

  // MARK: Callbacks

  fileprivate func take(_ data: UnsafeRawBufferPointer) -> Int {
    announceHead()
    guard received + data.count <= request.limits.maximumBody else {
      isTooLarge = true
      return 0
    }
    switch unsafe onBody(data) {
    case .proceed:
      received += data.count
      return data.count
    case .pause: return Int(CURL_WRITEFUNC_PAUSE)
    case .stop: return 0
    }
  }

  fileprivate func takeHeader(_ data: UnsafeRawBufferPointer) {
    let line = unsafe String(decoding: data, as: UTF8.self).trimmingLineEnd()
    if line.hasPrefix("HTTP/") {
      head = HTTPHead(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
    } else if let colon = line.firstIndex(of: ":"), head.headers.count < 200 {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      head.headers.append(HTTPHeader(String(line[..<colon]), String(value)))
    }
  }

  /// Tells of the final answer's header, at the first body byte or at the end.
  func announceHead() {
    guard !headIsComplete else { return }
    headIsComplete = true
    onHead(head)
  }

  fileprivate func refuses(_ address: UnsafePointer<curl_sockaddr>) -> Bool {
    guard let ip = unsafe IPAddress(address), let reason = request.addresses.refusal(ip) else { return false }
    refusal = "\(ip) is refused: \(reason)"
    return true
  }

  // MARK: The end

  /// What the transfer's end means.
  func failure(_ code: CURLcode) -> HTTPError? {
    guard code != CURLE_OK else { return nil }
    if let refusal { return error(.addressRefused, refusal) }
    if isTooLarge { return error(.bodyTooLarge, "the answer is longer than \(request.limits.maximumBody) bytes", mayHaveActed: true) }
    var sent = 0
    unsafe check(tagflip_curl_get_long(handle.pointer, CURLINFO_REQUEST_SIZE, &sent))
    return error(EasyHandle.kind(of: code), EasyHandle.text(of: code), mayHaveActed: sent > 0)
  }

  var timing: HTTPTiming {
    HTTPTiming(
      connect: duration(CURLINFO_APPCONNECT_TIME_T) ?? duration(CURLINFO_CONNECT_TIME_T) ?? .zero,
      firstByte: duration(CURLINFO_STARTTRANSFER_TIME_T) ?? .zero, total: duration(CURLINFO_TOTAL_TIME_T) ?? .zero)
  }

  private func duration(_ info: CURLINFO) -> Duration? {
    var microseconds: curl_off_t = 0
    unsafe check(tagflip_curl_get_size(handle.pointer, info, &microseconds))
    return microseconds > 0 ? .microseconds(Int64(microseconds)) : nil
  }

  var remoteAddress: String {
    var text: UnsafeMutablePointer<CChar>?
    unsafe check(tagflip_curl_get_text(handle.pointer, CURLINFO_PRIMARY_IP, &text))
    return unsafe text.map { unsafe String(cString: $0) } ?? ""
  }

  private static func text(of code: CURLcode) -> String { unsafe String(cString: curl_easy_strerror(code)) }

  private static func kind(of code: CURLcode) -> HTTPError.Kind {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: .cannotResolve
    case CURLE_COULDNT_CONNECT: .cannotConnect
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CACERT_BADFILE: .untrusted
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER: .tls
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM: .connectionBroken
    case CURLE_ABORTED_BY_CALLBACK, CURLE_WRITE_ERROR: .cancelled
    case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .malformed
    default: .other(code: Int(code.rawValue))
    }
  }
}

nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = unsafe UnsafePointer(strdup(""))

private func object(_ context: UnsafeMutableRawPointer?) -> EasyHandle? {
  unsafe context.map { unsafe Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue() }
}

private func bodyCallback(data: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?) -> Int {
  guard let handle = unsafe object(context) else { return 0 }
  return unsafe handle.take(UnsafeRawBufferPointer(start: data, count: size * count))
}

private func headerCallback(data: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?) -> Int {
  guard let handle = unsafe object(context) else { return 0 }
  unsafe handle.takeHeader(UnsafeRawBufferPointer(start: data, count: size * count))
  return size * count
}

private func socketCallback(
  context: UnsafeMutableRawPointer?, purpose: curlsocktype, address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let handle = unsafe object(context), let address = unsafe address else { return tagflip_curl_bad_socket() }
  return unsafe handle.refuses(address) ? tagflip_curl_bad_socket() : tagflip_curl_open_socket(address)
}

extension IPAddress {
  /// The address that libcurl is about to connect to.
  fileprivate init?(_ address: UnsafePointer<curl_sockaddr>) {
    switch unsafe address.pointee.family {
    case AF_INET:
      var v4 = sockaddr_in()
      unsafe withUnsafeMutableBytes(of: &v4) { unsafe $0.copyMemory(from: Self.bytes(address, $0.count)) }
      self.init(bytes: unsafe withUnsafeBytes(of: v4.sin_addr) { unsafe Array($0) })
    case AF_INET6:
      // curl_sockaddr declares room for a sockaddr, and libcurl puts a sockaddr_storage there.
      var v6 = sockaddr_in6()
      unsafe withUnsafeMutableBytes(of: &v6) { unsafe $0.copyMemory(from: Self.bytes(address, $0.count)) }
      self.init(bytes: unsafe withUnsafeBytes(of: v6.sin6_addr) { unsafe Array($0) })
    default: return nil
    }
  }

  private static func bytes(_ address: UnsafePointer<curl_sockaddr>, _ count: Int) -> UnsafeRawBufferPointer {
    let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
    return unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(address) + offset, count: count)
  }
}

extension HTTPHeader {
  fileprivate var isSafe: Bool { !name.isEmpty && (name + value).utf8.allSatisfy { $0 != 0x0A && $0 != 0x0D && $0 != 0 } }
}

extension String {
  fileprivate func trimmingLineEnd() -> String {
    var view = self[...]
    while let last = view.unicodeScalars.last, last == "\r" || last == "\n" { view.unicodeScalars.removeLast() }
    return String(view)
  }
}

extension Duration {
  /// Whole milliseconds, bounded to what fits an `Int32`.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(min(seconds, 2_000_000)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
