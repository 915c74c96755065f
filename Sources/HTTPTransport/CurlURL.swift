internal import CLibcurl

/// A URL as libcurl itself reads it, so that what is decided about it holds for the connection that libcurl then makes.
@safe struct CurlURL: ~Copyable {
  private let handle: OpaquePointer

  /// Nil where libcurl would not take the text as a URL.
  init?(_ text: String) {
    guard let handle = unsafe curl_url() else { return nil }
    guard unsafe curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else {
      unsafe curl_url_cleanup(handle)
      return nil
    }
    unsafe self.handle = handle
  }

  deinit { unsafe curl_url_cleanup(handle) }

  /// A part as text; nil where the URL lacks it.
  func part(_ part: CURLUPart, flags: Int32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text = unsafe text else { return nil }
    defer { unsafe curl_free(text) }
    return unsafe String(cString: text)
  }

  /// Goes where a `Location` leads, relative or absolute (RFC 3986 §5). False, and unusable, where it leads nowhere.
  mutating func follow(_ location: String) -> Bool { unsafe curl_url_set(handle, CURLUPART_URL, location, 0) == CURLUE_OK }

  /// Exchanges the host. False where the text is no host.
  mutating func setHost(_ host: String) -> Bool { unsafe curl_url_set(handle, CURLUPART_HOST, host, 0) == CURLUE_OK }

  var text: String { part(CURLUPART_URL) ?? "" }
}
