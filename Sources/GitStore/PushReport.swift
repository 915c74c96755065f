/// What `git-receive-pack` says after a push of one ref (gitprotocol-pack(5), "Report Status"): packets go in.
struct PushReport {
  private let ref: RefName
  private var unpacked: String?

  init(of ref: RefName) { self.ref = ref }

  /// What became of the ref.
  enum Verdict: Hashable {
    case done
    /// In the server's words.
    case refused(String)
  }

  /// The commands of a push, before its pack: the ref names the first id until now, nil for none, and is to name the second.
  ///
  /// Throws `invalid` for a ref whose name is too long for a packet.
  static func request(_ ref: RefName, from old: ObjectID?, to new: ObjectID) throws(GitError) -> [UInt8] {
    let command = "\(old?.hex ?? String(repeating: "0", count: 40)) \(new.hex) \(ref)\0report-status"
    guard let packet = PktLine.data(Array(command.utf8)).encoded, let end = PktLine.flush.encoded else {
      throw GitError(.invalid, "push", on: ref.name, cause: "the name is too long")
    }
    return packet + end
  }

  /// Takes the next packet; the verdict once it is there.
  mutating func receive(_ packet: PktLine) throws(ProtocolViolation) -> Verdict? {
    guard let text = packet.text else { return .refused(unpacked ?? "the server did not say what became of it") }
    if text.hasPrefix("ERR ") { throw ProtocolViolation(String(text.dropFirst(4))) }
    if text.hasPrefix("unpack ") {
      unpacked = text == "unpack ok" ? nil : String(text.dropFirst("unpack ".count))
    } else if text == "ok \(ref)" {
      return .done
    } else if text.hasPrefix("ng \(ref) ") {
      return .refused(String(text.dropFirst("ng \(ref) ".count)))
    }
    return nil
  }
}
