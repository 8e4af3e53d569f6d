import Sweeps
import Testing

/// Which numbers are read, and which are refused because YAML 1.1 and 1.2 read them differently, or not as decimal numbers.
@Suite struct NumberTextTests {
  @Test(arguments: [
    ("0", 0.0), ("12", 12), ("-3", -3), ("+1", 1), ("0.5", 0.5), (".5", 0.5), ("-.5", -0.5), ("1.", 1), ("1e3", 1000),
    ("1E3", 1000), ("1e+3", 1000), ("1.5e-3", 0.0015), ("1.e3", 1000), (".5e1", 5), ("0e5", 0), ("0.0", 0), ("-0.0", 0),
    ("1e308", 1e308), ("5e-324", .leastNonzeroMagnitude), ("0.1", 0.1),
    ("123456789012345678901234567890", 1.2345678901234568e29), ("9007199254740993", 9_007_199_254_740_992),
  ])
  func read(_ text: String, _ value: Double) throws {
    #expect(try NumberText(text).value == SettingValue(value) || text == "9007199254740993")
    #expect(try NumberText(text).value.double == value)
  }

  @Test(arguments: [
    ("0010", "YAML 1.1 reads 0010 as octal, that is 8, YAML 1.2 as 10", "write 10"),
    ("-017", "YAML 1.1 reads -017 as octal, that is -15, YAML 1.2 as -17", "write -17"),
    ("00", "leading zeros are read differently", "write 0"), ("007", "leading zeros are read differently", "write 7"),
    ("08", "leading zeros are read differently", "write 8"),
    ("007.5", "leading zeros are read differently", "write 7.5"), ("01e3", "leading zeros", "write 1e3"),
    ("0o10", "0o10 is octal, and numbers are decimal here (YAML 1.2 reads it as octal, YAML 1.1 as text)", "write 8"),
    ("0x1F", "0x1F is hexadecimal, and numbers are decimal here", "write 31"), ("0x1p3", "0x1p3 is hexadecimal", nil),
    ("-0b11", "-0b11 is binary, and numbers are decimal here (YAML 1.1 reads it as binary", "write -3"),
    ("1_000", "YAML 1.1 reads 1_000 as a number, YAML 1.2 as text", "write 1000"),
    ("1_0.5", "YAML 1.1 reads 1_0.5 as a number", "write 10.5"),
    ("1:30", "YAML 1.1 reads 1:30 in base 60, that is as 90, YAML 1.2 as text", "write 90"),
    ("-1:00:01", "YAML 1.1 reads -1:00:01 in base 60, that is as -3601", "write -3601"),
    (".inf", "a finite number is needed", nil), ("-.INF", "a finite number is needed", nil),
    (".nan", "a finite number is needed", nil), ("inf", "a finite number is needed", nil),
    ("nan", "a finite number is needed", nil), ("infinity", "a finite number is needed", nil),
    ("1e400", "1e400 is beyond the range of double precision", nil),
    ("1e-400", "1e-400 is below the range of double precision", nil),
    ("yes", "a finite number is needed", nil), ("no", "a finite number is needed", nil),
    ("on", "a finite number is needed", nil), ("true", "a finite number is needed", nil),
    ("~", "a finite number is needed", nil), ("null", "a finite number is needed", nil),
    ("", "a finite number is needed", nil), ("-", "a finite number is needed", nil),
    (".", "a finite number is needed", nil), ("e3", "a finite number is needed", nil),
    ("1e", "a finite number is needed", nil), ("1e+", "a finite number is needed", nil),
    ("1 2", "a finite number is needed", nil), (" 1", "a finite number is needed", nil),
    ("1,5", "a finite number is needed", nil), ("1d3", "a finite number is needed", nil),
    ("--1", "a finite number is needed", nil), ("1.2.3", "a finite number is needed", nil),
    ("½", "a finite number is needed", nil), ("١٢", "a finite number is needed", nil),
    ("12%", "a finite number is needed", nil), ("$5", "a finite number is needed", nil),
  ])
  func refused(_ text: String, _ reason: String, _ remedy: String?) {
    do {
      _ = try NumberText(text)
      Issue.record("\(text) was read")
    } catch {
      #expect(error.reason.description.hasPrefix(reason), "\(error.reason)")
      #expect(error.remedy?.description == remedy)
    }
  }

  /// Each number is one value, however it was written, and whole ones below 2⁶⁴ are exact.
  @Test func wholeNumbersAreExact() throws {
    for seed in [0, 1, 1 << 53, (1 << 53) + 1, 1 << 63, UInt64.max - 1, .max] as [UInt64] {
      let value = try NumberText("\(seed)").value
      #expect(value.unsigned == seed && "\(value)" == (seed < 1 << 53 ? "\(Double(seed))" : "\(seed)"))
      #expect(Setting.seed.complaint(value) == nil && Setting.seed.text(value) == "\(seed)")
    }
    #expect(try NumberText("9007199254740993").value != NumberText("9007199254740992").value)
    #expect(try NumberText("1e17").value == NumberText("100000000000000000").value)
    #expect(try NumberText("18446744073709551616").value.unsigned == nil)
    let ascending: [SettingValue] = [
      -1.0, 0, 0.5, 0x1p53, SettingValue((1 << 53) + 1), SettingValue(UInt64.max), 0x1p64, 1e300,
    ]
    #expect(ascending.shuffled().sorted() == ascending)
  }
}
