internal import CLibcurl

#if canImport(Glibc)
  import Glibc
#endif

// What libcurl's codes mean.
extension Transfer {
  /// When what happened, each since the transfer began; a kept connection took no time to connect.
  var timing: HTTPTiming {
    HTTPTiming(
      connect: .microseconds(max(easy.size(CURLINFO_APPCONNECT_TIME_T), easy.size(CURLINFO_CONNECT_TIME_T))),
      firstByte: .microseconds(easy.size(CURLINFO_STARTTRANSFER_TIME_T)), total: .microseconds(easy.size(CURLINFO_TOTAL_TIME_T)))
  }

  func failure(_ code: CURLcode) -> HTTPError {
    let kind = kind(of: code)
    let exceeded = code == CURLE_OPERATION_TIMEDOUT ? bound : nil
    return HTTPError(kind, of: request, reason: reason(code, kind, exceeded), mayHaveActed: isSent, exceeded: exceeded)
  }

  /// Which limit it was: before the request went out it can have been either.
  private var bound: HTTPLimits.Bound {
    !hasBegunRequest && request.limits.connect < request.limits.total ? .connect : .total
  }

  private func reason(_ code: CURLcode, _ kind: HTTPError.Kind, _ exceeded: HTTPLimits.Bound?) -> String {
    switch exceeded {
    case .connect: return "no connection within \(request.limits.connect.words)"
    case .total: return "no whole answer within \(request.limits.total.words)"
    case .idle, nil: break
    }
    let system = Int32(easy.number(CURLINFO_OS_ERRNO))
    if kind == .cannotConnect, system != 0 { return "no connection: \(unsafe String(cString: strerror(system)))" }
    // A malformed URL may hold a password, and libcurl's text the URL.
    let own = kind == .malformed ? "" : errorText.text
    return own.isEmpty ? CurlEasy.words(for: code) : own
  }

  private func kind(of code: CURLcode) -> HTTPError.Kind {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: .cannotResolve
    case CURLE_COULDNT_CONNECT: .cannotConnect
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: .untrusted
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE: .tls
    // A server that refuses our certificate says so after its handshake (TLS 1.3), as an alert in place of an answer.
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR: errorText.text.contains("alert") ? .tls : .connectionBroken
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .connectionBroken
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .malformed
    default: .other(code: Int(code.rawValue))
    }
  }
}

extension Duration {
  /// `2 s`, `1.5 s`, `250 ms`.
  var words: String {
    let (seconds, attoseconds) = components
    let milliseconds = Int(attoseconds / 1_000_000_000_000_000)
    if seconds == 0 { return "\(milliseconds) ms" }
    return milliseconds == 0 ? "\(seconds) s" : "\(Double(seconds) + Double(milliseconds) / 1000) s"
  }
}
