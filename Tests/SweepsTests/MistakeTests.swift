import Dynamics
import Sweeps
import Testing

/// Every mistake in a study is told with file, line and column, in the words of study files.
@Suite struct MistakeTests {
  enum Base: Sendable {
    case hb, mgf, lam

    var text: String {
      switch self {
      case .hb:
        """
        name: s
        problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, seed: 1}}
        initialisation: {alpha: 0.1}
        method: heavy-ball
        axes:
          gamma: [1e-3, 1e-2]
          beta: [0, 0.9]
        stop: {iterations: 50}

        """
      case .mgf:
        """
        name: s
        problem:
          gaussian: {samples: 6, features: 4, nonzeros: 2}
        method: mgf
        stepper: auto
        fixed:
          rtol: 1e-8
        axes:
          lambda: [0.1, 1]
        stop: {until: 5}

        """
      case .lam:
        """
        problem: {gaussian: {samples: 6, features: 10, nonzeros: 2}}
        method: nesterov
        fixed: {lambda: 0.5, step: 0.1}
        axes: {seed: [1, 2]}
        stop: {until: 5}

        """
      }
    }
  }

  /// A study, what of it is replaced by what, and how the message begins.
  static let table: [(base: Base, part: String, replacement: String, message: String)] = [
    (
      .mgf, "stepper: auto", "stepper: rk4",
      "study:5:10: stepper: rk4: there is no stepper of that name"
    ),
    (
      .mgf, "nonzeros: 2", "nonzeros: 7",
      "study:3:49: problem.gaussian.nonzeros: 7: 7 non-zero coefficients do not fit into 4 features; it must lie between 0 and 4"
    ),
    (
      .mgf, "rtol: 1e-8", "rtol: 1e-17",
      "study:7:9: fixed.rtol: 1e-17: doubles resolve about 1e-16; choose 1e-15 or more"
    ),
    (
      .mgf, "rtol: 1e-8", "rtol: 2",
      "study:7:9: fixed.rtol: 2 cannot be used: it must be between 0 and 1"
    ),
    (
      .mgf, "lambda: [0.1, 1]", "lambda: [0.1, -1, 2]",
      "study:9:17: axes.lambda: -1 cannot be used: it must be positive, or 0 for the flow"
    ),
    (
      .mgf, "lambda: [0.1, 1]", "beta: [0.1, 1]",
      "study:9:15: axes.beta: 1 cannot be used: it must be at least 0 and less than 1"
    ),
    (
      .mgf, "axes:\n  lambda: [0.1, 1]\n", "",
      "study:4:9: method: mgf: lambda is missing"
    ),
    (
      .mgf, "until: 5", "iterations: 5",
      "study:10:20: stop.iterations: a flow has none; choose until"
    ),
    (
      .mgf, "until: 5", "until: 5, residual: 1e-3",
      "study:10:7: stop: exactly one end is needed, and several given; give one of delta_tolerance, lambda_tolerance, iterations, until and residual"
    ),
    (
      .mgf, "{until: 5}", "{max_time: 5}",
      "study:10:7: stop: exactly one end is needed, and none given; give one of delta_tolerance, lambda_tolerance, iterations, until and residual"
    ),
    (
      .mgf, "stop: {until: 5}\n", "",
      "study:1:1: the study: the key stop is missing"
    ),
    (
      .mgf, "method: mgf\n", "",
      "study:1:1: the study: the key method is missing"
    ),
    (
      .mgf, "method: mgf", "method: heavyball",
      "study:4:9: method: \"heavyball\" is none"
    ),
    (
      .mgf, "method: mgf", "method: gf",
      "study:9:12: axes.lambda: nothing uses it with this problem, method and stop; leave it out"
    ),
    (
      .mgf, "features: 4", "features: 0",
      "study:3:36: problem.gaussian.features: 0 cannot be used: it must be a whole number of at least 1"
    ),
    (
      .mgf, "samples: 6, ", "",
      "study:3:13: problem.gaussian: samples is missing"
    ),
    (
      .mgf, "samples: 6", "samples: 6.5",
      "study:3:23: problem.gaussian.samples: 6.5 cannot be used: it must be a whole number of at least 1"
    ),
    (
      .mgf, "samples: 6", "samples: six",
      "study:3:23: problem.gaussian.samples: a finite number is needed, such as 0.5 or 1e-3, not \"six\""
    ),
    (
      .mgf, "samples: 6", "samples: 0010",
      "study:3:23: problem.gaussian.samples: YAML 1.1 reads 0010 as octal, that is 8, YAML 1.2 as 10; write 10"
    ),
    (
      .mgf, "samples: 6", "samples: [6]",
      "study:3:23: problem.gaussian.samples: a finite number is needed, such as 0.5 or 1e-3, not a list or mapping"
    ),
    (
      .mgf, "gaussian: {samples: 6, features: 4, nonzeros: 2}", "gaussian: 6,4,2",
      "study:3:13: problem.gaussian: a mapping is needed; with keys among samples, features, nonzeros, mean, seed"
    ),
    (
      .mgf, "  gaussian: {samples: 6, features: 4, nonzeros: 2}\n", "  seed: 3\n",
      "study:3:3: problem: no data are named; give one of gaussian, data, design and preset"
    ),
    (
      .mgf, "  gaussian: {samples: 6, features: 4, nonzeros: 2}\n", "  data: no.csv\n",
      "study:3:3: problem: target is missing"
    ),
    (
      .mgf, "  gaussian: {samples: 6, features: 4, nonzeros: 2}\n", "  preset: nobody-1900\n",
      "study:3:11: problem.preset: nobody-1900: there is no preset of that name"
    ),
    (
      .mgf, "  gaussian: {samples: 6, features: 4, nonzeros: 2}\n", "  design: X.csv\n",
      "study:3:3: problem: response is missing"
    ),
    (
      .mgf, "nonzeros: 2}", "nonzeros: 2}\n  standardize: true",
      "study:4:16: problem.standardize: it goes with data"
    ),
    (
      .mgf, "nonzeros: 2}", "nonzeros: 2}\n  preset: lyu-2025",
      "study:3:3: problem: several sources of data are named; give one of gaussian, data, design and preset"
    ),
    (
      .mgf, "nonzeros: 2}", "nonzeros: 2}\n  holdout: 0.99",
      "study:4:12: problem.holdout: 0.99: it leaves no row of 6 for training; hold out less"
    ),
    (
      .mgf, "nonzeros: 2}", "nonzeros: 2}\n  holdout: 1",
      "study:4:12: problem.holdout: 1 cannot be used: it must be at least 0 and less than 1"
    ),
    (
      .mgf, "method: mgf", "initialisation: {alpha: 1e-200}\nmethod: mgf",
      "study:4:25: initialisation.alpha: 1e-200: the scale must be positive and at least 1e-150, or Δ₀ = 2α² underflows; choose a scale such as 0.1"
    ),
    (
      .mgf, "method: mgf", "initialisation: {alpha: 0.1, u0: u.csv}\nmethod: mgf",
      "study:4:17: initialisation: give alpha, or u0 and v0"
    ),
    (
      .mgf, "method: mgf", "initialisation: {alfa: 0.1}\nmethod: mgf",
      "study:4:18: initialisation: the key alfa is unknown here"
    ),
    (
      .mgf, "method: mgf", "record: {samples: 1}\nmethod: mgf",
      "study:4:19: record.samples: it must be a whole number between 2 and 1,000,000"
    ),
    (
      .mgf, "method: mgf", "record: {}\nmethod: mgf",
      "study:4:9: record: samples is missing"
    ),
    (
      .mgf, "rtol: 1e-8", "lambda: 3",
      "study:7:11: fixed.lambda: it is an axis, too; leave one of them out"
    ),
    (
      .mgf, "rtol: 1e-8", "batch: 3",
      "study:7:10: fixed.batch: nothing uses it with this problem, method and stop; leave it out"
    ),
    (
      .mgf, "rtol: 1e-8", "replacement: yes",
      "study:7:16: fixed.replacement: YAML 1.1 reads yes as a truth value, YAML 1.2 as text; write true"
    ),
    (
      .mgf, "rtol: 1e-8", "depth: 17",
      "study:7:10: fixed.depth: 17 cannot be used: it must be a whole number between 1 and 16"
    ),
    (
      .mgf, "until: 5", "until: .inf",
      "study:10:15: stop.until: a finite number is needed, such as 0.5 or 1e-3, not \".inf\""
    ),
    (
      .mgf, "lambda: [0.1, 1]", "lambda_ratio: [0.1, 1]",
      "study:9:18: axes.lambda_ratio: it needs stop.delta_tolerance"
    ),
    (
      .mgf, "lambda: [0.1, 1]", "features: [4, 1, 9]",
      "study:4:9: method: mgf: lambda is missing"
    ),
    (
      .hb, "gamma: [1e-3, 1e-2]", "gamma: [1e-3, 1_000]",
      "study:6:17: axes.gamma: YAML 1.1 reads 1_000 as a number, YAML 1.2 as text; write 1000"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: [0, 0.9, 1]",
      "study:7:18: axes.beta: 1 cannot be used: it must be at least 0 and less than 1"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: [0, 0.9, 0.90]",
      "study:7:18: axes.beta: the value 0.9 occurs twice; every run of a study must be different"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: {linear: [0, 1, 3]}",
      "study:7:22: axes.beta: 1 cannot be used: it must be at least 0 and less than 1"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: {linear: [0, 0.5, 2.5]}",
      "study:7:27: axes.beta: the number of values must be whole, from 1 to 10,000,000"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: {geometric: [0, 0.5, 2]}",
      "study:7:10: axes.beta: the key geometric is unknown here"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: {log: [0, 0.5, 2]}",
      "study:7:9: axes.beta: a logarithmic range needs positive ends"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: []",
      "study:7:9: axes.beta: it has no values"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: 0.9",
      "study:7:9: axes.beta: a list of values is needed, or a range: {linear: [from, to, count]}, or log or complement (even in ln(1 − x)) in its place"
    ),
    (
      .hb, "  beta: [0, 0.9]\n", "",
      "study:4:9: method: heavy-ball: it needs gamma and beta, lambda and step, or lambda and beta; given: gamma"
    ),
    (
      .hb, "stop:", "zip: [[gamma, alpha]]\nstop:",
      "study:8:15: zip: alpha is no axis, or is zipped already"
    ),
    (
      .hb, "beta: [0, 0.9]\n", "beta: [0, 0.9, 0.5]\nzip: [[gamma, beta]]\n",
      "study:8:7: zip: zipped axes must have equally many values"
    ),
    (
      .hb, "stop:", "zip: gamma\nstop:",
      "study:8:6: zip: zip is a list of lists of axes, such as [[gamma, beta]]"
    ),
    (
      .hb, "stop:", "fixed: {gamma: 1}\nstop:",
      "study:8:16: fixed.gamma: it is an axis, too; leave one of them out"
    ),
    (
      .hb, "stop:", "fixed: {rtol: 1e-9}\nstop:",
      "study:8:15: fixed.rtol: nothing uses it with this problem, method and stop; leave it out"
    ),
    (
      .hb, "stop:", "fixed: {batch: 9}\nstop:",
      "study:8:16: fixed.batch: 9: a batch must have between 1 and 6 samples (all training rows)"
    ),
    (
      .hb, "stop:", "fixed: {replacement: true}\nstop:",
      "study:8:22: fixed.replacement: there are no minibatches; give batch"
    ),
    (
      .hb, "stop:", "stepper: taylor\nstop:",
      "study:8:10: stepper: a discrete method has none; leave it out"
    ),
    (
      .hb, "iterations: 50", "iterations: 50, max_iterations: 9",
      "study:8:40: stop.max_iterations: nothing uses it with this problem, method and stop; leave it out"
    ),
    (
      .hb, "seed: 1", "seed: -1",
      "study:2:67: problem.gaussian.seed: -1 cannot be used: it must be a whole number from 0 to 2⁶⁴ − 1"
    ),
    (
      .hb, "seed: 1", "seed: 18446744073709551616",
      "study:2:67: problem.gaussian.seed: 18446744073709551616 cannot be used: it must be a whole number from 0 to 2⁶⁴ − 1"
    ),
    (
      .hb, "seed: 1", "seed: 1.8e19",
      "study:2:67: problem.gaussian.seed: 1.8e19 cannot be used: a seed from 2⁵³ on must be written with all its digits"
    ),
    (
      .hb, "name: s", "name: [s]",
      "study:1:7: name: a text is needed"
    ),
    (
      .hb, "name: s", "title: s",
      "study:1:1: the study: the key title is unknown here"
    ),
    (
      .hb, "beta: [0", "beta: [0]\n  beta: [0",
      "study:7:3: the key beta occurs twice"
    ),
    (
      .hb, "beta: [0, 0.9]", "beta: [0, 0.9",
      "study:8:5: it is not YAML: did not find expected ',' or ']'"
    ),
    (
      .hb, "alpha: 0.1", "alpha: &a 0.1",
      "study:3:25: &a: an anchor has no place in a study file; leave it out, or put a text that begins with & in quotes"
    ),
    (
      .hb, "alpha: 0.1", "alpha: !!float 0.1",
      "study:3:25: !!float: a tag has no place in a study file; leave it out, or put a text that begins with ! in quotes"
    ),
    (
      .hb, "beta: [0, 0.9]", "batch: [2, 9, 3]\nfixed: {beta: 0.5}",
      "study:7:14: axes.batch: 9: a batch must have between 1 and 6 samples (all training rows)"
    ),
    (
      .lam, "step: 0.1", "step: 0.7",
      "study:3:28: fixed.step: 0.7: it is above λ = 0.5, where β = 1 − ε/λ would be negative; choose ε ≤ λ"
    ),
    (
      .lam, "lambda: 0.5", "lambda: 0",
      "study:3:17: fixed.lambda: 0: λ = 0 is gradient flow, for method mgf; choose λ > 0"
    ),
    (
      .lam, "seed: [1, 2]", "step: [0.1, 0.9, 0.2]",
      "study:3:28: fixed.step: it is an axis, too; leave one of them out"
    ),
    (
      .lam, "axes: {seed: [1, 2]}", "axes: {lambda: [0.05, 1]}",
      "study:3:17: fixed.lambda: it is an axis, too; leave one of them out"
    ),
    (
      .lam, "until: 5", "lambda_tolerance: 0.01",
      "study:3:17: fixed.lambda: nothing uses it with this problem, method and stop; leave it out"
    ),
    (
      .lam, "step: 0.1", "step: 0.1, order: 13",
      "study:3:40: fixed.order: 13 cannot be used: it must be a whole number between 1 and 12"
    ),
    (
      .lam, "step: 0.1", "step: 0.1, order: 2.5",
      "study:3:40: fixed.order: 2.5 cannot be used: it must be a whole number between 1 and 12"
    ),
    (
      .lam, "fixed: {lambda: 0.5, step: 0.1}", "fixed: {lambda_ratio: 0.5, step: 0.1}",
      "study:3:23: fixed.lambda_ratio: it needs stop.delta_tolerance"
    ),
    (
      .lam, "fixed: {lambda: 0.5, step: 0.1}\naxes: {seed: [1, 2]}\nstop: {until: 5}",
      "fixed: {lambda_from: 5, lambda_to: 0.1, step: 0.1}\naxes: {seed: [1, 2]}\nstop: {lambda_tolerance: 0.01}",
      "study:3:22: fixed.lambda_from: the range from 5.0 to 0.1 has nothing in it; choose lambda_from below lambda_to"
    ),
  ]

  @Test(arguments: table.indices)
  func places(_ row: Int) throws {
    let (base, part, replacement, message) = Self.table[row]
    let text = base.text.replacing(part, with: replacement, maxReplacements: 1)
    #expect(text != base.text)
    do {
      _ = try Study(yaml: text)
      Issue.record("\(replacement) was accepted")
    } catch {
      let found = error.text(Wording { field, value in "--\(field.name)" + (value.map { " \($0)" } ?? "") })
      #expect(found.hasPrefix(message), "\(found)")
      #expect(!found.contains("--") && !found.contains("mgf solve"), "\(found)")
    }
  }
}
