import Foundation
import RandomStreams

/// Command lines: the tool's promises to scripts, whatever it is given. One argument a line.
package struct OptionTarget: FuzzTarget {
  package static let name = "options"
  package static let fileName = "arguments.txt"
  /// A run that lasts is interrupted after a while, and must then end.
  package static let limit = 40.0

  private let tool: String?

  package init(tool: String?) { self.tool = tool }

  package func input(_ random: inout RandomStream) -> [UInt8] {
    var words = random.choice(Self.lines).split(separator: " ").map(String.init)
    for _ in 0..<random.integer(0...3) {
      let k = random.integer(below: words.count + 1)
      switch random.integer(below: 8) {
      case 0 where k < words.count: words.remove(at: k)
      case 1 where k < words.count: words.insert(words[k], at: random.integer(below: words.count))
      case 2:
        words.insert(contentsOf: random.choice(Self.lines).split(separator: " ").suffix(2).map(String.init), at: k)
      case 3: words.insert(random.choice(Self.options), at: k)
      case 4: words.insert(random.numeral(), at: k)
      case 5 where k < words.count:
        words[k] = String(decoding: random.mutate(Array(words[k].utf8), times: 1), as: UTF8.self)
      default:
        // Another value behind an option.
        let places = words.indices.dropFirst().filter { words[$0 - 1].hasPrefix("--") }
        if !places.isEmpty {
          words[random.choice(Array(places))] = random.once(in: 2) ? random.numeral() : random.choice(Self.values)
        }
      }
      if words.isEmpty { words = ["solve"] }
    }
    return Array(words.joined(separator: "\n").utf8)
  }

  private static let lines = [
    "solve --gaussian 6,10,2 --lambda 1 --until 2",
    "solve --gaussian 6,10,2 --flow gf --until 2 --samples 5 --output a.csv --force",
    "solve --gaussian 6,10,2 --lambda 0.5 --until-residual 1e-3 --stepper radau --rtol 1e-8",
    "solve --gaussian 5,8,2 --network layers --depth 3 --lambda 1 --until 2",
    "solve --gaussian 5,8,2 --loss logistic --flow gf --until 100 --log-samples 5",
    "solve --gaussian 5,8,2 --flow corrected3 --lambda 1 --step 0.1 --until 2",
    "descend --gaussian 6,10,2 --gamma 0.01 --beta 0.9 --iterations 20",
    "descend --gaussian 6,10,2 --lambda 1 --step 0.1 --iterations 20 --batch 2 --seed 7",
    "descend --gaussian 6,10,2 --gamma 0.01 --beta 0.5 --method nesterov --until-residual 1e-2",
    "compare --gaussian 5,8,2 --lambda 0.5 --steps 0.04,0.02 --until 2",
    "compare --gaussian 5,8,2 --lambda 0.5 --steps 0.1,0.05 --until 1 --order 3",
    "limit --gaussian 5,8,2 --lambda 1", "limit --gaussian 5,8,2 --gamma 0.01 --beta 0.9",
    "limit --gaussian 5,8,2 --flow gf --alpha 1e-12", "limit --gaussian 5,8,2 --lambda 1 --sensitivity",
    "certify --gaussian 5,8,2 --lambda 1", "thresholds --gaussian 5,8,2", "presets",
    "sweep s.yaml --output s.sqlite --quiet", "sweep s.yaml --output s.sqlite --dry-run", "sweep status s.sqlite",
    "sweep export s.sqlite s.nc --force", "sweep merge m.sqlite s.sqlite --force",
    "sweep s.yaml --output s2.sqlite --shard 1/2",
    "sweep s.yaml --output s3.sqlite --set gamma=0.1 --filter beta<0.5",
    "solve --data t.csv --target y --lambda 1 --until 1",
    "solve --data t.csv --target y --standardize --holdout 0.3 --lambda 1 --until 1", "help solve",
    "solve --preset even-2023-centred --mean 1 --lambda 0.1 --until 0.1",
  ]

  private static let options = [
    "--json", "--quiet", "--help", "--version", "--force", "--output", "--seed", "--alpha", "--mean", "--holdout",
    "--at", "--",
    "-x", "--standardize", "--replacement", "--lambda=", "--until=1", "--workers", "--stepper=rk8pd", "--atol=0",
    "--verbose", "—json",
  ]

  private static let values = [
    "1", "0", "-1", "1e-3", "1e300", "nan", "1,2", "6,10,2", "0,0,0", "1,1,1", "2,1,1", "9999999999,9999999999,1",
    "3,4,5", "a.nc",
    "/nowhere/a.nc", "t.csv", "s.yaml", "s.sqlite", "", ".", "é", "taylor", "radau", "bsimp", "msbdf", "power",
    "exponential", "x=y",
    "seed=", "gamma=log:1,2,3", "--json", "2/1", "1/0", "18446744073709551615", "0.999999999", "1e-150", "1e-320",
  ]

  package func judge(_ input: [UInt8], in folder: String) throws -> Bool {
    guard let tool else { throw Finding("there is no mgf beside mgf-fuzz") }
    let words = String(decoding: input, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    // Names that begin with a slash would leave the folder.
    let arguments = words.map { $0.hasPrefix("/") && !$0.hasPrefix("/nowhere") ? "." + $0 : $0 }
    guard !arguments.contains(where: { $0.contains("\0") }) else { return false }
    let place = folder + "/cli"
    try? FileManager.default.removeItem(atPath: place)
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data("y,a,b,c,d\n1,2,3,0,1\n2,1,-1,4,0\n0.5,1,1,2,2\n1.5,-1,0,0,3\n".utf8).write(
      to: URL(filePath: place + "/t.csv"))
    try Data(Self.study.utf8).write(to: URL(filePath: place + "/s.yaml"))
    try Data(try fuzzSeed("six-runs.sqlite")).write(to: URL(filePath: place + "/s.sqlite"))
    return try Contract.hold(tool, arguments, in: place)
  }

  private static let study = """
    problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}
    method: heavy-ball
    axes: {gamma: [0.1, 0.05], beta: [0, 0.5, 0.9]}
    stop: {iterations: 10}
    """
}
