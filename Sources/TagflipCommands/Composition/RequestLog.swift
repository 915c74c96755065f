import KubernetesModel
import RehearsalCluster
import ReleaseModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A file to which an embedded cluster's requests are appended, a line each.
final class RequestLog: Sendable {
  private let descriptor: Mutex<Int32>

  /// - Throws: `CommandFailure` where the file cannot be written.
  init(_ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw CommandFailure(
        .configuration, ["error: could not log requests to \(Word.plain(path)): \(reason)", "  next: name another file: --audit-log PATH"])
    }
    self.descriptor = Mutex(descriptor)
  }

  deinit { descriptor.withLock { _ = close($0) } }

  var sink: AuditSink { { [self] event in append(event.bytes + [0x0A]) } }

  /// Each line is written at once and whole: whoever reads the file meanwhile sees all that was answered. What a full disk does not take is lost.
  private func append(_ line: [UInt8]) {
    descriptor.withLock { descriptor in
      var rest = line[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 || errno == EINTR else { return }
        rest = rest.dropFirst(max(0, count))
      }
    }
  }
}
