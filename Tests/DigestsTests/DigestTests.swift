import Digests
import Testing

@Suite("Digests")
struct DigestTests {
  // Vectors of FIPS 180-4, as `printf … | sha256sum` prints them.
  @Test(
    "Equals what sha256sum prints",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func vectors(text: String, hex: String) {
    let digest = Digest(of: text.utf8)
    #expect(digest.description == "sha256:\(hex)")
    #expect(digest.prefix12 == hex.prefix(12))
    #expect(Digest(parsing: digest.description) == digest)
    #expect(Digest(bytes: digest.bytes) == digest)
  }

  @Test("A million bytes in uneven pieces give the digest of the whole")
  func pieces() {
    var hasher = DigestHasher()
    var left = 1_000_000
    for size in [1, 63, 64, 65, 4096, 100_000] {
      hasher.update(repeatElement(UInt8(ascii: "a"), count: size))
      left -= size
    }
    hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: left))
    #expect(hasher.finish().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test(
    "Any other spelling is refused",
    arguments: [
      "", "sha256:", "sha256:e3b0", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
      "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ",
      "sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85é",
    ])
  func otherSpellings(text: String) {
    #expect(Digest(parsing: text) == nil)
  }

  // RFC 4231, cases 1, 2 and 6 (a key longer than a block).
  @Test(
    "Equals the HMAC-SHA-256 vectors of RFC 4231",
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 20), "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
      (
        [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ])
  func keyed(key: [UInt8], text: String, hex: String) {
    let digest = KeyedDigest(of: text.utf8, key: key)
    #expect(digest.description == "hmac-sha256:\(hex)")
    #expect(KeyedDigest(parsing: digest.description) == digest)
    #expect(KeyedDigest(parsing: "sha256:\(hex)") == nil)
    #expect(KeyedDigest(of: text.utf8, key: key + [1]) != digest)
  }

  @Test("An empty key and an empty message are allowed")
  func emptyKey() {
    #expect(KeyedDigest(of: [], key: []).description.hasSuffix("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
  }
}
