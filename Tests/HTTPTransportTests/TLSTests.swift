import FoundationEssentials
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// `openssl s_server` with certificates of its own making; gone with its owner.
final class TLSServer: Sendable {
  let port: Int
  private let folder: String

  static let isAvailable = access("/usr/bin/openssl", X_OK) == 0

  /// Which certificate the server shows, and whether it wants one.
  enum Kind: String, CaseIterable {
    case good, expired, otherName, wantsClient
  }

  init(_ kind: Kind, _ authority: TestAuthority) throws {
    folder = authority.folder + "/\(kind)"
    let output = try shell(
      """
      mkdir -p \(folder)
      openssl s_server -accept 127.0.0.1:0 -www -cert \(kind == .wantsClient ? "good" : kind.rawValue).pem -key key.pem \
        \(kind == .wantsClient ? "-Verify 1 -verify_return_error -CAfile ca.pem" : "") </dev/null >\(folder)/log 2>&1 &
      echo $! > \(folder)/pid
      for i in $(seq 200); do sed -n 's/^ACCEPT 127.0.0.1:\\([0-9]*\\).*/\\1/p' \(folder)/log 2>/dev/null | grep . && exit 0; sleep 0.02; done; exit 1
      """, in: authority.folder)
    port = try #require(Int(output.filter { !$0.isWhitespace }))
  }

  deinit { _ = try? shell("kill $(cat \(folder)/pid)", in: "/") }

  var url: String { "https://127.0.0.1:\(port)/" }
}

/// A certificate authority and what it signed, in a folder of its own; gone with its owner.
final class TestAuthority: Sendable {
  let folder: String

