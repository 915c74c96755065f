import Digests
import Glibc
import ImageRegistry
import ReleaseEngine
import ReleaseModel
import Synchronization
import TestSupport
import Testing

/// Found, absent, or no answer: nothing in between, and nothing made up.
@Suite struct AnswerTests {
  // Found

  @Test func `an image is found by HEAD, and its bytes are read by the digest and hashed`() async throws {
    let server = try LoopbackServer(registry: { _ in .manifest() })
    let answer = try await RegistryBench(server).ask()
    let digest = RegistryBench.digest(RegistryBench.manifest)
    #expect(answer == .found(ResolvedImage(digest: digest, parts: [try #require(Digest(parsing: RegistryBench.part("c0")))])))
    #expect(server.asked == ["HEAD /v2/shop/web/manifests/1.4.0", "GET /v2/shop/web/manifests/\(digest)"])
    let accept = try #require(server.requests.first?.header("accept"))
    for type in ["image.index.v1", "manifest.list.v2", "image.manifest.v1", "distribution.manifest.v2"] { #expect(accept.contains(type)) }
    #expect(server.requests.allSatisfy { $0.header("authorization") == nil })
  }

  @Test func `an index is found with the manifests of its platforms, attestations apart`() async throws {
    let server = try LoopbackServer(registry: { _ in .manifest(RegistryBench.index) })
    guard case .found(let image) = try await RegistryBench(server).ask() else { throw Unexpected(what: "no image") }
    #expect(image.digest == RegistryBench.digest(RegistryBench.index))
    #expect(image.parts.map(\.description) == [RegistryBench.part("aa"), RegistryBench.part("bb")])
  }

  @Test(arguments: [200, 404, 405, 400, 501]) func `a registry that leaves the digest out, or knows no HEAD, is read by name`(_ status: Int)
    async throws
  {
    let server = try LoopbackServer(registry: { $0.method == "HEAD" ? .http(status, [], "") : .ok(RegistryBench.manifest) })
    guard case .found(let image) = try await RegistryBench(server).ask() else { throw Unexpected(what: "no image") }
    #expect(image.digest == RegistryBench.digest(RegistryBench.manifest))
    #expect(server.asked.last == "GET /v2/shop/web/manifests/1.4.0")
  }

  @Test func `an image that is pinned already is checked to be there, and to be that`() async throws {
    let digest = RegistryBench.digest(RegistryBench.manifest)
    let server = try LoopbackServer(registry: { _ in .manifest() })
    let bench = RegistryBench(server)
    guard case .found(let image) = try await bench.ask("shop/web:1@\(digest)") else { throw Unexpected(what: "no image") }
    #expect(image.digest == digest)
    #expect(server.asked.first == "HEAD /v2/shop/web/manifests/\(digest)")
    let error = try await bench.failure("shop/web@\(RegistryBench.part("ab"))")
    #expect(error.kind == .corrupt && error.reason.contains(RegistryBench.part("ab")))
  }

  // Absent

  @Test(arguments: ["MANIFEST_UNKNOWN", "NAME_UNKNOWN"]) func `an image that nobody has pushed is absent, in the registry's words`(
    _ code: String
  ) async throws {
    let server = try LoopbackServer(registry: { _ in .unknown(code) })
    let bench = RegistryBench(server)
    #expect(try await bench.ask() == .absent(registry: bench.host, words: "\(code): manifest unknown"))
    #expect(bench.clock.slept.isEmpty, "that is an answer: nothing is tried again")
  }

  @Test func `404 in no registry's words says so`() async throws {
    let server = try LoopbackServer(registry: { _ in .http(404, [], "<html>\u{1B}[31mnginx</html>") })
    let bench = RegistryBench(server)
    #expect(try await bench.ask() == .absent(registry: bench.host, words: "HTTP 404, in no registry's words"))
  }

  @Test func `what was there a moment ago is not called absent`() async throws {
    let server = try LoopbackServer(registry: { $0.method == "HEAD" ? .manifest() : .unknown() })
    #expect(try await RegistryBench(server).failure().kind == .unreachable)
  }

  // Neither

  static let later: [Int] = [429, 500, 502, 503, 504]

  @Test(arguments: later) func `what says "later" is asked again, and then is unknown`(_ status: Int) async throws {
    let server = try LoopbackServer(registry: { _ in .http(status, [], "") })
    let bench = RegistryBench(server)
    let error = try await bench.failure()
    #expect(error.kind == .unreachable && error.isPassing)
    #expect(error.reason.contains("HTTP \(status)"))
    #expect(server.requests.count == 3)
    #expect(bench.clock.slept == [.milliseconds(500), .milliseconds(1000)])
  }

  @Test func `Retry-After is kept to, and one that is too long ends the question`() async throws {
    let count = Mutex(0)
    let server = try LoopbackServer(registry: { request in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number == 1 { return .http(429, ["Retry-After: 7"], "") }
      return .manifest()
    })
    let bench = RegistryBench(server)
    guard case .found = try await bench.ask() else { throw Unexpected(what: "no image") }
    #expect(bench.clock.slept == [.seconds(7)])
    let strict = try LoopbackServer(registry: { _ in .http(429, ["Retry-After: 3600"], "") })
    let patient = RegistryBench(strict)
    #expect(try await patient.failure().kind == .unreachable)
    #expect(patient.clock.slept.isEmpty && strict.requests.count == 1)
  }

  @Test func `a connection that breaks is tried again, nobody at the address is unknown`() async throws {
    let count = Mutex(0)
    let server = try LoopbackServer(registry: { request in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number == 1 { return .bytes("HTTP/1.1 200 OK\r\nContent-Le") }
      return .manifest()
    })
    guard case .found = try await RegistryBench(server).ask() else { throw Unexpected(what: "no image") }
    let nobody = try ReservedPort()
    let error = try await RegistryBench(host: "\(nobody.host):\(nobody.port)").failure()
    #expect(error.kind == .unreachable && error.isPassing)
  }

  static let lies: [(String, String)] = [
    ("hello", "it is no JSON manifest"), ("{}", "neither an index nor an image manifest"), ("[]", "no JSON manifest"),
    (#"{"schemaVersion":1,"name":"shop/web","fsLayers":[]}"#, "(schema version 1)"),
    (#"{"schemaVersion":2,"manifests":[]}"#, "no manifest that a pod could run"),
    (#"{"schemaVersion":2,"config":{"digest":"sha512:00"}}"#, "no SHA-256 digest"),
    (
      #"{"manifests":["# + (0..<101).map { _ in #"{"digest":"sha256:0"}"# }.joined(separator: ",") + "]}",
      "lists 101 manifests, more than 100"
    ),
  ]

  @Test(arguments: lies) func `what is no image is neither there nor absent`(_ body: String, _ says: String) async throws {
    let server = try LoopbackServer(registry: { $0.method == "HEAD" ? .http(404, [], "") : .ok(body) })
    let error = try await RegistryBench(server).failure()
    #expect(error.kind == .corrupt)
    #expect(error.reason.contains(says), "\(error)")
  }

  @Test func `bytes of another digest than was named count as nothing`() async throws {
    let forged = try LoopbackServer(registry: { $0.method == "HEAD" ? .manifest() : .ok(RegistryBench.index) })
    let error = try await RegistryBench(forged).failure()
    #expect(error.kind == .corrupt)
    #expect(error.reason.contains("\(RegistryBench.digest(RegistryBench.manifest))"))
    #expect(error.reason.contains("\(RegistryBench.digest(RegistryBench.index))"))
    let split = try LoopbackServer(registry: {
      $0.method == "HEAD" ? .http(405, [], "") : .ok(RegistryBench.index, ["Docker-Content-Digest: \(RegistryBench.part("ab"))"])
    })
    #expect(try await RegistryBench(split).failure().kind == .corrupt)
  }

  @Test func `a manifest that never ends is cut off`() async throws {
    let long = String(repeating: " ", count: 5 << 20)
    let server = try LoopbackServer(registry: { $0.method == "HEAD" ? .http(404, [], "") : .ok(long) })
    #expect(try await RegistryBench(server).failure().kind == .corrupt)
  }

  @Test func `a manifest of which no end is known is cut off, wherever it is read`() async throws {
    for method in ["HEAD", "GET"] {
      let server = try LoopbackServer { request, connection in
        guard request.method == method else { return connection.reply(404) }
        connection.write("HTTP/1.1 \(method == "HEAD" ? 405 : 200) X\r\nConnection: close\r\n\r\n")
        let chunk = [UInt8](repeating: 0x20, count: 1 << 16)
        while method == "GET", connection.write(chunk) {}
        connection.close()
      }
      let bench = RegistryBench(server)
      if method == "GET" {
        let error = try await bench.failure()
        #expect(error.kind == .corrupt && error.hint?.contains("look at the registry") == true, "\(error)")
      } else {
        guard case .absent = try await bench.ask() else { throw Unexpected(what: "it is there") }
      }
    }
  }

  @Test func `a manifest that drips for ever ends with the question's limit`() async throws {
    let clock = Mutex<SleepingClock?>(nil)
    let server = try LoopbackServer { request, connection in
      // Nearly all of the question's minute is gone when the manifest is asked for.
      guard request.method == "GET" else {
        clock.withLock { $0 }?.advance(.seconds(58))
        return connection.reply(404)
      }
      // The rest goes by while it drips.
      clock.withLock { $0 }?.advance(.milliseconds(1_900))
      connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
      while connection.write(" ") { usleep(5_000) }
      connection.close()
    }
    let bench = RegistryBench(server)
    clock.withLock { $0 = bench.clock }
    let error = try await bench.failure()
    #expect(error.kind == .timedOut && error.isPassing && error.reason.hasSuffix("no whole answer within 2 s"), "\(error)")
    #expect(server.requests.map(\.method) == ["HEAD", "GET"], "nothing is left for another try")
  }

  @Test func `what is no image reference is refused without asking anybody`() async throws {
    let bench = RegistryBench(host: "127.0.0.1:1")
    #expect(try await bench.failure("Shop/Web").kind == .invalid)
    #expect(try await bench.failure("a/../b").kind == .invalid)
  }
}
