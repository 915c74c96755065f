internal import CLibcurl

/// libcurl as a whole.
enum CurlLibrary {
  /// Initialises libcurl, once per process and before its first use.
  static func initialize() { _ = result }

  private static let result = curl_global_init(tagflip_curl_global_default())
}
