import Digests
import Testing

@Suite("Encodings")
struct EncodingTests {
  // RFC 4648, section 10.
  @Test(
    "Base64 equals the vectors of RFC 4648 and reads them back",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
      ("\u{fb}\u{ff}", "w7vDvw=="),
    ])
  func base64(text: String, encoded: String) {
    #expect(Base64.encode(text.utf8) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test(
    "Base64 that is not canonical is refused",
    arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm 9", "====", "Z===", "=Zg=", "Zm9-", "Zé="])
  func strictBase64(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test("Every byte survives hexadecimal and Base64")
  func everyByte() {
    let bytes = [UInt8](0...255)
    for count in 0...256 {
      let piece = bytes.suffix(count)
      #expect(Hex.decode(Hex.encode(piece)) == Array(piece))
      #expect(Base64.decode(Base64.encode(piece)) == Array(piece))
    }
    #expect(Hex.encode([0, 15, 16, 255]) == "000f10ff")
    #expect(Hex.decode("00fF") == [0, 255])
  }

  @Test("What is no hexadecimal is refused", arguments: ["0", "0g", "é", " 00", "0x00"])
  func strictHex(text: String) {
    #expect(Hex.decode(text) == nil)
  }
}
