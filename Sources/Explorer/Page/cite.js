"use strict";

/// What makes the same numbers elsewhere: the `mgf` line, the lines of Python, the experiment and the study file of what is on the
/// screen. Nothing here needs a browser.
const Cite = (() => {
  // Numbers and words

  /// The shortest decimal that reads back as the same double; whole numbers of any size, BigInt too.
  const number = (value) => {
    if (typeof value === "bigint") return value.toString();
    if (Object.is(value, -0)) return "-0.0";
    const plain = String(value).replace("e+", "e");
    const short = value.toExponential().replace("e+", "e");
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-2 || size >= 1e5) && short.length < plain.length ? short : plain;
  };

  /// A whole number in digits, as Python wants counts.
  const whole = (value) => (Number.isInteger(value) ? BigInt(value).toString() : number(value));

  const isNumber = (value) => typeof value === "number" || typeof value === "bigint";

  /// A word of a shell line, in quotes where it needs them.
  const shell = (text) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

  /// JSON that keeps whole numbers beyond 2⁵³, such as seeds, as they are written.
  const parse = (text) =>
    JSON.parse(text, (_, value, context) =>
      typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
        ? BigInt(context.source)
        : value,
    );

  /// A value as JSON.
  const json = (value, indent = null, depth = 0) => {
    if (isNumber(value)) return typeof value === "bigint" ? value.toString() : number(value);
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const isList = Array.isArray(value);
    const items = isList
      ? value.map((item) => json(item, indent, depth + 1))
      : Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => `${JSON.stringify(key)}: ${json(item, indent, depth + 1)}`);
    const [open, close] = isList ? ["[", "]"] : ["{", "}"];
    if (indent === null || items.length === 0 || (isList && value.every((item) => typeof item !== "object"))) {
      return open + items.join(", ") + close;
    }
    const margin = "\n" + indent.repeat(depth);
    return open + margin + indent + items.join("," + margin + indent) + margin + close;
  };

  const yamlKey = (key) => (/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key));

  /// A value as YAML on one line.
  const yaml = (value) => {
    if (Array.isArray(value)) return `[${value.map(yaml).join(", ")}]`;
    if (value !== null && typeof value === "object") {
      return `{${Object.entries(value).map(([key, item]) => `${yamlKey(key)}: ${yaml(item)}`).join(", ")}}`;
    }
    const isPlain = typeof value === "string" && /^[A-Za-z][A-Za-z0-9_./-]*$/.test(value);
    return isPlain && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value) ? value : json(value);
  };

  const yamlFile = (object) => Object.entries(object).map(([key, value]) => `${yamlKey(key)}: ${yaml(value)}\n`).join("");

  /// A value as Python writes it.
  const python = (value) => {
    if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
    if (value !== null && typeof value === "object") {
      return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${python(item)}`).join(", ")}}`;
    }
    if (value === true) return "True";
    if (value === false) return "False";
    if (value === null || value === undefined) return "None";
    return isNumber(value) ? number(value) : JSON.stringify(value);
  };

  // Experiments

  const at = (experiment, path) => path.split(".").reduce((part, key) => part?.[key], experiment);
  const has = (experiment, path) => at(experiment, path) !== undefined;

  /// Paths with values; a part is looked into, a list is a value.
  const leaves = (part, prefix = "") =>
    Object.entries(part).flatMap(([key, value]) => {
      if (value === undefined || value === null) return [];
      const isPart = typeof value === "object" && !Array.isArray(value);
      return isPart ? leaves(value, `${prefix}${key}.`) : [[prefix + key, value]];
    });

  const isSame = (one, other) => json(one) === json(other);

  const seeksLimit = (experiment) => experiment.command === "limit" || experiment.command === "certify";
  const isDiscrete = (experiment) =>
    experiment.command === "descend" ||
    (seeksLimit(experiment) && (has(experiment, "motion.method") || has(experiment, "motion.gamma")));

  const limitTolerances = { auto: 1e-15, taylor: 1e-15, rk8pd: 1e-12 };
  const stepper = (experiment) => at(experiment, "numerics.stepper") ?? "auto";

  /// What Δ∞ is known to where nobody says otherwise.
  const deltaTolerance = (experiment) => {
    const projects = (at(experiment, "goal.route") ?? "project") === "project";
    if (isDiscrete(experiment) || (at(experiment, "motion.flow") === "gf" && projects)) return projects ? 1e-10 : 1e-8;
    if (limitTolerances[stepper(experiment)] === undefined) return 1e-6;
    return projects && stepper(experiment) !== "rk8pd" ? 1e-10 : 1e-8;
  };

  /// What a field has where nothing is said, by its path.
  const defaults = {
    "problem.seed": () => 1,
    "problem.holdout": () => 0,
    "problem.standardize": () => false,
    "problem.missing": () => "refuse",
    "problem.gaussian.mean": () => 0,
    "network.network": () => "diagonal",
    "network.loss": () => "square",
    "motion.flow": () => "mgf",
    // Of λ and ε alone it is the method that makes a limit one of iterates.
    "motion.method": (experiment) =>
      seeksLimit(experiment) && !has(experiment, "motion.gamma") ? undefined : "heavy-ball",
    "motion.order": () => 1,
    "motion.paths": () => 10000,
    "motion.replacement": () => false,
    "numerics.stepper": () => "auto",
    "numerics.rtol": (experiment) => (seeksLimit(experiment) ? limitTolerances[stepper(experiment)] ?? 1e-10 : 1e-10),
    "numerics.atol": () => 0,
    "goal.max_time": (experiment) => {
      if (!seeksLimit(experiment)) return 1e6;
      return !isDiscrete(experiment) && /^(auto|radau\d*)$/.test(stepper(experiment)) ? 1e15 : undefined;
    },
    "goal.max_iterations": () => 1e7,
    "goal.route": () => "project",
    "goal.tail": () => "auto",
    "goal.delta_tolerance": deltaTolerance,
    "goal.sensitivity": () => false,
    "goal.identity": () => false,
    "goal.tolerance": () => 1e-8,
    "goal.gap_work": () => 5e9,
    "recording.log_from": () => 1,
    "recording.every": () => false,
  };

  /// What an experiment says beyond the defaults: [path, value].
  const said = (experiment) =>
    leaves(experiment).filter(([path, value]) => {
      const usual = defaults[path]?.(experiment);
      return path !== "command" && (usual === undefined || !isSame(value, usual));
    });

  /// The same experiment without what it would have anyway.
  const minimal = (experiment) => {
    const result = { command: experiment.command };
    for (const [path, value] of said(experiment)) {
      const keys = path.split(".");
      if (keys.includes("__proto__")) continue;
      const last = keys.pop();
      let part = result;
      for (const key of keys) part = part[key] ??= {};
      part[last] = value;
    }
    return result;
  };

  // The command line

  const problemOptions = {
    "problem.data": "data", "problem.target": "target", "problem.standardize": "standardize",
    "problem.design": "design", "problem.response": "response", "problem.truth": "truth",
    "problem.index": "index", "problem.drop": "drop", "problem.delimiter": "delimiter",
    "problem.decimal": "decimal", "problem.missing": "missing", "problem.header": "header",
    "problem.preset": "preset", "problem.mean": "mean", "problem.gaussian.mean": "mean",
    "problem.holdout": "holdout", "problem.seed": "seed",
    "initialisation.alpha": "alpha", "initialisation.u0": "u0", "initialisation.v0": "v0",
    "initialisation.u0_rate": "u0-rate", "initialisation.v0_rate": "v0-rate",
    "initialisation.w0": "w0", "initialisation.w0_rate": "w0-rate",
    "network.network": "network", "network.depth": "depth", "network.loss": "loss",
  };
  const budgetOptions = { "goal.max_work": "max-work", "goal.max_seconds": "max-seconds" };
  const numericsOptions = { "numerics.stepper": "stepper", "numerics.rtol": "rtol", "numerics.atol": "atol" };
  const batchOptions = { "motion.batch": "batch", "motion.replacement": "replacement" };
  const flowOptions = { "motion.flow": "flow", "motion.lambda": "lambda", "motion.step": "step" };
  const methodOptions = { "motion.gamma": "gamma", "motion.beta": "beta", "motion.method": "method" };
  const criteriaOptions = {
    "goal.route": "route", "goal.delta_tolerance": "delta-tolerance",
    "goal.residual_tolerance": "residual-tolerance", "goal.max_time": "max-time", "goal.tail": "tail",
  };
  const recordingOptions = {
    "recording.samples": "samples", "recording.at": "at", "recording.log_samples": "log-samples",
  };

  /// The options of a command by the paths that they state, in the order in which they are written.
  const options = (experiment) => {
    const own = () => {
      switch (experiment.command) {
        case "solve":
          return {
            ...flowOptions, "goal.until": "until", "goal.residual": "until-residual", "goal.max_time": "max-time",
            ...numericsOptions, ...recordingOptions, "recording.log_from": "log-from",
          };
        case "descend":
          return {
            ...methodOptions, ...flowOptions, ...batchOptions, "goal.iterations": "iterations",
            "goal.residual": "until-residual", "goal.max_iterations": "max-iterations", "goal.identity": "identity",
            ...recordingOptions,
          };
        case "compare":
          return {
            "motion.lambda": "lambda", "motion.steps": "steps", "goal.until": "until", "motion.order": "order",
            "motion.method": "method", "goal.gap_work": "gap-work", ...batchOptions, "motion.paths": "paths",
            ...numericsOptions,
          };
        case "limit":
        case "certify": {
          const motion = isDiscrete(experiment) ? { ...methodOptions, ...batchOptions } : { ...flowOptions, ...numericsOptions };
          const more = experiment.command === "limit" ? { "goal.sensitivity": "sensitivity" } : {};
          return { ...motion, ...criteriaOptions, ...more };
        }
        case "thresholds":
          return {
            "motion.step": "step", "motion.method": "method", "goal.tolerance": "tolerance", "goal.optimal": "optimal",
          };
        default:
          return {};
      }
    };
    return { ...problemOptions, ...own(), ...budgetOptions };
  };

  /// The words of an option; null where a line cannot say the value.
  const words = (path, option, value) => {
    if (value === true && path !== "problem.header") return [`--${option}`];
    if (path === "problem.header") return [`--${option}`, value ? "yes" : "no"];
    if (path === "problem.drop") {
      return [value].flat().flatMap((column) => (column.startsWith("-") ? [`--${option}=${column}`] : [`--${option}`, column]));
    }
    if (path.startsWith("initialisation.") && path !== "initialisation.alpha" && typeof value !== "string") return null;
    if (Array.isArray(value)) return value.length > 0 && value.every(isNumber) ? [`--${option}`, value.map(number).join(",")] : null;
    if (isNumber(value)) return [`--${option}`, number(value)];
    if (typeof value !== "string") return null;
    return value.startsWith("-") ? [`--${option}=${value}`] : [`--${option}`, value];
  };

  /// The words behind `mgf`; null where options cannot say the experiment.
  const optionWords = (experiment) => {
    const rest = new Map(said(experiment));
    const result = [experiment.command];
    const gaussian = at(experiment, "problem.gaussian");
    if (gaussian) {
      const shape = ["samples", "features", "nonzeros"].map((key) => gaussian[key]);
      if (!shape.every(Number.isInteger) || gaussian.seed !== undefined) return null;
      result.push("--gaussian", shape.map(whole).join(","));
      for (const key of ["samples", "features", "nonzeros"]) rest.delete(`problem.gaussian.${key}`);
    }
    for (const [path, option] of Object.entries(options(experiment))) {
      if (!rest.has(path)) continue;
      const found = words(path, option, rest.get(path));
      if (found === null) return null;
      result.push(...found);
      rest.delete(path);
    }
    // Every state is what a file of the trajectory has.
    if (rest.get("recording.every") === true) {
      result.push("--output", experiment.command === "solve" ? "flow.nc" : "descent.nc");
      rest.delete("recording.every");
    }
    return rest.size === 0 ? result : null;
  };

  /// Text that makes a file when pasted into a shell.
  const makeFile = (name, text) => `cat > ${name} <<'END'\n${text}END\n`;

  const csv = (rows) => rows.map((row) => [row].flat().map(number).join(",") + "\n").join("");

  /// Files for the numbers that an experiment holds itself, and the experiment that reads these: {experiment, files}.
  const inFiles = (experiment) => {
    const given = at(experiment, "problem.matrices");
    if (!given) return { experiment, files: [] };
    const { matrices, ...problem } = experiment.problem;
    const files = [["X.csv", csv(matrices.X)], ["y.csv", csv(matrices.y)]];
    Object.assign(problem, { design: "X.csv", response: "y.csv", header: false });
    if (matrices.truth) {
      files.push(["truth.csv", csv(matrices.truth)]);
      problem.truth = "truth.csv";
    }
    return { experiment: { ...experiment, problem }, files };
  };

  /// What to paste into a shell: the `mgf` line, after what makes the files that it reads.
  ///
  /// {text, line, files: [[name, text]]}; an experiment that options cannot say is a file for `mgf run`.
  const command = (asked, { json: asJSON = false } = {}) => {
    const { experiment, files } = inFiles(asked);
    if (has(experiment, "problem.arrays")) {
      return { text: "", line: "", files: [], reason: "its numbers lie in the memory of the program that ran it" };
    }
    let list = optionWords(experiment);
    if (list === null) {
      files.push(["experiment.yaml", yamlFile(minimal(experiment))]);
      list = ["run", "experiment.yaml"];
    }
    const line = ["mgf", ...list.map(shell), ...(asJSON ? ["--json"] : [])].join(" ");
    return { text: files.map(([name, text]) => makeFile(name, text)).join("") + line, line, files };
  };

  // Python

  /// The keywords of each function, by the paths that they state; `seed` and the data belong to the problem.
  const starts = ["alpha", "u0", "v0", "u0_rate", "v0_rate", "w0", "w0_rate"].map((key) => `initialisation.${key}`);
  const network = ["network.network", "network.depth", "network.loss"];
  const numerics = Object.keys(numericsOptions);
  const budget = Object.keys(budgetOptions);
  const recording = ["samples", "at", "log_samples", "log_from"].map((key) => `recording.${key}`);
  const motions = (...keys) => keys.map((key) => `motion.${key}`);
  const goals = (...keys) => keys.map((key) => `goal.${key}`);
  const keywords = {
    solve: [
      ...motions("flow", "lambda", "step"), ...goals("until", "residual", "max_time"), ...recording, ...starts, ...network,
      ...numerics, ...budget,
    ],
    descend: [
      ...motions("gamma", "beta", "lambda", "step", "method", "batch", "replacement"),
      ...goals("iterations", "residual", "max_iterations"), ...recording, "recording.every", "goal.identity", ...starts,
      ...network, ...budget,
    ],
    compare: [
      ...motions("lambda", "steps"), "goal.until", ...motions("order", "method", "batch", "replacement", "paths"),
      "goal.gap_work", ...starts, ...network, ...numerics, ...budget,
    ],
    limit: [
      ...motions("flow", "lambda", "gamma", "beta", "step", "method", "batch", "replacement"),
      ...goals("route", "delta_tolerance", "residual_tolerance", "max_time", "tail", "sensitivity"), ...starts,
      "network.network", "network.depth", ...numerics, ...budget,
    ],
    certify: [
      ...motions("flow", "lambda", "gamma", "beta", "step", "method"), ...goals("delta_tolerance", "max_time", "tail"),
      ...starts, "network.network", "network.depth", ...numerics, ...budget,
    ],
    thresholds: [
      ...motions("step", "method"), ...goals("tolerance", "optimal"),
      ...starts.slice(0, 5), ...budget,
    ],
  };
  const counts = new Set([
    "problem.seed", "network.depth", "goal.iterations", "goal.max_iterations", "goal.max_work", "motion.batch", "motion.paths",
    "motion.order", "recording.samples", "recording.log_samples",
  ]);

  const pythonName = { lambda: "lambda_" };

  const keyword = (path, value) => {
    const key = path.split(".").pop();
    return `${pythonName[key] ?? key}=${counts.has(path) && typeof value === "number" ? whole(value) : python(value)}`;
  };

  /// A call, on several lines where one would be long.
  const call = (head, items) => {
    const line = `${head}(${items.join(", ")})`;
    if (line.length <= 96) return line;
    const lines = [];
    for (const item of items) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + item.length < 90) lines[lines.length - 1] = `${last} ${item},`;
      else lines.push(`    ${item},`);
    }
    return `${head}(\n${lines.join("\n")}\n)`;
  };

  /// The data as Python makes them, and what of `rest` that says; null where a mapping must say it.
  const pythonProblem = (experiment, rest) => {
    const problem = experiment.problem ?? {};
    const items = [];
    const take = (...paths) => {
      for (const path of paths) {
        if (!rest.has(path)) continue;
        items.push(keyword(path, rest.get(path)));
        rest.delete(path);
      }
    };
    const always = (path) => {
      items.push(path.includes("gaussian") ? whole(rest.get(path)) : python(rest.get(path)));
      rest.delete(path);
    };
    if (problem.gaussian && problem.gaussian.seed === undefined) {
      ["samples", "features", "nonzeros"].forEach((key) => always(`problem.gaussian.${key}`));
      take("problem.gaussian.mean", "problem.holdout", "problem.seed");
      return call("data = mf.gaussian", items);
    }
    if (problem.preset !== undefined) {
      always("problem.preset");
      take("problem.mean", "problem.holdout", "problem.seed");
      return call("data = mf.preset", items);
    }
    // A relative name would come out as a full one.
    if (problem.data?.startsWith("/")) {
      always("problem.data");
      always("problem.target");
      const reading = ["standardize", "holdout", "seed", "index", "drop", "delimiter", "decimal", "missing"];
      take(...reading.map((key) => `problem.${key}`));
      return call("data = mf.read_csv", items);
    }
    if (problem.matrices) {
      const { truth, name, features } = problem.matrices;
      for (const key of ["X", "y", "truth", "name", "features"]) rest.delete(`problem.matrices.${key}`);
      items.push("X", "y");
      if (features) items.push(`feature_names=${python(features)}`);
      if (truth) items.push(`theta_star=${python(truth)}`);
      take("problem.holdout", "problem.seed");
      if (name) items.push(`name=${python(name)}`);
      return (
        `X = [\n${problem.matrices.X.map((row) => `    ${python(row)},\n`).join("")}]\n` +
        `y = ${python(problem.matrices.y)}\n${call("data = mf.problem", items)}`
      );
    }
    if (problem.arrays !== undefined) {
      rest.delete("problem.arrays");
      items.push("X", "y");
      take("problem.standardize", "problem.holdout", "problem.seed");
      if (problem.arrays !== "arrays") items.push(`name=${python(problem.arrays)}`);
      return `# X and y are the arrays of the program that ran it.\n${call("data = mf.problem", items)}`;
    }
    return null;
  };

  /// The lines that make the data, and the call; null for the first where the call is of a mapping that says it all.
  const pythonParts = (experiment, name, partial) => {
    const rest = new Map(said(experiment));
    const ending = partial ? ["partial=True"] : [];
    const data = pythonProblem(experiment, rest);
    if (data !== null) {
      const arguments_ = ["data"];
      for (const path of keywords[experiment.command] ?? []) {
        if (!rest.has(path)) continue;
        arguments_.push(keyword(path, rest.get(path)));
        rest.delete(path);
      }
      // Every accepted step is what solve records where nothing is said.
      if (experiment.command === "solve" && rest.get("recording.every") === true) rest.delete("recording.every");
      const records = Object.keys(experiment.recording ?? {}).length > 0;
      const isSaid = records || !["solve", "descend"].includes(experiment.command);
      if (isSaid && rest.size === 0) return [data, call(`${name} = mf.${experiment.command}`, [...arguments_, ...ending])];
    }
    const parts = Object.entries(minimal(experiment)).map(([key, value]) => `    ${JSON.stringify(key)}: ${python(value)},\n`);
    return [null, `experiment = {\n${parts.join("")}}\n${call(`${name} = mf.run`, ["experiment", ...ending])}`];
  };

  /// The lines of Python of some experiments: {name: experiment}, each result under its name, data that are the same made once.
  ///
  /// `partial`: a run that does not come to its end is a result, too.
  const pythonOf = (experiments, { partial = false } = {}) => {
    const lines = ["import momentumflow as mf\n"];
    let before = null;
    for (const [name, experiment] of Object.entries(experiments)) {
      const [data, made] = pythonParts(experiment, name, partial);
      if (data !== null && data !== before) lines.push(data);
      before = data ?? before;
      lines.push(made);
    }
    return lines.join("\n") + "\n";
  };

  /// The lines of Python of one; the result is `result`.
  const pythonLines = (experiment, options_) => pythonOf({ result: experiment }, options_);

  // Studies

  /// The study file of a list of experiments that differ in some settings: {text, line, files}; null where no study says it.
  ///
  /// Sweeps find what `limit` finds to its error estimate, and what `descend` and `solve` find to rounding.
  const study = (experiments, name = "map") => {
    const [first] = experiments;
    if (!first || experiments.some((experiment) => experiment.command !== first.command)) return null;
    const all = experiments.map((experiment) => new Map(said(experiment)));
    const paths = [...new Set(all.flatMap((one) => [...one.keys()]))];
    const usual = (path, experiment) => defaults[path]?.(experiment);
    const values = (path) => all.map((one, k) => (one.has(path) ? one.get(path) : usual(path, experiments[k])));
    const varying = paths.filter((path) => values(path).some((value) => value === undefined || !isSame(value, values(path)[0])));
    const setting = {
      "problem.gaussian.samples": "samples", "problem.gaussian.features": "features", "problem.gaussian.nonzeros": "nonzeros",
      "problem.gaussian.mean": "mean", "problem.mean": "mean", "problem.seed": "seed", "problem.holdout": "holdout",
      "initialisation.alpha": "alpha", "motion.gamma": "gamma", "motion.beta": "beta", "motion.lambda": "lambda",
      "motion.step": "step", "motion.batch": "batch",
    };
    if (varying.length === 0 || varying.some((path) => !(path in setting) || values(path).some((value) => !isNumber(value)))) {
      return null;
    }
    const discrete = isDiscrete(first);
    const rest = new Map(all[0]);
    const file = { name, problem: {} };
    const fixed = {};
    const take = (path) => {
      const value = rest.get(path);
      rest.delete(path);
      return value;
    };
    for (const path of varying) rest.delete(path);
    for (const path of [...rest.keys()]) {
      if (!path.startsWith("problem.")) continue;
      const keys = path.split(".").slice(1);
      if (keys.includes("__proto__")) continue;
      if (keys.length === 2) (file.problem[keys[0]] ??= {})[keys[1]] = take(path);
      else file.problem[keys[0]] = take(path);
    }
    // Axes of the synthetic data need a value in the problem as well.
    for (const path of varying.filter((item) => item.startsWith("problem.gaussian."))) {
      (file.problem.gaussian ??= {})[path.split(".").pop()] = values(path)[0];
    }
    if (rest.has("initialisation.alpha")) file.initialisation = { alpha: take("initialisation.alpha") };
    file.method = discrete ? at(first, "motion.method") ?? "heavy-ball" : at(first, "motion.flow") ?? "mgf";
    rest.delete("motion.method");
    rest.delete("motion.flow");
    if (rest.has("numerics.stepper")) file.stepper = take("numerics.stepper");
    for (const [path, key] of [
      ["motion.gamma", "gamma"], ["motion.beta", "beta"], ["motion.lambda", "lambda"], ["motion.step", "step"],
      ["motion.batch", "batch"], ["network.network", "network"], ["network.depth", "depth"],
      ["network.loss", "loss_function"], ["numerics.rtol", "rtol"], ["numerics.atol", "atol"],
    ]) {
      if (rest.has(path)) fixed[key] = take(path);
    }
    if (Object.keys(fixed).length > 0) file.fixed = fixed;

    // The axes: crossed where the experiments are all their combinations, else walked together.
    const axes = varying.map((path) => [setting[path], values(path)]);
    const distinct = axes.map(([, list]) => [...new Map(list.map((value) => [number(value), value])).values()]);
    const combinations = new Set(experiments.map((_, k) => axes.map(([, list]) => number(list[k])).join(" ")));
    const isCrossed = combinations.size === distinct.reduce((product, list) => product * list.length, 1);
    const ascending = (list) => [...list].sort((a, b) => Number(a) - Number(b));
    file.axes = Object.fromEntries(
      axes.map(([key, list], k) => [key, isCrossed ? ascending(distinct[k]) : list]),
    );
    if (!isCrossed && axes.length > 1) file.zip = [axes.map(([key]) => key)];
    // A study has each run once.
    if (!isCrossed && combinations.size !== experiments.length) return null;

    const stop = {};
    if (first.command === "limit") {
      if (take("goal.route") === "integrate") return null;
      rest.delete("goal.delta_tolerance");
      stop.delta_tolerance = at(first, "goal.delta_tolerance") ?? deltaTolerance(first);
    } else if (first.command === "descend" || first.command === "solve") {
      for (const key of ["until", "iterations", "residual"]) {
        if (rest.has(`goal.${key}`)) stop[key] = take(`goal.${key}`);
      }
      for (const path of recording) rest.delete(path);
      rest.delete("recording.every");
    } else return null;
    for (const key of ["max_time", "max_iterations", "max_work"]) {
      if (rest.has(`goal.${key}`)) stop[key] = take(`goal.${key}`);
    }
    file.stop = stop;
    // How long a run may take decides whether it ends, not its numbers.
    rest.delete("goal.max_seconds");
    if (rest.size > 0 || has(first, "problem.matrices") || has(first, "problem.arrays")) return null;

    const text = yamlFile(file);
    const line = `mgf sweep ${name}.yaml --output ${name}.sqlite`;
    return { text: makeFile(`${name}.yaml`, text) + line, line, files: [[`${name}.yaml`, text]], study: file };
  };

  /// The same study from Python: a data set over the axes.
  const pythonStudy = (experiments, name = "map") => {
    const found = study(experiments, name);
    if (found === null) return null;
    const parts = Object.entries(found.study).map(([key, value]) => `    ${JSON.stringify(key)}: ${python(value)},\n`);
    return `import momentumflow as mf\n\nstudy = {\n${parts.join("")}}\ngrid = mf.sweep(study, store="${name}.sqlite")\n`;
  };

  return {
    command, python: pythonLines, pythonOf, document: (experiment) => json(experiment, "  ") + "\n", minimal, parse, study, pythonStudy,
    number, shell, yaml: yamlFile,
  };
})();

if (typeof module !== "undefined") module.exports = Cite;
