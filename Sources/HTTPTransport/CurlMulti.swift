internal import CLibcurl

/// The owner of one libcurl multi handle: the transfers under way and the connections kept.
///
/// Invariant: used by one thread, but for ``wake()``, which libcurl declares safe from any (curl_multi_wakeup(3)); freed when nobody can
/// wake it any more.
@safe struct CurlMulti: ~Copyable, Sendable {
  private nonisolated(unsafe) let pointer: UnsafeMutableRawPointer

  /// Nil where memory or descriptors are short.
  init?(keeping connections: Int) {
    guard let pointer = unsafe curl_multi_init() else { return nil }
    unsafe self.pointer = pointer
    unsafe tagflip_curl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, connections)
  }

  deinit { unsafe curl_multi_cleanup(pointer) }

  func add(_ easy: borrowing CurlEasy) -> Bool { unsafe curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK }

  func remove(_ easy: borrowing CurlEasy) { unsafe curl_multi_remove_handle(pointer, easy.pointer) }

  /// Does what can be done without waiting.
  func perform() {
    var running: Int32 = 0
    unsafe curl_multi_perform(pointer, &running)
  }

  /// Waits for something to do.
  func poll(milliseconds: Int32) {
    var events: Int32 = 0
    unsafe curl_multi_poll(pointer, nil, 0, milliseconds, &events)
  }

  /// Ends a wait, or the next one.
  func wake() { unsafe curl_multi_wakeup(pointer) }

  /// A transfer that ended: which, told by its handle's address, and how.
  func nextEnded() -> (handle: UInt, code: CURLcode)? {
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(pointer, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
      return unsafe (UInt(bitPattern: message.pointee.easy_handle), tagflip_curl_message_result(message))
    }
    return nil
  }
}
