"use strict";
/// From settings to experiments, which are what is asked and cited, and back.
const Experiments = (() => {
  let given = null;

  function problem(s) {
    if (s.data !== "gaussian") {
      let own = null;
      try {
        own = s.data === "given" ? structuredClone(given?.problem) : JSON.parse(s.data);
      } catch {
        // An address that somebody has mended by hand.
      }
      own ??= { data: s.data };
      delete own.holdout;
      return { ...own, seed: s.seed, ...(s.holdout === 0 ? {} : { holdout: s.holdout }) };
    }
    const found = { gaussian: { samples: s.n, features: s.d, nonzeros: s.nonzeros, mean: s.mean }, seed: s.seed };
    if (s.holdout !== 0) found.holdout = s.holdout;
    return found;
  }

  function base(command, s) {
    const found = { command, problem: problem(s) };
    if (s.alpha !== "file") found.initialisation = { alpha: s.alpha };
    const start = s.data === "given" && given?.initialisation;
    if (start && ["u0", "v0", "w0"].some((key) => key in start)) found.initialisation = structuredClone(start);
    const network = {};
    if (s.network !== "diagonal") Object.assign(network, { network: s.network, depth: s.depth });
    if (s.loss !== "square") network.loss = s.loss;
    if (Object.keys(network).length) found.network = network;
    return found;
  }

  const flowMotion = (s) => (s.flow === "gf" ? { flow: "gf" } : { flow: "mgf", lambda: s.lambda });
  /// Without momentum the iterates are those of gradient descent.
  const stepMotion = (s) =>
    s.flow === "gf" ? { gamma: s.step, beta: 0, method: s.method } : { lambda: s.lambda, step: s.step, method: s.method };

  const hasLimit = (s) => s.loss === "square" && (s.network === "diagonal" || s.depth === 2);
  const noLimit = "Limits are known of the diagonal network with the square loss, and of layers and powers of depth 2.";

  const isPlain = (s) => s.network === "diagonal" && s.loss === "square";
  const noThresholds = "λ_cert, λ_c and λ* are known of the diagonal network with the square loss.";

  /// How many times of a flow are recorded.
  const times = 241;

  // What takes longest is asked for first: it computes beside all others.
  const kinds = {
    limit(s) {
      if (!hasLimit(s)) return { why: noLimit };
      // Half the time of the 1e-10 that the command asks of itself, and more digits than a picture shows.
      return { ...base("limit", s), motion: flowMotion(s), goal: { delta_tolerance: 1e-8 } };
    },
    flow(s, look) {
      const recording = look.time === "log" ? { log_samples: times, log_from: s.until / 1000 } : { samples: times };
      return { ...base("solve", s), motion: flowMotion(s), goal: { until: s.until }, recording };
    },
    descent(s, look) {
      if (s.method === "none") return { why: "No discrete method is chosen." };
      const iterations = Math.max(1, Math.round(s.until / s.step));
      const recording = look.time === "log" && iterations > 2 * times ? { log_samples: times } : { samples: Math.min(iterations + 1, times) };
      return { ...base("descend", s), motion: stepMotion(s), goal: { iterations }, recording };
    },
    limitOfIterates(s) {
      if (!hasLimit(s)) return { why: noLimit };
      if (s.method === "none") return { why: "No discrete method is chosen." };
      return { ...base("limit", s), motion: stepMotion(s), goal: { delta_tolerance: 1e-6 } };
    },
    order(s) {
      if (s.method === "none") return { why: "No discrete method is chosen." };
      if (s.flow === "gf") return { why: "Momentum gradient flow is what iterates are compared with; gradient flow is chosen." };
      const steps = [1, 2, 4, 8].map((k) => Format.rounded(s.step / k, 12));
      return {
        ...base("compare", s), motion: { lambda: s.lambda, steps, method: s.method }, goal: { until: Math.min(s.until, 20), gap_work: 1 },
      };
    },
    thresholds(s) {
      if (!isPlain(s)) return { why: noThresholds };
      return { ...base("thresholds", s), goal: { tolerance: 1e-4 } };
    },
    optimal(s) {
      if (!isPlain(s)) return { why: noThresholds };
      return { ...base("thresholds", s), goal: { tolerance: 1e-3, optimal: [1e-3, 100] } };
    },
    curve(s) {
      if (!hasLimit(s)) return { why: noLimit };
      return coarseToFine(curve.count).map((k) => ({
        ...base("limit", s), motion: { flow: "mgf", lambda: curve.lambda[k] }, goal: { delta_tolerance: 1e-6 },
      }));
    },
    map(s) {
      if (!hasLimit(s)) return { why: noLimit };
      if (s.method === "none") return { why: "No discrete method is chosen." };
      return map.order.map(([i, j]) => ({
        ...base("limit", s), motion: { gamma: map.gamma[i], beta: map.beta[j], method: s.method }, goal: { delta_tolerance: 1e-4 },
      }));
    },
  };

  /// 0, the last, the one between, … : every part of the list is seen early.
  function coarseToFine(count) {
    const found = [];
    const seen = new Set();
    for (let stride = 2 ** Math.ceil(Math.log2(count)); stride >= 1; stride /= 2)
      for (let k = 0; k < count; k += stride) if (!seen.has(k)) seen.add(k), found.push(k);
    return found;
  }

  const curve = { count: 41 };
  curve.lambda = Array.from({ length: curve.count }, (_, k) => Format.rounded(10 ** (-3 + (5 * k) / (curve.count - 1)), 6));
  curve.order = coarseToFine(curve.count);

  /// γ over four decades, 1 − β over two.
  const map = { columns: 24, rows: 20 };
  map.gamma = Array.from({ length: map.columns }, (_, i) => Format.rounded(10 ** (-3 + (3 * i) / (map.columns - 1)), 3));
  map.rest = Array.from({ length: map.rows }, (_, j) => 10 ** (-2 + (2 * j) / (map.rows - 1)));
  map.beta = map.rest.map((rest) => Format.rounded(1 - Format.rounded(rest, 3), 8));
  map.order = [];
  map.stride = [];
  {
    const seen = new Set();
    for (const stride of [8, 4, 2, 1])
      for (let j = 0; j < map.rows; j += stride)
        for (let i = 0; i < map.columns; i += stride)
          if (!seen.has(i + j * map.columns)) {
            seen.add(i + j * map.columns);
            map.order.push([i, j]);
            map.stride.push(stride);
          }
  }

  /// Data without what the page has settings for.
  const bare = ({ seed, holdout, ...rest }) => JSON.stringify(rest);

  /// The settings of an experiment; what the page has no setting for stays in its problem.
  function settings(document) {
    const found = {};
    const { problem = {}, motion = {}, goal = {}, network = {}, initialisation = {} } = document;
    if (problem.gaussian) {
      const g = problem.gaussian;
      Object.assign(found, { data: "gaussian", n: g.samples, d: g.features, nonzeros: g.nonzeros });
      found.mean = g.mean ?? problem.mean ?? 0;
    } else if (problem.preset && State.presets[problem.preset]) Object.assign(found, { data: "gaussian" }, State.presets[problem.preset]);
    else if (given && bare(given.problem) === bare(problem)) found.data = "given";
    else found.data = bare(problem);
    if (problem.mean !== undefined && problem.preset) found.mean = problem.mean;
    if (problem.seed !== undefined) found.seed = problem.seed;
    found.holdout = problem.holdout ?? 0;
    if (initialisation.alpha !== undefined) found.alpha = initialisation.alpha;
    if (motion.flow === "gf") found.flow = "gf";
    else if (motion.lambda !== undefined || motion.gamma !== undefined) found.flow = "mgf";
    if (motion.method) found.method = motion.method;
    if (motion.lambda !== undefined) found.lambda = motion.lambda;
    if (motion.step !== undefined) found.step = motion.step;
    else if (motion.steps?.length) found.step = Math.max(...motion.steps);
    if (motion.gamma !== undefined && motion.beta !== undefined) Object.assign(found, fromGamma(motion.gamma, motion.beta));
    if (found.lambda !== undefined && found.step === undefined) found.step = Math.min(State.settings.step.start, found.lambda);
    if (goal.until !== undefined) found.until = goal.until;
    else if (goal.iterations !== undefined && found.step) found.until = Format.rounded(goal.iterations * found.step, 6);
    found.network = network.network ?? "diagonal";
    if (network.depth !== undefined) found.depth = network.depth;
    found.loss = network.loss ?? "square";
    for (const key of Object.keys(found)) if (found[key] === undefined || found[key] === null) delete found[key];
    return found;
  }

  const fromGamma = (gamma, beta) => ({
    lambda: Format.rounded(gamma / (1 - beta) ** 2, 12), step: Format.rounded(gamma / (1 - beta), 12),
  });
  const toGamma = ({ lambda, step, flow }) =>
    flow === "gf"
      ? { gamma: step, beta: 0 }
      : { gamma: Format.rounded((step * step) / lambda, 12), beta: Number((1 - step / lambda).toFixed(10)) };

  return {
    of: (kind, s, look) => kinds[kind](s, look), kinds: Object.keys(kinds), settings, fromGamma, toGamma, curve, map, hasLimit,
    problem, setGiven: (document) => { given = document; }, get given() { return given; },
  };
})();
