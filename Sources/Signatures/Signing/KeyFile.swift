import Glibc

/// The bytes of a key's file and who may read them.
struct KeyFile {
  let path: String
  let bytes: [UInt8]
  private let mode: mode_t
  private let owner: uid_t

  init(path: String) throws(SignatureError) {
    func failure(_ cause: String) -> SignatureError { SignatureError(.unreadable, "use", path, cause) }
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? failure("there is no such file") : failure(unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "")
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failure("it is no file") }
    var bytes = [UInt8](repeating: 0, count: PrivateKeyFile.limit + 1)
    var count = 0
    while count < bytes.count {
      let read = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
      }
      guard read >= 0 else { throw failure(unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "") }
      guard read > 0 else { break }
      count += read
    }
    guard count <= PrivateKeyFile.limit else { throw failure("it has more than \(PrivateKeyFile.limit) bytes: that is no key") }
    (self.path, self.bytes, mode, owner) = (path, Array(bytes[..<count]), status.st_mode, status.st_uid)
  }

  func holds(_ beginning: String) -> Bool { bytes.starts(with: beginning.utf8) }

  /// Whether it is a private key in one of the older formats.
  var isPEM: Bool { holds("-----BEGIN ") && String(decoding: bytes.prefix(64), as: UTF8.self).contains("PRIVATE KEY-----") }

  /// As OpenSSH has it (authfile.c, `sshkey_perm_ok`): whose file it is must have made sure that nobody else may read it.
  func checkPermissions() throws(SignatureError) {
    guard owner == getuid(), mode & 0o077 != 0 else { return }
    let digits = "0" + String(mode & 0o777, radix: 8)
    throw SignatureError(
      .unreadable, "use", path,
      "its permissions \(digits) let others read it; run: chmod 600 \(path) (for a mounted Secret: defaultMode: 0400)")
  }
}
