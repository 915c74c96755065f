internal import CLibcurl

#if canImport(Glibc)
  import Glibc
#endif

// The functions that libcurl calls, each with the transfer as its context.
extension Transfer {
  func prepareCallbacks() throws(CurlEasy.Refusal) {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    try CurlEasy.check(unsafe tagflip_curl_set_data_callback(easy.pointer, CURLOPT_WRITEFUNCTION, bodyCallback))
    try CurlEasy.check(unsafe tagflip_curl_set_context(easy.pointer, CURLOPT_WRITEDATA, context))
    try CurlEasy.check(unsafe tagflip_curl_set_data_callback(easy.pointer, CURLOPT_HEADERFUNCTION, headerCallback))
    try CurlEasy.check(unsafe tagflip_curl_set_context(easy.pointer, CURLOPT_HEADERDATA, context))
    try CurlEasy.check(unsafe tagflip_curl_set_socket_callback(easy.pointer, socketCallback, context))
    try CurlEasy.check(unsafe tagflip_curl_set_request_callback(easy.pointer, requestCallback, context))
    try CurlEasy.check(unsafe tagflip_curl_set_context(easy.pointer, CURLOPT_ERRORBUFFER, errorText.pointer))
  }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private func bodyCallback(data: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?) -> Int {
  guard let transfer = unsafe transfer(context) else { return 0 }
  switch unsafe transfer.takeBody(UnsafeRawBufferPointer(start: data, count: size * count)) {
  case .taken: return size * count
  case .pause: return Int(CURL_WRITEFUNC_PAUSE)
  case .stop: return size * count == 0 ? 1 : 0
  }
}

private func headerCallback(data: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?) -> Int {
  guard let transfer = unsafe transfer(context) else { return 0 }
  return unsafe transfer.takeHeader(UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
}

private func socketCallback(
  context: UnsafeMutableRawPointer?, purpose: curlsocktype, address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let transfer = unsafe transfer(context), let address = unsafe address else { return tagflip_curl_bad_socket() }
  // An address of no known family cannot be judged, so it is not used.
  guard let ip = unsafe IPAddress(address), transfer.permits(ip) else { return tagflip_curl_bad_socket() }
  return unsafe tagflip_curl_open_socket(address)
}

private func requestCallback(
  context: UnsafeMutableRawPointer?, remote: UnsafeMutablePointer<CChar>?, local: UnsafeMutablePointer<CChar>?, remotePort: Int32,
  localPort: Int32
) -> Int32 {
  guard let transfer = unsafe transfer(context) else { return CURL_PREREQFUNC_ABORT }
  let address = unsafe remote.flatMap { unsafe IPAddress(String(cString: $0)) }
  return transfer.permitsRequest(over: address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
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

extension Transfer {
  /// The handle's address, by which libcurl tells which transfer ended.
  var handle: UInt { unsafe UInt(bitPattern: easy.pointer) }

  /// Goes on after a pause. libcurl offers what it holds back from within this call.
  func resume() {
    resumed()
    unsafe curl_easy_pause(easy.pointer, CURLPAUSE_CONT)
  }
}
