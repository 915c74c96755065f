import ArgumentParser
import FoundationEssentials
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Signatures

/// How an operator signs what he asks for.
struct SigningOptions: ParsableArguments {
  @Option(
    help: .init(
      "Sign the request with this SSH key: a private key file, or a public one that an agent holds the other half of.", valueName: "key"))
  var sign: String?
  @Option(help: .init("A request that somebody else has signed already, as --save wrote it.", valueName: "file")) var request: String?
  @Option(help: .init("Write the signed request to a file, for a second person to sign, and commit nothing.", valueName: "file"))
  var save: String?

  func validate() throws {
    if save != nil && sign == nil { throw ValidationError("--save writes a signed request: name your key with --sign KEY") }
  }

  /// The operator's hand, and where a request goes that is only signed.
  func hand() throws(CommandFailure) -> OperatorHand {
    do throws(PortError) {
      return OperatorHand(request: try earlier(), sign: sign.map { path in Self.signer(path) }, onlySigns: save != nil)
    } catch {
      throw CommandFailure(.configuration, ErrorText.lines(error))
    }
  }

  private func earlier() throws(PortError) -> SignedRequest? {
    guard let request else { return nil }
    let bytes = try Files.read(request, attempted: "read the request", hint: "name the file that --save wrote", limit: 1 << 16)
    guard let signed = SignedRequest(parsing: bytes) else {
      throw PortError(
        .invalid, attempted: "read the request", reason: "it is not what --save writes", hint: "let it be signed anew with --save FILE",
        location: SourceLocation(file: request))
    }
    return signed
  }

  /// Asks for the key only when it signs. It may wait for an agent: a person is waiting for just that.
  private static func signer(_ path: String) -> @Sendable ([UInt8], String) async throws(PortError) -> String {
    { (bytes, namespace) throws(PortError) in
      do throws(SignatureError) {
        return try SigningKey.open(path: path).sign(bytes, namespace: namespace).armored
      } catch {
        throw PortError(.configuration, attempted: "sign the request", reason: "\(error)", hint: "name another key: --sign KEY")
      }
    }
  }
}

/// A request that was signed and not committed, for standard output.
struct SavedRequestText: ResultText {
  let request: SignedRequest
  let path: String
  /// What the second person types.
  let next: String

  var text: String {
    """
    signed, and written to \(Word.plain(path)); nothing is committed
    it counts until \(request.request.at + OperatorRequest.lifetime); next: \(next)
    """
  }

  var json: JSON {
    [
      "request": .string(path), "action": .string(request.request.action.rawValue), "signatures": .int(Int64(request.signatures.count)),
      "until": .string("\(request.request.at + OperatorRequest.lifetime)"),
    ]
  }

  /// Writes the request where it was asked for.
  static func save(_ request: SignedRequest, to path: String) throws(CommandFailure) {
    do throws(PortError) {
      let bytes: [UInt8]
      do {
        bytes = try request.file
      } catch {
        throw PortError(.invalid, attempted: "write the request", reason: "\(error)")
      }
      try Files.write(String(decoding: bytes, as: UTF8.self), to: path, attempted: "write the request", hint: "name another: --save FILE")
    } catch {
      throw CommandFailure(.configuration, ErrorText.lines(error))
    }
  }
}
