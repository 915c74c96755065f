import KubernetesModel
import Testing

/// Amounts as Kubernetes spells them (k8s.io/apimachinery/pkg/api/resource).
@Suite struct QuantityTests {
  static let amounts: [(text: String, milli: Int)] = [
    ("0", 0), ("1", 1000), ("100m", 100), ("1500m", 1500), ("1.5", 1500), ("0.5", 500), (".5", 500), ("5.", 5000), ("+2", 2000),
    ("-1", -1000), ("-1.5", -1500), ("-.5", -500), ("007", 7000), ("1k", 1_000_000), ("2M", 2_000_000_000), ("1G", 1_000_000_000_000),
    ("1Ki", 1_024_000), ("1.5Gi", 1_610_612_736_000), ("128Mi", 134_217_728_000), ("1e3", 1_000_000), ("1E3", 1_000_000),
    ("1e+3", 1_000_000),
    ("12e-1", 1200), ("0e99", 0), ("1.25e2", 125_000), ("0.0000000000000000000000001e27", 100_000),
    // Finer than a thousandth: rounded up.
    ("1u", 1), ("1n", 1), ("0.0001", 1), ("1.0001", 1001), ("1e-99", 1), ("0.1Ki", 102_400),
    // Beyond the largest: the largest, 2^63 - 1, whose thousandths no `Int` holds.
    ("1E", .max), ("9223372036854775807", .max), ("-9223372036854775807", .min),
  ]

  @Test(arguments: amounts) func `each spelling is its amount`(_ one: (text: String, milli: Int)) throws {
    #expect(try #require(Quantity(one.text)).milli == one.milli)
  }

  @Test(arguments: [
    "", " ", "m", "Ki", ".", "-", "+", "+-1", "--1", "1-", "1+2", "1.2.3", "1,5", "1 ", " 1", "1K", "1ki", "1mi", "1KI", "1e", "1e+",
    "1ee3",
    "1e3k", "1e1.5", "0x10", "1_000", "١", "NaN", "inf", "1e99999999999999999999", String(repeating: "9", count: 31),
  ])
  func `what is none is none`(_ text: String) { #expect(Quantity(text) == nil) }

  @Test(arguments: [
    "9223372036854775808", "10E", "8Ei", "9999999999999999999999999999Ei", "100000000000000000E", "1e19", "1e99", "999999999E",
  ])
  func `what is beyond the largest is the largest, so that no sum overflows`(_ text: String) throws {
    let most = try #require(Quantity(text))
    #expect(most == Quantity("9223372036854775807"))
    #expect(Quantity("-" + text) == Quantity("-9223372036854775807"))
    let sum = (0..<1000).reduce(Quantity.zero) { sum, _ in sum + most }
    #expect(sum > most && sum.milli == .max && sum.whole == .max && (Quantity.zero - sum).milli == .min)
  }

  @Test(arguments: [
    ("0", "0"), ("1000m", "1"), ("1500m", "1500m"), ("1.5", "1500m"), ("1000", "1k"), ("1500", "1500"), ("1024", "1024"), ("1024Ki", "1Mi"),
    ("1536Mi", "1536Mi"), ("1.5Gi", "1536Mi"), ("1e6", "1M"), ("2000M", "2G"), ("-1000", "-1k"), ("1000Ki", "1000Ki"), ("0.5Ki", "512"),
  ])
  func `an amount is written with the largest suffix that leaves it whole`(_ text: String, _ canonical: String) throws {
    let amount = try #require(Quantity(text))
    #expect(amount.description == canonical)
    #expect(Quantity(canonical) == amount)
  }

  @Test func `amounts are added, compared and rounded up as numbers, whatever their spelling`() throws {
    func amount(_ text: String) throws -> Quantity { try #require(Quantity(text)) }
    #expect(try amount("1Gi") + amount("512Mi") == amount("1.5Gi"))
    #expect(try (Quantity.zero + amount("1Gi")).description == "1Gi")
    #expect(try amount("1") - amount("250m") == amount("750m"))
    #expect(try amount("1G") < amount("1Gi") && amount("-1") < .zero && amount("1000m") == amount("1"))
    #expect(try Set([amount("1000m"), amount("1"), amount("1e0")]).count == 1)
    #expect(try amount("1001m").whole == 2 && amount("1").whole == 1 && Quantity.zero.whole == 0)
  }
}
