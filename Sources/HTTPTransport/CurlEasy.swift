internal import CLibcurl

/// The owner of one libcurl easy handle. Used by one thread at a time.
@safe struct CurlEasy: ~Copyable {
  let pointer: UnsafeMutableRawPointer

  /// Nil where memory is short.
  init?() {
    guard let pointer = unsafe curl_easy_init() else { return nil }
    unsafe self.pointer = pointer
  }

  deinit { unsafe curl_easy_cleanup(pointer) }

  /// What libcurl thought of an option.
  struct Refusal: Error {
    let code: CURLcode
  }

  func set(_ option: CURLoption, _ value: Int) throws(Refusal) {
    try CurlEasy.check(unsafe tagflip_curl_set_long(pointer, option, value))
  }

  func set(_ option: CURLoption, _ value: String?) throws(Refusal) {
    try CurlEasy.check(unsafe tagflip_curl_set_text(pointer, option, value))
  }

  /// Bytes that libcurl copies.
  func set(_ option: CURLoption, _ value: [UInt8]) throws(Refusal) {
    try CurlEasy.check(unsafe value.withUnsafeBytes { unsafe tagflip_curl_set_blob(pointer, option, $0.baseAddress, $0.count) })
  }

  /// A list that must outlive the handle.
  func set(_ option: CURLoption, _ list: borrowing CurlList) throws(Refusal) {
    try CurlEasy.check(unsafe tagflip_curl_set_list(pointer, option, list.pointer))
  }

  /// The body to send, which libcurl copies.
  func setBody(_ body: [UInt8]) throws(Refusal) {
    try CurlEasy.check(unsafe tagflip_curl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
    // A nil pointer would make libcurl ask a read callback for the body, so an empty one points somewhere too.
    let code = unsafe (body + [0]).withUnsafeBytes { bytes in
      unsafe tagflip_curl_set_text(pointer, CURLOPT_COPYPOSTFIELDS, bytes.bindMemory(to: CChar.self).baseAddress)
    }
    try CurlEasy.check(code)
  }

  static func check(_ code: CURLcode) throws(Refusal) {
    guard code == CURLE_OK else { throw Refusal(code: code) }
  }

  /// A counter or code; 0 where libcurl knows none.
  func number(_ info: CURLINFO) -> Int {
    var value = 0
    return unsafe tagflip_curl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
  }

  func size(_ info: CURLINFO) -> Int64 {
    var value: curl_off_t = 0
    return unsafe tagflip_curl_get_size(pointer, info, &value) == CURLE_OK ? Int64(value) : 0
  }

  func text(_ info: CURLINFO) -> String {
    var value: UnsafeMutablePointer<CChar>?
    guard unsafe tagflip_curl_get_text(pointer, info, &value) == CURLE_OK, let value = unsafe value else { return "" }
    return unsafe String(cString: value)
  }

  /// What libcurl says about a code in general.
  static func words(for code: CURLcode) -> String { unsafe String(cString: curl_easy_strerror(code)) }
}

/// The owner of a libcurl string list.
@safe struct CurlList: ~Copyable {
  private(set) var pointer: UnsafeMutablePointer<curl_slist>?

  deinit { unsafe curl_slist_free_all(pointer) }

  var isEmpty: Bool { unsafe pointer == nil }

  /// False where memory is short.
  mutating func append(_ text: String) -> Bool {
    guard let longer = unsafe curl_slist_append(pointer, text) else { return false }
    unsafe pointer = longer
    return true
  }
}

/// The owner of the room in which libcurl writes what went wrong.
@safe struct CurlErrorText: ~Copyable {
  let pointer: UnsafeMutablePointer<CChar>

  init() {
    unsafe pointer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe pointer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit { unsafe pointer.deallocate() }

  /// One line without control characters; empty where libcurl wrote nothing.
  var text: String {
    let raw = unsafe String(cString: pointer)
    return String(String.UnicodeScalarView(raw.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
  }
}