  init() throws {
    var template = Array("/tmp/tls-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure(call: "mkdtemp", code: errno) }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let script = """
      new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
      openssl req -x509 $new -days 2 -subj /CN=ca -keyout ca.key -out ca.pem
      openssl req -x509 $new -days 2 -subj /CN=stranger -keyout stranger.key -out stranger.pem
      openssl ecparam -name prime256v1 -genkey -noout -out key.pem
      printf '[ca]\\ndefault_ca=x\\n[x]\\ndatabase=index\\nnew_certs_dir=.\\nserial=serial\\ndefault_md=sha256\\npolicy=p\\ncopy_extensions=copy\\n[p]\\ncommonName=supplied\\n' > ca.conf
      touch index; echo 01 > serial
      sign() {  # name, subjectAltName, first day, last day
        openssl req -new -key key.pem -subj /CN=$1 -addext subjectAltName=$2 -out $1.csr
        openssl ca -batch -config ca.conf -notext -keyfile ca.key -cert ca.pem -startdate $3 -enddate $4 -in $1.csr -out $1.pem
      }
      sign good IP:127.0.0.1,DNS:api.example 20200101000000Z 20990101000000Z
      sign expired IP:127.0.0.1 20200101000000Z 20200102000000Z
      sign otherName DNS:elsewhere.example 20200101000000Z 20990101000000Z
      sign client DNS:client 20200101000000Z 20990101000000Z
      """
    try shell(script, in: folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func pem(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))) }
}

/// Runs a script and answers what it wrote.
@discardableResult
func shell(_ script: String, in folder: String) throws -> String {
  let shell = try Shell("cd \(folder) && sh -ec '\(script.replacing("'", with: "'\\''"))' 2>&1")
  let text = String(decoding: shell.read(), as: UTF8.self)
  let status = shell.close()
  guard status == 0 else { throw SystemFailure(call: text, code: status) }
  return text
}

@Suite("TLS", .onOwnThread, .enabled(if: TLSServer.isAvailable))  // without openssl there is nothing to make certificates with
struct TLSTests {
  let client = HTTPClient(userAgent: "tests")
  let authority: TestAuthority

  init() throws { authority = try TestAuthority() }

  private func trusting(_ name: String = "ca.pem") throws -> TLSSettings { TLSSettings(certificateAuthority: try authority.pem(name)) }

  @Test func `trusts the authority given`() async throws {
    let server = try TLSServer(.good, authority)
    let answer = try await client.send(HTTPRequest("GET", server.url, tls: try trusting()))
    #expect(answer.status == 200)
  }

  @Test func `trusts neither a stranger, nor what is expired, nor another's name`() async throws {
    let (good, expired, otherName) = (
      try TLSServer(.good, authority), try TLSServer(.expired, authority), try TLSServer(.otherName, authority)
    )
    let ours = try trusting()
    for (server, tls, words) in [
      (good, TLSSettings(), "unable to get local issuer certificate"),
      (good, try trusting("stranger.pem"), "unable to get local issuer certificate"),
      (expired, ours, "certificate has expired"), (otherName, ours, "127.0.0.1"),
    ] {
      let error = try await failure(client, HTTPRequest("PATCH", server.url, body: [1], tls: tls))
      #expect(error.kind == .untrusted)
      #expect(error.reason.contains(words), "\(error.reason)")
      #expect(!error.mayHaveActed)
    }
  }

  @Test func `trusts anybody where it is told to`() async throws {
    let server = try TLSServer(.expired, authority)
    #expect(try await client.send(HTTPRequest("GET", server.url, tls: TLSSettings(isVerified: false))).status == 200)
  }

  @Test func `does not carry trust from one request's settings to another's`() async throws {
    let server = try TLSServer(.good, authority)
    _ = try await client.send(HTTPRequest("GET", server.url, tls: TLSSettings(isVerified: false)))
    #expect(try await failure(client, HTTPRequest("GET", server.url)).kind == .untrusted)
  }

  @Test func `expects the name that the settings give`() async throws {
    let (good, otherName) = (try TLSServer(.good, authority), try TLSServer(.otherName, authority))
    var tls = try trusting()
    tls.serverName = "elsewhere.example"
    #expect(try await client.send(HTTPRequest("GET", otherName.url, tls: tls)).status == 200)
    #expect(try await failure(client, HTTPRequest("GET", good.url, tls: tls)).kind == .untrusted)
  }

  @Test func `shows its certificate to who wants one`() async throws {
    let server = try TLSServer(.wantsClient, authority)
    var tls = try trusting()
    tls.clientCertificate = try authority.pem("client.pem")
    tls.clientKey = try authority.pem("key.pem")
    #expect(try await client.send(HTTPRequest("GET", server.url, tls: tls)).status == 200)
    let error = try await failure(client, HTTPRequest("GET", server.url, tls: try trusting()))
    #expect(error.kind == .tls)
  }

  @Test func `says what is wrong with a key that does not fit and with what is no PEM`() async throws {
    var tls = try trusting()
    tls.clientCertificate = try authority.pem("client.pem")
    tls.clientKey = try authority.pem("ca.key")
    #expect(try await failure(client, HTTPRequest("GET", "https://127.0.0.1:9", tls: tls)).kind != .cancelled)
    let server = try TLSServer(.good, authority)
    #expect(try await failure(client, HTTPRequest("GET", server.url, tls: tls)).kind == .tls)
    #expect(try await failure(client, HTTPRequest("GET", server.url, tls: TLSSettings(certificateAuthority: [1, 2]))).kind == .tls)
  }

  @Test func `is no more than an error where the server speaks none`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply() }
    let plain = try Silent("HTTP/1.1 400 Bad Request\r\n\r\n")
    let error = try await failure(client, HTTPRequest("GET", "https://127.0.0.1:\(plain.port)"))
    #expect(error.kind == .tls)
    #expect(server.requests.isEmpty)
  }

  /// Says one thing to whoever connects.
  private final class Silent: Sendable {
    let port: Int
    private let listener: Int32

    init(_ text: String) throws {
      let reserved = try ReservedPort()
      (listener, port) = (try reserved.listen(), reserved.port)
      try Thread.start { [listener] in
        while case let socket = accept(listener, nil, nil), socket >= 0 {
          Connection(socket: socket).write(text)
          shutdown(socket, Int32(SHUT_RDWR))
          close(socket)
        }
        close(listener)
      }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }
  }
}
