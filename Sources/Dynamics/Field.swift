/// A setting of an experiment, named as the library knows it: by its path, such as `motion.lambda`.
///
/// A front end turns it into its own word: an option, a key of a study file with its place there, a keyword, a field of a
/// form. A library never spells any of them.
public struct Field: RawRepresentable, Hashable, Sendable, Codable {
  /// The path: the part of the experiment, a dot, the setting.
  public let rawValue: String

  /// The field of a path.
  public init(rawValue: String) { self.rawValue = rawValue }

  private init(_ path: String) { rawValue = path }

  /// The setting without the part that it belongs to: the key of study files.
  public var name: String { String(rawValue.split(separator: ".").last ?? "") }
}

extension Field {
  /// Which of the commands it is.
  public static let command = Field("command")
  // The data.
  public static let data = Field("problem.data")
  public static let target = Field("problem.target")
  public static let standardize = Field("problem.standardize")
  public static let design = Field("problem.design")
  public static let response = Field("problem.response")
  public static let truth = Field("problem.truth")
  public static let samples = Field("problem.samples")
  public static let features = Field("problem.features")
  public static let nonzeros = Field("problem.nonzeros")
  public static let gaussian = Field("problem.gaussian")
  public static let mean = Field("problem.mean")
  public static let seed = Field("problem.seed")
  public static let preset = Field("problem.preset")
  public static let holdout = Field("problem.holdout")
  public static let arrays = Field("problem.arrays")
  // How files of text are read.
  public static let index = Field("problem.index")
  public static let drop = Field("problem.drop")
  public static let delimiter = Field("problem.delimiter")
  public static let decimal = Field("problem.decimal")
  public static let missing = Field("problem.missing")
  public static let header = Field("problem.header")
  // The start.
  public static let alpha = Field("initialisation.alpha")
  public static let u = Field("initialisation.u0")
  public static let v = Field("initialisation.v0")
  public static let uRate = Field("initialisation.u0_rate")
  public static let vRate = Field("initialisation.v0_rate")
  public static let weights = Field("initialisation.w0")
  public static let rates = Field("initialisation.w0_rate")
  // The network.
  public static let network = Field("network.network")
  public static let depth = Field("network.depth")
  public static let loss = Field("network.loss")
  // The motion.
  public static let flow = Field("motion.flow")
  public static let method = Field("motion.method")
  public static let lambda = Field("motion.lambda")
  public static let gamma = Field("motion.gamma")
  public static let beta = Field("motion.beta")
  public static let step = Field("motion.step")
  public static let steps = Field("motion.steps")
  public static let batch = Field("motion.batch")
  public static let replacement = Field("motion.replacement")
  public static let order = Field("motion.order")
  public static let paths = Field("motion.paths")
  // The numerics.
  public static let stepper = Field("numerics.stepper")
  public static let relativeTolerance = Field("numerics.rtol")
  public static let absoluteTolerance = Field("numerics.atol")
  // The goal.
  public static let until = Field("goal.until")
  public static let residual = Field("goal.residual")
  public static let iterations = Field("goal.iterations")
  public static let maximumTime = Field("goal.max_time")
  public static let maximumIterations = Field("goal.max_iterations")
  public static let route = Field("goal.route")
  public static let deltaTolerance = Field("goal.delta_tolerance")
  public static let residualTolerance = Field("goal.residual_tolerance")
  public static let tail = Field("goal.tail")
  public static let sensitivity = Field("goal.sensitivity")
  public static let identity = Field("goal.identity")
  public static let tolerance = Field("goal.tolerance")
  public static let optimal = Field("goal.optimal")
  public static let gapWork = Field("goal.gap_work")
  public static let maximumWork = Field("goal.max_work")
  public static let maximumSeconds = Field("goal.max_seconds")
  // The recording.
  public static let recordedSamples = Field("recording.samples")
  public static let recordedTimes = Field("recording.at")
  public static let logSamples = Field("recording.log_samples")
  public static let logFrom = Field("recording.log_from")
  public static let everyState = Field("recording.every")
  // A study and its store.
  public static let seeds = Field("study.seeds")
  public static let filter = Field("study.filter")
  public static let shard = Field("study.shard")
  public static let set = Field("study.set")
}
