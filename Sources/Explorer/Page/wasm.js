"use strict";
/// The engine of the page that has no server: the library's arithmetic, compiled to WebAssembly, in workers.
///
/// A lane has a worker of its own, which computes in slices and looks for messages between them, so that a newer run takes the
/// place of an older one within milliseconds. A worker that does not answer is ended and made anew.
const WasmEngine = (() => {
  /// What reads experiments and computes them: for a worker, it must not use anything around it.
  function kernel() {
    const most = { entries: 10_000, seconds: 120, points: 4_000_000 };
    const commands = ["solve", "descend", "limit", "compare"];

    // ---- Numbers and faults in words

    /// A number as the library's messages have it.
    function text(x) {
      if (typeof x !== "number") return typeof x === "string" ? x : JSON.stringify(x);
      if (Number.isNaN(x)) return "nan";
      if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
      const size = Math.abs(x);
      if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
        const [digits, exponent] = x.toExponential().split("e");
        return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
      }
      return Number.isInteger(x) ? x.toFixed(1) : String(x);
    }

    /// C's %.4g.
    function short(x, digits = 4) {
      if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
      if (x === 0) return "0";
      const exponent = Number(x.toExponential(digits - 1).split("e")[1]);
      if (exponent < -4 || exponent >= digits) {
        const [mantissa, power] = x.toExponential(digits - 1).split("e");
        const trimmed = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
        return `${trimmed}e${power[0]}${power.slice(1).padStart(2, "0")}`;
      }
      const fixed = x.toFixed(Math.max(0, digits - 1 - exponent));
      return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
    }

    class Fault extends Error {
      constructor(field, subject, reason, remedy) {
        super(`${subject}: ${reason}${remedy ? `; ${remedy}` : ""}`);
        Object.assign(this, { name: "Fault", field, subject, reason, remedy: remedy ?? null });
      }
    }

    /// About a setting, with its value if there is one.
    const fault = (field, value, reason, remedy) =>
      new Fault(field, value === undefined ? field : `${field}: ${typeof value === "number" ? text(value) : value}`, reason, remedy);

    // ---- Reading, strictly: every key once, and none that nobody asks for

    const keys = {
      "": ["command", "problem", "initialisation", "network", "motion", "numerics", "goal", "recording"],
      problem: ["gaussian", "data", "target", "standardize", "design", "response", "truth", "preset", "mean", "arrays", "index", "drop", "delimiter", "decimal", "missing", "header", "holdout", "seed", "matrices"],
      "problem.gaussian": ["samples", "features", "nonzeros", "mean", "seed"],
      "problem.matrices": ["X", "y", "truth", "name", "features"],
      initialisation: ["alpha", "u0", "v0", "u0_rate", "v0_rate", "w0", "w0_rate"],
      network: ["network", "depth", "loss"],
      motion: ["flow", "method", "lambda", "gamma", "beta", "step", "steps", "batch", "replacement", "order", "paths"],
      numerics: ["stepper", "rtol", "atol"],
      goal: ["until", "residual", "iterations", "max_time", "max_iterations", "route", "delta_tolerance", "residual_tolerance", "tail", "sensitivity", "identity", "tolerance", "optimal", "gap_work", "max_work", "max_seconds"],
      recording: ["samples", "at", "log_samples", "log_from", "every"],
    };

    class Part {
      constructor(value, path) {
        if (value === null || typeof value !== "object" || Array.isArray(value)) throw fault(path || "experiment", undefined, "a mapping of keys to values is needed");
        const wrong = Object.keys(value).find((key) => !keys[path].includes(key));
        if (wrong !== undefined) throw fault(path ? `${path}.${wrong}` : wrong, undefined, "there is no such key here", `choose among ${keys[path].join(", ")}`);
        this.path = path;
        this.left = new Map(Object.entries(value).filter(([, one]) => one !== undefined));
      }
      field(key) { return this.path ? `${this.path}.${key}` : key; }
      has(key) { return this.left.has(key); }
      part(key) {
        const value = this.left.get(key) ?? {};
        this.left.delete(key);
        return new Part(value, this.field(key));
      }
      take(key, need, read) {
        if (!this.left.has(key)) return undefined;
        const value = this.left.get(key);
        this.left.delete(key);
        const found = read(value);
        if (found === undefined) throw fault(this.field(key), undefined, `${need} is needed, not ${typeof value === "number" ? text(value) : JSON.stringify(value)}`);
        return found;
      }
      number(key) { return this.take(key, "a finite number, such as 0.5 or 1e-3,", (x) => (typeof x === "number" && Number.isFinite(x) ? x : undefined)); }
      numbers(key) {
        return this.take(key, "a list of finite numbers", (x) => (isRow(x) ? Array.from(x) : undefined));
      }
      count(key) { return this.take(key, "a whole number between 0 and 1e15", (x) => (typeof x === "number" && x >= 0 && x <= 1e15 && Number.isInteger(x) ? x : undefined)); }
      seed(key) {
        return this.take(key, "a whole number between 0 and 2⁶⁴ − 1", (x) => {
          if (typeof x === "string" && /^[0-9]{1,20}$/.test(x)) x = BigInt(x);
          if (typeof x === "number" && Number.isSafeInteger(x)) x = BigInt(x);
          return typeof x === "bigint" && x >= 0n && x < 1n << 64n ? x : undefined;
        });
      }
      text(key) { return this.take(key, "a text", (x) => (typeof x === "string" && x !== "" ? x : undefined)); }
      flag(key) { return this.take(key, "true or false", (x) => (typeof x === "boolean" ? x : undefined)); }
      choice(key, allowed) {
        const found = this.text(key);
        if (found !== undefined && !allowed.includes(found)) throw fault(this.field(key), found, "there is none of that name", `choose one of ${allowed.join(", ")}`);
        return found;
      }
      finish() {
        const key = [...this.left.keys()].sort()[0];
        if (key !== undefined) throw fault(this.field(key), undefined, "nothing uses this key here", "leave it out, or see which keys go with this command and motion");
      }
    }

    const isRow = (x) => (Array.isArray(x) || x instanceof Float64Array) && Array.prototype.every.call(x, (one) => typeof one === "number" && Number.isFinite(one));
    const positive = (field, value, reason = "it must be positive") => {
      if (!(value > 0 && Number.isFinite(value))) throw fault(field, value, reason);
      return value;
    };

    /// name: samples, features, non-zeros, mean, α, and γ, β or a remark.
    const presets = {
      "pesme-2021": [40, 100, 5, 0, 0.01],
      "pesme-2021-small": [40, 100, 5, 0, 0.005],
      "even-2023-centred": [20, 30, 3, 0, 0.1],
      "even-2023-uncentred": [20, 30, 3, 5, 0.1],
      "even-2023-large": [50, 100, 2, 0, 0.1],
      "saddle-5x7": [5, 7, 2, 0, 1e-120, undefined, undefined, "the source states no sparsity; 2 non-zeros here"],
      "saddle-6x6": [6, 6, 2, 0, 1e-10, undefined, undefined, "the source states no sparsity; 2 non-zeros here"],
      "lyu-2025": [40, 100, 5, 0, 0.1, 0.03, 0.9, "the source scales its Gaussian data and states no α here; unit variance and α = 0.1 are used"],
    };

    /// The experiment on the command line, or as a file where the command line has no word for its data.
    function commandLine(document) {
      const words = ["mgf", document.command];
      const { problem = {}, initialisation = {}, motion = {}, numerics = {}, goal = {}, recording = {}, network = {} } = document;
      const add = (name, value) => { if (value !== undefined) words.push(`--${name}`, Array.isArray(value) ? value.join(",") : String(value)); };
      if (problem.gaussian) {
        add("gaussian", [problem.gaussian.samples, problem.gaussian.features, problem.gaussian.nonzeros]);
        if (problem.gaussian.mean) add("mean", problem.gaussian.mean);
      } else if (problem.preset) add("preset", problem.preset);
      else return "mgf run experiment.json";
      for (const [key, value] of Object.entries({ ...problem, seed: problem.seed ?? problem.gaussian?.seed })) if (!["gaussian", "preset"].includes(key)) add(key, value);
      if (Object.keys(initialisation).some((key) => key !== "alpha")) return "mgf run experiment.json";
      add("alpha", initialisation.alpha);
      for (const key of ["network", "depth", "loss"]) add(key, network[key]);
      for (const part of [motion, numerics, goal, recording])
        for (const [key, value] of Object.entries(part)) {
          const name = { residual: "until-residual", every: null }[key];
          if (value === true) words.push(`--${key.replaceAll("_", "-")}`);
          else if (name !== null && value !== false) add(name ?? key.replaceAll("_", "-"), value);
        }
      return words.join(" ");
    }

    const elsewhere = (document) => `install mgf and run: ${commandLine(document)}`;

    /// Reads an experiment: what is to be computed, and the experiment in full. Throws a fault.
    function read(document) {
      const whole = new Part(document, "");
      const all = ["solve", "descend", "compare", "limit", "certify", "thresholds"];
      const command = whole.choice("command", all);
      if (command === undefined) throw fault("command", undefined, "it is missing", `choose one of ${all.join(", ")}`);
      const beyond = (field, value, reason) => fault(field, value, `this page does not compute it: ${reason}`, elsewhere(document));
      if (!commands.includes(command)) throw beyond("command", command, `it has ${commands.join(", ")}`);
      const parts = {};
      for (const key of keys[""].slice(1)) parts[key] = whole.part(key);
      const { problem, initialisation, network, motion, numerics, goal, recording } = parts;
      const plan = { command };
      const full = { command };
      const put = (part, key, value) => { if (value !== undefined) (full[part] ??= {})[key] = value; };

      readProblem(problem, plan, put, beyond);
      readStart(initialisation, plan, put, beyond);
      for (const [key, known] of [["network", "diagonal"], ["loss", "square"]]) {
        const found = network.text(key);
        if (found !== undefined && found !== known) throw beyond(`network.${key}`, found, "it has the diagonal network with the square loss");
      }
      const depth = network.count("depth");
      if (depth !== undefined && depth !== 2) throw beyond("network.depth", depth, "it has the diagonal network, of depth 2");
      if (motion.has("batch")) throw beyond("motion.batch", motion.count("batch"), "it has the full gradient");

      plan.passes = goal.count("max_work");
      if (plan.passes === 0) throw fault("goal.max_work", 0, "it must be positive", "for example 1e9");
      plan.seconds = goal.number("max_seconds");
      if (plan.seconds !== undefined && plan.seconds <= 0) throw fault("goal.max_seconds", plan.seconds, "it must be positive and finite", "for example 60");
      put("goal", "max_work", plan.passes);
      put("goal", "max_seconds", plan.seconds);

      if (command === "solve") {
        plan.flow = readFlow(motion, numerics, put, beyond, false);
        plan.end = readEnd(goal, put);
        plan.record = readStates(recording, put, plan.end, false);
      } else if (command === "descend") {
        plan.method = readMethod(motion, plan, put);
        plan.end = readIterations(goal, put);
        if (goal.flag("identity")) throw beyond("goal.identity", true, "it does not check the identity along the run");
        plan.record = readStates(recording, put, plan.end, true);
      } else if (command === "limit") {
        const isDiscrete = motion.has("method") || motion.has("gamma");
        const route = goal.choice("route", ["project", "integrate"]) ?? "project";
        if (route !== "project") throw beyond("goal.route", route, "it finds limits by projection");
        if (isDiscrete) {
          plan.method = readMethod(motion, plan, put);
          const tail = goal.choice("tail", ["auto", "iterate"]) ?? "auto";
          put("goal", "tail", tail);
        } else plan.flow = readFlow(motion, numerics, put, beyond, true);
        const bound = (key, value) => {
          if (value !== undefined && !(value > 0)) throw fault(`goal.${key}`, value, "it must be positive and finite");
          return value;
        };
        plan.delta = bound("delta_tolerance", goal.number("delta_tolerance")) ?? 1e-10;
        plan.residual = bound("residual_tolerance", goal.number("residual_tolerance"));
        const time = bound("max_time", goal.number("max_time"));
        const grows = plan.flow?.stepper === "auto";
        plan.maximumTime = time ?? (grows ? 1e15 : 1e6);
        put("goal", "delta_tolerance", plan.delta);
        put("goal", "residual_tolerance", plan.residual);
        if (time !== undefined || grows) put("goal", "max_time", plan.maximumTime);
        put("goal", "route", route);
        if (goal.flag("sensitivity")) throw beyond("goal.sensitivity", true, "it has no sensitivities");
      } else {
        plan.flow = readFlow(motion, numerics, put, beyond, false);
        if (plan.flow.kind !== "mgf") throw fault("motion.flow", plan.flow.kind, "iterates are compared with a flow of their λ", "choose motion.flow: mgf");
        const method = motion.choice("method", ["heavy-ball", "nesterov"]) ?? "heavy-ball";
        plan.isNesterov = method === "nesterov";
        const order = motion.count("order") ?? 1;
        if (order < 1 || order > 12) throw fault("motion.order", order, "there is no flow of that order", "choose 1 to 12");
        if (order !== 1) throw beyond("motion.order", order, "it compares with the flow of order 1");
        plan.steps = motion.numbers("steps");
        if (!plan.steps) throw fault("motion.steps", undefined, "it is missing");
        if (!plan.steps.length) throw fault("motion.steps", undefined, "no step is given", "for example motion.steps: 0.1,0.05,0.025");
        plan.until = goal.number("until");
        if (plan.until === undefined) throw fault("goal.until", undefined, "it is missing");
        positive("goal.until", plan.until);
        for (const step of plan.steps) {
          matched(plan.flow.lambda, step, "motion.steps");
          if (step > plan.until) throw fault("motion.steps", step, `it is longer than the whole time ${text(plan.until)}`);
          if (plan.until / step > 1e8) throw beyond("motion.steps", step, "that makes more than 1e8 iterations");
        }
        plan.gapWork = goal.number("gap_work") ?? 5e9;
        if (plan.gapWork < 0) throw fault("goal.gap_work", plan.gapWork, "it must not be negative");
        put("motion", "method", method);
        put("motion", "order", order);
        put("motion", "steps", plan.steps);
        put("goal", "until", plan.until);
        put("goal", "gap_work", plan.gapWork);
      }
      for (const part of [whole, ...Object.values(parts)]) part.finish();
      return { plan, full: sorted(full) };
    }

    const sorted = (value) => (value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value);

    function readProblem(part, plan, put, beyond) {
      for (const key of ["data", "design", "arrays"]) if (part.has(key)) throw beyond(`problem.${key}`, part.text(key), "it cannot read files");
      const sources = ["gaussian", "preset", "matrices"].filter((key) => part.has(key));
      if (sources.length !== 1) throw fault("problem", undefined, "exactly one source of data is needed", "give one of gaussian, preset and matrices");
      let seed;
      const size = (n, d) => {
        for (const [key, count] of [["samples", n], ["features", d]]) if (count < 1) throw fault(`problem.gaussian.${key}`, count, "at least one sample and one feature are needed", "for example 20 and 30");
        if (n * d > most.entries) throw beyond("problem", `${n} × ${d}`, `X may have ${most.entries} entries here`);
        [plan.n, plan.d] = [n, d];
      };
      if (sources[0] === "gaussian") {
        const gaussian = part.part("gaussian");
        const counts = ["samples", "features", "nonzeros"].map((key) => {
          const found = gaussian.count(key);
          if (found === undefined) throw fault(`problem.${key}`, undefined, "it is missing");
          return found;
        });
        seed = gaussian.seed("seed");
        const mean = gaussian.number("mean") ?? 0;
        gaussian.finish();
        draw(...counts, mean);
        put("problem", "gaussian", { samples: counts[0], features: counts[1], nonzeros: counts[2], mean });
      } else if (sources[0] === "preset") {
        const name = part.text("preset");
        if (!presets[name]) throw fault("problem.preset", name, "there is no preset of that name", `choose one of ${Object.keys(presets).join(", ")}`);
        const mean = part.number("mean");
        const [n, d, nonzeros, own, alpha, gamma, beta, remark] = presets[name];
        draw(n, d, nonzeros, mean ?? own);
        plan.preset = { name, alpha, gamma, beta, remark };
        put("problem", "preset", name);
        put("problem", "mean", mean);
      } else {
        const given = part.part("matrices");
        const rows = given.take("X", "rows of finite numbers, all of one length,", (x) => (Array.isArray(x) && x.length && x.every((row) => isRow(row) && row.length === x[0].length && row.length) ? x : undefined));
        const y = given.numbers("y");
        for (const [key, value] of [["X", rows], ["y", y]]) if (!value) throw fault(`problem.matrices.${key}`, undefined, "it is missing");
        size(rows.length, rows[0].length);
        if (y.length !== plan.n) throw fault("problem.matrices.y", undefined, `it has ${y.length} values where the design matrix has ${plan.n} rows`, "give one target a sample");
        const truth = given.numbers("truth");
        if (truth && truth.length !== plan.d) throw fault("problem.matrices.truth", undefined, `it has ${truth.length} values where the design matrix has ${plan.d} columns`);
        plan.matrices = { X: rows.flatMap((row) => Array.from(row)), y, truth };
        plan.name = given.text("name") ?? "matrices";
        plan.features = given.take("features", `a list of ${plan.d} names`, (x) => (Array.isArray(x) && x.length === plan.d && x.every((one) => typeof one === "string") ? x : undefined));
        given.finish();
        put("problem", "matrices", { X: rows, y, ...(truth ? { truth } : {}), ...(plan.features ? { features: plan.features } : {}), name: plan.name });
      }
      function draw(n, d, nonzeros, mean) {
        size(n, d);
        if (nonzeros > d) throw fault("problem.nonzeros", nonzeros, `${nonzeros} non-zero coefficients do not fit into ${d} features`, `it must lie between 0 and ${d}`);
        plan.gaussian = { nonzeros, mean };
        plan.name = `gaussian-${n}x${d}`;
      }
      plan.seed = seed ?? part.seed("seed") ?? 1n;
      if (seed !== undefined) part.left.delete("seed");
      put("problem", "seed", plan.seed <= 9007199254740991n ? Number(plan.seed) : plan.seed.toString());
      plan.holdout = part.number("holdout") ?? 0;
      if (!(plan.holdout >= 0 && plan.holdout < 1)) throw fault("problem.holdout", plan.holdout, "it must be at least 0 and less than 1");
      plan.held = Math.round(plan.holdout * plan.n);
      if (plan.held >= plan.n) throw fault("problem.holdout", plan.holdout, `it leaves no row of ${plan.n} for training`, "hold out less");
      if (plan.holdout > 0) put("problem", "holdout", plan.holdout);
      plan.rows = plan.n - plan.held;
    }

    function readStart(part, plan, put, beyond) {
      const { d } = plan;
      if (part.has("w0")) throw beyond("initialisation.w0", undefined, "it starts from alpha, or from u0 and v0");
      const [u, v, du, dv] = ["u0", "v0", "u0_rate", "v0_rate"].map((key) => {
        const found = part.numbers(key);
        if (found && found.length !== d) throw fault(`initialisation.${key}`, undefined, `it has ${found.length} values where the problem has ${d} features`, "give one value a feature");
        put("initialisation", key, found);
        return found;
      });
      if (u && v) {
        const zero = new Array(d).fill(0);
        const [a, b] = [du ?? zero, dv ?? zero];
        plan.start = [...u.map((x, i) => x + v[i]), ...u.map((x, i) => x - v[i]), ...a.map((x, i) => x + b[i]), ...a.map((x, i) => x - b[i])];
        if (plan.start.every((x) => x === 0)) throw fault("initialisation.u0, initialisation.v0", undefined, "all weights are zero, and w ≡ 0 is a fixed point: nothing would ever move");
        plan.hasSpeed = plan.start.slice(2 * d).some((x) => x !== 0);
        return;
      }
      if (u || v) throw fault(u ? "initialisation.v0" : "initialisation.u0", undefined, "it is missing", "initialisation.u0 and initialisation.v0 go together");
      const given = part.number("alpha");
      put("initialisation", "alpha", given);
      plan.alpha = given ?? plan.preset?.alpha ?? 0.1;
      const about = (reason, remedy) => fault("initialisation.alpha", plan.alpha === 0 ? "0" : plan.alpha, reason, remedy);
      if (plan.alpha === 0) throw about("w ≡ 0 is a fixed point: nothing would ever move", "choose a positive scale such as 0.1");
      if (!(plan.alpha >= 1e-150)) throw about("the scale must be positive and at least 1e-150, or Δ₀ = 2α² underflows", "choose a scale such as 0.1");
      if (plan.alpha > 1e6) throw about("above 1e6 doubles do not resolve θ = (w₊² − w₋²)/4 beside w± = √2·α", "choose a smaller scale; from about 10 on the kernel regime is reached");
      plan.start = [...new Array(2 * d).fill(Math.SQRT2 * plan.alpha), ...new Array(2 * d).fill(0)];
    }

    function readFlow(motion, numerics, put, beyond, seeksLimit) {
      const kind = motion.text("flow") ?? "mgf";
      if (/^corrected([2-9]|1[0-2])$/.test(kind)) throw beyond("motion.flow", kind, "it has gf and mgf");
      if (kind !== "gf" && kind !== "mgf") throw fault("motion.flow", kind, "there is none of that name", "choose one of gf, mgf, corrected2, corrected3, corrected4, corrected5, corrected6, corrected7, corrected8, corrected9, corrected10, corrected11, corrected12");
      const lambda = motion.number("lambda");
      if (motion.has("step")) throw fault("motion.step", undefined, `${kind} has no ε`, "leave it out, or choose motion.flow: corrected2");
      if (kind === "gf" && lambda !== undefined) throw fault("motion.lambda", undefined, "gradient flow has no λ", "leave it out, or choose motion.flow: mgf");
      if (kind === "mgf" && lambda === undefined) throw fault("motion.lambda", undefined, "a flow with momentum needs it", "give motion.lambda: L with L > 0, or motion.flow: gf");
      if (kind === "mgf" && !(lambda > 0)) throw fault("motion.lambda", lambda, "λ must be positive and finite", "for λ = 0 use motion.flow: gf");
      const stepper = numerics.text("stepper") ?? "auto";
      const known = ["auto", "taylor", "radau", "radau9", "radau5", "rk8pd", "rkf45", "rkck", "msadams", "msbdf", "bsimp"];
      if (!known.includes(stepper)) throw fault("numerics.stepper", stepper, "there is no stepper of that name", `choose one of ${known.join(", ")}`);
      if (known.indexOf(stepper) > 1) throw beyond("numerics.stepper", stepper, "it integrates by Taylor series");
      const relative = numerics.number("rtol") ?? (seeksLimit ? 1e-15 : 1e-10);
      const absolute = numerics.number("atol") ?? 0;
      if (!(relative >= 1e-15 || absolute > 0)) throw fault("numerics.rtol", relative, "doubles resolve about 1e-16", "choose 1e-15 or more");
      if (relative >= 1) throw fault("numerics.rtol", relative, "it must be less than 1", "for example 1e-10");
      if (relative < 0 || absolute < 0) throw fault("numerics.atol", absolute, "both must be finite and not negative, and one of them positive", "for example rtol 1e-10 with atol 0");
      put("motion", "flow", kind);
      put("motion", "lambda", lambda);
      put("numerics", "stepper", stepper);
      put("numerics", "rtol", relative);
      put("numerics", "atol", absolute);
      return { kind, lambda: lambda ?? 0, stepper, relative, absolute };
    }

    /// Throws unless 0 < ε ≤ λ.
    function matched(lambda, step, field) {
      if (!(lambda > 0 && Number.isFinite(lambda))) throw fault("motion.lambda", lambda, "λ must be positive and finite");
      if (!(step > 0 && Number.isFinite(step))) throw fault(field, step, "the time step ε must be positive and finite");
      if (step > lambda) throw fault(field, step, `it is above λ = ${text(lambda)}, where β = 1 − ε/λ would be negative`, "choose ε ≤ λ");
      if (!((step * step) / lambda > 0) || !(1 - step / lambda < 1)) throw fault(field, step, `with λ = ${text(lambda)} it makes γ = ε²/λ or 1 − β = ε/λ vanish in double precision`, "choose a larger ε");
    }

    function readMethod(motion, plan, put) {
      const method = motion.choice("method", ["heavy-ball", "nesterov"]) ?? "heavy-ball";
      put("motion", "method", method);
      let [gamma, beta, lambda, step] = ["gamma", "beta", "lambda", "step"].map((key) => motion.number(key));
      if ([gamma, beta, lambda, step].every((one) => one === undefined) && plan.preset) ({ gamma, beta } = plan.preset);
      const isNesterov = method === "nesterov";
      if (gamma !== undefined && beta !== undefined && lambda === undefined && step === undefined) {
        if (!(gamma > 0)) throw fault("motion.gamma", gamma, "the step γ must be positive and finite");
        if (!(beta >= 0 && beta < 1)) throw fault("motion.beta", beta, "the momentum β must satisfy 0 ≤ β < 1");
        if (!Number.isFinite(gamma / ((1 - beta) * (1 - beta)))) throw fault("motion.gamma", gamma, "λ = γ/(1−β)² overflows", "choose a smaller γ");
        put("motion", "gamma", gamma);
        put("motion", "beta", beta);
        return { first: gamma, second: beta, isMatched: false, isNesterov, method, step: gamma / (1 - beta) };
      }
      if (gamma === undefined && beta === undefined && lambda !== undefined && step !== undefined) {
        matched(lambda, step, "motion.step");
        put("motion", "lambda", lambda);
        put("motion", "step", step);
        return { first: lambda, second: step, isMatched: true, isNesterov, method, step };
      }
      throw fault("motion.method", method, "its step is given either by motion.gamma and motion.beta, or by motion.lambda and motion.step");
    }

    function readEnd(goal, put) {
      const [time, residual] = [goal.number("until"), goal.number("residual")];
      if ((time === undefined) === (residual === undefined)) throw fault("goal", undefined, "exactly one end is needed", "give goal.until or goal.residual");
      if (time !== undefined) {
        put("goal", "until", positive("goal.until", time, "the time must be positive"));
        return { last: time };
      }
      const last = goal.number("max_time") ?? 1e6;
      put("goal", "residual", positive("goal.residual", residual));
      put("goal", "max_time", positive("goal.max_time", last));
      return { last, residual };
    }

    function readIterations(goal, put) {
      const [count, residual] = [goal.count("iterations"), goal.number("residual")];
      if ((count === undefined) === (residual === undefined)) throw fault("goal", undefined, "exactly one end is needed", "give goal.iterations or goal.residual");
      if (count !== undefined) {
        put("goal", "iterations", count);
        return { last: count };
      }
      const last = goal.count("max_iterations") ?? 10_000_000;
      put("goal", "residual", positive("goal.residual", residual));
      put("goal", "max_iterations", last);
      return { last, residual };
    }

    function readStates(recording, put, end, isDiscrete) {
      const [samples, at, spread, from] = [recording.count("samples"), recording.numbers("at"), recording.count("log_samples"), recording.number("log_from")];
      const every = recording.flag("every") ?? false;
      if ([samples !== undefined, at !== undefined, spread !== undefined, every].filter(Boolean).length > 1) throw fault("recording", undefined, "several ways to choose the states to record are given", "give one of samples, at, log_samples and every");
      if (from !== undefined && spread === undefined) throw fault("recording.log_from", undefined, "it goes with recording.log_samples");
      const what = isDiscrete ? "iteration" : "time";
      if (samples !== undefined) {
        if (samples < 2) throw fault("recording.samples", String(samples), `the first and the last ${what} make at least 2`);
        if (samples > most.points) throw fault("recording.samples", String(samples), `at most ${most.points} are recorded here`);
        put("recording", "samples", samples);
        if (end.residual !== undefined) return { kind: 2, count: samples };
        if (!isDiscrete) return { kind: 3, list: Array.from({ length: samples }, (_, j) => (j === samples - 1 ? end.last : (j / (samples - 1)) * end.last)) };
        const parts = Math.min(Math.max(samples - 1, 1), Math.max(end.last, 1));
        const list = [];
        for (let j = 0; j <= parts; j++) {
          const k = Math.round((j / parts) * end.last);
          if (list.at(-1) !== k) list.push(k);
        }
        return { kind: 4, list };
      }
      if (at !== undefined) {
        const show = (x) => (isDiscrete ? String(x) : text(x));
        if (!at.length) throw fault("recording.at", undefined, "no value is given");
        at.forEach((x, j) => {
          if (!(x >= 0 && x <= end.last) || (isDiscrete && !Number.isInteger(x))) throw fault("recording.at", show(x), `it lies outside 0 … ${show(end.last)}`);
          if (j && at[j - 1] >= x) throw fault("recording.at", undefined, `${show(at[j - 1])} is followed by ${show(x)}`, "values must increase");
        });
        put("recording", "at", at);
        return { kind: isDiscrete ? 4 : 3, list: at };
      }
      if (spread !== undefined) {
        if (end.residual !== undefined) throw fault("recording.log_samples", undefined, "where they end is not known before", `it goes with goal.${isDiscrete ? "iterations" : "until"}`);
        if (spread < 2 || spread > 1e6) throw fault("recording.log_samples", String(spread), "the first and the last make at least 2, and a million are the most allowed");
        const first = from ?? 1;
        if (!(first > 0)) throw fault("recording.log_from", first, "it must be positive");
        if (!(first < end.last)) throw fault(isDiscrete ? "goal.iterations" : "goal.until", isDiscrete ? String(end.last) : end.last, `it does not lie after the first of recording.log_samples, ${text(first)}`, "give a smaller recording.log_from");
        put("recording", "log_samples", spread);
        put("recording", "log_from", first);
        return { kind: isDiscrete ? 6 : 5, count: spread, list: [first, end.last] };
      }
      if (every) put("recording", "every", true);
      return every ? { kind: 1 } : isDiscrete ? { kind: 0 } : { kind: 2, count: 100 };
    }

    // ---- Computing

    const outcomes = ["running", "reached", "residual", "stationary", "max-time", "max-iterations", "max-work", "diverged", "non-finite", "step-too-small"];

    /// Computes an experiment with the module's exports.
    ///
    /// `options.progress(fraction, what)` is told now and then, `options.pause()` awaited between slices: it may throw to stop.
    async function compute(x, document, { arrays = false, progress, pause } = {}) {
      const began = performance.now();
      const { plan, full } = read(document);
      const result = { measurements: {}, experiment: full, arrays: {} };
      const m = result.measurements;
      const set = (key, value, reason, into = m) => {
        if (value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value))) {
          into[key] = null;
          into[`${key}_reason`] = reason;
        } else into[key] = value;
      };
      const put = (numbers) => {
        // Memory may grow, and its old buffer is gone then.
        const at = x.input(numbers.length);
        new Float64Array(x.memory.buffer, at, numbers.length).set(numbers);
      };
      const list = (index) => {
        const [length, at] = [x.count(index), x.list(index)];
        return new Float64Array(x.memory.buffer, at, length).slice();
      };

      if (plan.gaussian) x.gaussian(plan.n, plan.d, plan.gaussian.nonzeros, plan.gaussian.mean, Number(plan.seed & 0xffffffffn), Number(plan.seed >> 32n));
      else {
        put([...plan.matrices.X, ...plan.matrices.y, ...(plan.matrices.truth ?? [])]);
        x.matrices(plan.n, plan.d, plan.matrices.truth ? 1 : 0);
      }
      if (plan.held > 0) x.hold_out(plan.held, Number(plan.seed & 0xffffffffn), Number(plan.seed >> 32n));
      const [rank, unreachable, largest] = list(-4);
      const { rows: n, d } = plan;
      const scale = largest > 0 ? largest : 1;
      const reachable = (tolerance) => unreachable <= Math.max(tolerance, 8 * 2 ** -52 * Math.sqrt(n + d) * scale);
      const requireSolvable = (field, tolerance) => {
        if (!reachable(tolerance)) throw fault(field, field === "target" ? undefined : tolerance, `Xθ = y has no solution to this tolerance: the target lies outside the range of X by ${short(unreachable)}`, "standardize or centre the data, use more features than samples, or run to a fixed time (goal.until)");
      };
      const notes = [];
      if (n >= d) notes.push(`n = ${n} ≥ d = ${d}: the problem is not over-parametrised`);
      if (!reachable(0)) notes.push(`the target lies outside the range of X by ${short(unreachable)}: no interpolator exists, the flow tends to a least-squares solution`);
      if (plan.preset?.remark) notes.push(plan.preset.remark);
      const names = plan.features ?? Array.from({ length: d }, (_, i) => `x${i}`);

      m.command = plan.command;
      m.problem = { name: plan.name, n, d, rank, notes };
      set("seed", plan.gaussian || plan.held > 0 ? Number(plan.seed) : null, "nothing was drawn at random", m.problem);
      set("alpha", plan.alpha, "the initialisation was given by files", m.problem);
      if (plan.preset) m.problem.preset = plan.preset.name;
      if (plan.held > 0) m.problem.held_out = plan.held;

      const flow = plan.flow;
      if (flow?.kind === "gf" && plan.hasSpeed) throw fault("initialisation.u0_rate, initialisation.v0_rate", undefined, "gradient flow is of first order and has no initial speed", "leave them out, or choose motion.flow: mgf");
      put(plan.start);
      x.start();
      const allowed = Math.min(plan.seconds ?? Infinity, most.seconds);
      const passes = plan.passes ?? 2e13 / (n * d);

      /// Runs what was begun to its end, in slices; the outcome.
      async function drive(what = "t", from = 0, share = 1) {
        let count = 64;
        for (;;) {
          const start = performance.now();
          if (x.advance(count)) return outcomes[x.outcome()];
          const now = performance.now();
          progress?.(from + share * x.progress(), what === "t" ? `t = ${short(x.place())}` : `${what} ${short(x.place(), 12)}`);
          if (now - began > 1000 * allowed) return "max-seconds";
          count = Math.max(8, Math.min(1 << 20, Math.round((count * Math.min(4, 12 / Math.max(now - start, 0.5))))));
          await pause?.();
        }
      }

      const isDiscrete = Boolean(plan.method);
      const spent = (outcome) => (outcome === "max-work" ? `goal.max_work ${plan.passes ?? Math.round(passes)} is spent` : `the time of ${short(allowed)} s is up`);
      const signs = (flat) => {
        const found = [];
        for (let k = 0; k < flat.length; k += 3) {
          const feature = flat[k] % d;
          const isPlus = flat[k] < d;
          found.push({ coordinate: isPlus ? "plus" : "minus", direction: flat[k + 2], feature, name: names[feature], sign: isPlus ? 1 : -1, time: flat[k + 1] });
        }
        return found;
      };
      const noTest = "there is neither a known θ* nor a held-out row (holdout, truth)";

      if (plan.command === "solve") {
        if (plan.end.residual !== undefined) requireSolvable("goal.residual", plan.end.residual);
        if (plan.record.list) put(plan.record.list);
        x.record(plan.record.kind, plan.record.count ?? plan.record.list?.length ?? 0);
        x.flow(flow.lambda, flow.relative, flow.absolute, plan.end.last, plan.end.residual ?? -1, passes);
        const outcome = await drive();
        const [s, times, w, v, loss, residual, energy, changes] = [0, 1, 2, 3, 4, 5, 6, 7].map(list);
        m.outcome = outcome;
        m.flow = flow.kind;
        set("lambda", flow.kind === "gf" ? null : flow.lambda, "gradient flow has no λ");
        Object.assign(m, { stepper: "taylor", rtol: flow.relative, atol: flow.absolute, time: s[0], energy: s[3], steps: s[4], rejected_steps: 0, gradient_evaluations: s[5], local_error: s[6] });
        set("loss", s[1], "it overflows at the last finite state");
        set("residual_max", s[2], "it overflows at the last finite state");
        set("energy_drift", s[7], "the initial energy is zero, or energies overflow");
        set("balance_check", s[8], "the balancedness overflows");
        set("curvature", s[9], "the weights are not finite");
        if (Number.isFinite(s[9])) m.regime = 4 * flow.lambda * s[9] > 1 ? "oscillatory" : "monotone";
        set("test_error", s[10], noTest);
        set("theta_l1", s[11], "it overflows");
        m.samples = times.length;
        m.sign_changes = signs(changes);
        if (outcome === "max-work" || outcome === "max-seconds") m.failure = `${spent(outcome)} at t = ${short(s[0])} of ${short(plan.end.last)}, after ${s[4]} steps: ${elsewhere(full)}`;
        if (outcome === "non-finite") m.failure = `a value became infinite or not a number at t = ${text(s[0])}; check the data for very large values, or start from a smaller scale α`;
        if (outcome === "step-too-small") m.failure = `the tolerance cannot be met at t = ${text(s[0])}; loosen rtol, or choose a stepper for stiff problems`;
        if (s[12] > 0 && !m.failure) m.failure = `some weight fell below the range of doubles, where this page cannot follow it: start from a larger scale α; or ${elsewhere(full)}`;
        if (arrays) result.arrays = trajectory(times, w, v, loss, residual, energy, null, m.sign_changes);
      } else if (plan.command === "descend") {
        if (plan.end.residual !== undefined) requireSolvable("goal.residual", plan.end.residual);
        if (plan.record.list) put(plan.record.list);
        x.record(plan.record.kind, plan.record.count ?? plan.record.list?.length ?? 0);
        const { first, second, isMatched, isNesterov } = plan.method;
        x.descent(first, second, isMatched ? 1 : 0, isNesterov ? 1 : 0, Math.min(plan.end.last, passes), plan.end.residual ?? -1);
        let outcome = await drive("iteration");
        const [s, times, w, v, loss, residual, energy, changes, iterations] = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(list);
        if (s[3] < plan.end.last && (outcome === "reached" || outcome === "max-iterations")) outcome = "max-work";
        m.outcome = outcome;
        Object.assign(m, { method: plan.method.method, iterations: s[3], lambda: s[4], step: s[5], gamma: s[6], beta: s[7], time: s[0] });
        set("loss", s[1], "it overflows at the last finite iterate");
        set("residual_max", s[2], "it overflows at the last finite iterate");
        set("stability", Number.isFinite(s[8]) ? { curvature: s[8], gamma_h: s[6] * s[8], limit: s[9], regime: s[6] * s[8] > s[9] ? "unstable" : s[6] * s[8] > s[10] ? "oscillatory" : "monotone" } : null, "the curvature at the last weights is not finite");
        set("test_error", s[11], noTest);
        set("theta_l1", s[12], "it overflows");
        m.samples = times.length;
        m.sign_changes = signs(changes);
        if (outcome === "diverged") {
          m.diverged_at = s[13];
          m.failure = `the iterates diverged at iteration ${s[13]}; γh reached ${m.stability ? short(m.stability.gamma_h) : "infinity"} where ${short(s[9])} is the limit of stability: choose a smaller step`;
        }
        if (outcome === "max-work" || outcome === "max-seconds") m.failure = `${spent(outcome)} at iteration ${s[3]} of ${plan.end.last}: ${elsewhere(full)}`;
        if (arrays) result.arrays = trajectory(times, w, v, loss, residual, energy, iterations, m.sign_changes);
      } else if (plan.command === "limit") {
        const residualTolerance = plan.residual ?? 1e-10 * scale;
        requireSolvable("target", residualTolerance);
        beginLimit(plan.flow, plan.method, plan.delta, plan.maximumTime, passes, true);
        const outcome = await drive(isDiscrete ? "iteration" : "t");
        describeLimit(outcome, residualTolerance);
      } else {
        put(plan.steps);
        x.compare(flow.lambda, flow.relative, flow.absolute, plan.isNesterov ? 1 : 0, plan.until, plan.steps.length);
        const outcome = await drive("t", 0, plan.gapWork > 0 ? 0.5 : 1);
        const [s, rows] = [list(0), list(1)];
        m.outcome = outcome;
        Object.assign(m, { flow: "mgf", order: 1, method: plan.isNesterov ? "nesterov" : "heavy-ball", lambda: flow.lambda, until: plan.until, stepper: "taylor", rtol: flow.relative, atol: flow.absolute, gradient_evaluations: s[0] });
        m.rows = plan.steps.map((_, k) => {
          const r = rows.subarray(11 * k, 11 * k + 11);
          const row = { step: r[0], gamma: r[1], beta: r[2], iterations: r[3] };
          const reason = r[10] > 0 ? `the iterates diverged at iteration ${r[10]}` : "the run was stopped";
          ["max_error", "rms_error", "final_error", "theta_max_error", "theta_rms_error", "theta_final_error"].forEach((key, j) => set(key, r[10] > 0 ? null : r[4 + j], reason, row));
          if (r[10] > 0) m.failure ??= `the iterates with step ${text(r[0])} diverged at iteration ${r[10]}; choose smaller steps`;
          return row;
        });
        set("slope", s[1], "fewer than two steps have a finite error");
        set("theta_slope", s[2], "fewer than two steps have a finite error");
        if (outcome === "max-seconds") m.failure = `${spent(outcome)}: ${elsewhere(full)}`;
        await findGaps(outcome);
      }

      function beginLimit(flow, method, delta, time, passes, estimates) {
        if (method) x.descent_limit(method.first, method.second, method.isMatched ? 1 : 0, method.isNesterov ? 1 : 0, delta, time, Math.min(passes, Math.ceil(time / method.step)));
        else x.flow_limit(flow.lambda, flow.relative, flow.absolute, delta, time, passes, estimates ? 1 : 0);
      }

      function describeLimit(outcome, residualTolerance) {
        const [s, delta0, delta, theta, start, regime, changes] = [0, 1, 2, 3, 4, 5, 6].map((index) => list(index));
        const plain = (values) => (values.every((x) => Number.isFinite(x)) ? Array.from(values) : null);
        m.outcome = outcome;
        m.route = "project";
        const isGradientFlow = plan.flow?.kind === "gf";
        if (plan.flow) {
          m.flow = plan.flow.kind;
          set("lambda", isGradientFlow ? null : plan.flow.lambda, "gradient flow has no λ");
          const reason = "the limit of gradient flow needs no integration";
          set("stepper", isGradientFlow ? null : "taylor", reason);
          set("rtol", isGradientFlow ? null : plan.flow.relative, reason);
          set("atol", isGradientFlow ? null : plan.flow.absolute, reason);
        } else {
          const { first, second, isMatched, method } = plan.method;
          Object.assign(m, isMatched
            ? { method, lambda: first, step: second, gamma: (second * second) / first, beta: 1 - second / first }
            : { method, gamma: first, beta: second, lambda: first / ((1 - second) * (1 - second)), step: first / (1 - second) });
        }
        m.time = s[0];
        m.residual_at_projection = s[1];
        if (isDiscrete) m.iterations = s[2];
        else if (!isGradientFlow) Object.assign(m, { steps: s[2], rejected_steps: 0, local_error: s[4] });
        m.gradient_evaluations = s[3];
        set("delta_0", plain(delta0), "some entries overflow");
        set("delta_inf", plain(delta), "some entries overflow");
        set("theta_inf", plain(theta), "some entries overflow");
        set("theta_tilde_0", plain(start), "some entries overflow");
        m.residual_tolerance = residualTolerance;
        m.delta_tolerance = plan.delta;
        m.certificate = {};
        set("interpolation", s[8], "the last iterate is not finite", m.certificate);
        set("row_space", s[9], "some Δ∞ is zero or not finite", m.certificate);
        set("distance", s[10], "some Δ∞ is zero, or the independent minimiser did not converge", m.certificate);
        m.regime = {};
        const noProgramme = "the linear programme of the minimum-ℓ1 interpolator was not solved";
        [["theta_l1", "it overflows"], ["minimum_l1", noProgramme], ["distance_to_minimum_l1", noProgramme], ["theta_l2", "it overflows"], ["minimum_l2", "it overflows"], ["distance_to_minimum_l2", "it overflows"], ["position", Number.isFinite(regime[1]) ? "both interpolators have the same ℓ1 norm" : noProgramme]]
          .forEach(([key, reason], j) => set(key, regime[j], reason, m.regime));
        const size = (values) => values.reduce((most, x) => (Math.abs(x) <= most ? most : Math.abs(x)), 0);
        const before = plan.start.slice(0, d).map((w, i) => 0.25 * (w * w - plan.start[d + i] * plan.start[d + i]));
        m.perturbation = {};
        set("theta_tilde_0_max", size(start), "some entries overflow", m.perturbation);
        set("moved", size(start.map((x, i) => x - before[i])), "some entries overflow", m.perturbation);
        set("relative", size(start) / size(theta), "θ∞ is zero, or some entries overflow", m.perturbation);
        const reason = Number.isNaN(s[6]) ? "the run did not end as asked, or the second one with a looser tolerance did not" : s[16] > 0
          ? "some weight fell below the range of doubles, where this method cannot follow it: start from a larger scale α" : "the limit cannot be projected from where the run ended";
        m.error_estimate = {};
        set("delta", s[6], reason, m.error_estimate);
        set("theta", s[7], reason, m.error_estimate);
        set("balance_check", s[5], "the additive identity is one of flows, not of discrete runs");
        set("lambda_certified", s[11], "the initial residual or X is zero, or a weight starts with a log-velocity below −1/(2λ)");
        set("test_error", s[12], noTest);
        m.sign_changes = signs(changes);
        if (outcome === "diverged") m.failure = `the iterates diverged at iteration ${s[2] + 1}; choose a smaller step`;
        else if (s[16] > 0) m.failure = `some weight fell below the range of doubles, where this page cannot follow it: start from a larger scale α; or ${elsewhere(full)}`;
        else if (outcome === "max-work" || outcome === "max-seconds") m.failure = `${spent(outcome)} at ${isDiscrete ? `iteration ${s[2]}` : `t = ${short(s[0])}`}: ${elsewhere(full)}`;
        else if (outcome === "reached" && !(s[6] <= plan.delta)) {
          m.failure = Number.isFinite(s[6])
            ? `the error estimate of Δ∞, ${short(s[6])}, is above goal.delta_tolerance ${short(plan.delta)}: ${plan.flow && plan.flow.relative > 1e-15 ? "tighten numerics.rtol" : "loosen goal.delta_tolerance"}` : `Δ∞ has no error estimate: ${reason}`;
        } else if (outcome === "reached" && !(s[8] <= residualTolerance)) {
          m.failure = `θ∞ misses the targets by ${short(s[8])}: the weights are too large for their differences to be resolved; start from a smaller scale α`;
        }
      }

      async function findGaps(outcome) {
        const none = (reason) => set("limit_gap", null, reason);
        if (outcome !== "reached") return none("the flow did not reach T");
        if (!(plan.gapWork > 0)) return none("left out: gap_work is 0");
        if (!reachable(1e-10 * scale)) return none("Xθ = y has no solution");
        const bound = Math.min(plan.gapWork / (n * d + 50 * d + 500), 1e15);
        const shares = plan.steps.length + 1;
        let done = 0;
        const limit = async (flow, method, what) => {
          beginLimit(flow, method, 1e-8, 1e15, bound, false);
          const end = await drive(method ? "iteration" : "t", 0.5 + (0.5 * done++) / shares, 0.5 / shares);
          if (end === "reached") return [list(2), list(3)];
          throw new Error(`${what} did not come near enough to its limit in ${Math.floor(bound)} gradient evaluations (${end} at t = ${short(list(0)[0])}); raise gap_work`);
        };
        const most = (values) => values.reduce((a, b) => (Math.abs(b) <= a ? a : Math.abs(b)), 0);
        try {
          const [delta, theta] = await limit({ lambda: flow.lambda, relative: 1e-15, absolute: 0 }, null, "the flow");
          const gaps = [];
          for (const row of m.rows) {
            if (row.max_error === null) continue;
            const other = await limit(null, { first: flow.lambda, second: row.step, isMatched: true, isNesterov: plan.isNesterov, step: row.step }, `the descent with step ${text(row.step)}`);
            const gap = { step: row.step };
            set("delta", most(Array.from(delta, (a, i) => (a - other[0][i]) / a)), "some Δ∞ of the flow is zero", gap);
            set("theta", most(Array.from(theta, (a, i) => a - other[1][i])) / most(theta), "θ∞ of the flow is zero", gap);
            gaps.push(gap);
          }
          m.limit_gap = gaps;
        } catch (error) {
          if (error.name === "AbortError" || error instanceof WebAssembly.RuntimeError) throw error;
          none(error.message);
        }
      }

      function trajectory(times, w, v, loss, residual, energy, iterations, changes) {
        const count = times.length;
        const found = {};
        const add = (name, dimensions, values, longName, units = "1") => {
          found[name] = { dimensions, shape: dimensions.map((one) => ({ time: count, feature: d, event: changes.length }[one])), values, longName, units };
        };
        const column = (all, first) => {
          const values = new Float64Array(count * d);
          for (let row = 0; row < count; row++) values.set(all.subarray(2 * d * row + first, 2 * d * row + first + d), row * d);
          return values;
        };
        const grid = ["time", "feature"];
        const [plus, minus] = [column(w, 0), column(w, d)];
        add("time", ["time"], times, "time of the flow, t = k epsilon for iterates");
        add("feature", ["feature"], names, "name of the feature", null);
        add("w_plus", grid, plus, "balanced coordinate w+ = u + v");
        add("w_minus", grid, minus, "balanced coordinate w- = u - v");
        add("w_plus_rate", grid, column(v, 0), "time derivative of w+");
        add("w_minus_rate", grid, column(v, d), "time derivative of w-");
        add("theta", grid, plus.map((p, j) => 0.25 * (p * p - minus[j] * minus[j])), "predictor theta = (w+^2 - w-^2)/4");
        add("balancedness", grid, plus.map((p, j) => Math.abs(p * minus[j])), "balancedness Delta = |u^2 - v^2| = |w+ w-|");
        add("loss", ["time"], loss, "loss |X theta - y|^2/(2n)");
        add("residual_max", ["time"], residual, "largest residual |X theta - y|");
        add("energy", ["time"], energy, "energy: loss + lambda (|dw+/dt|^2 + |dw-/dt|^2)/4");
        if (iterations) add("iteration", ["time"], iterations, "iteration k");
        const truth = list(-3);
        if (truth.length) add("theta_star", ["feature"], truth, "true coefficients theta*");
        if (changes.length) {
          const events = (key) => Float64Array.from(changes, (one) => one[key]);
          add("sign_change_time", ["event"], events("time"), "time at which a weight changes sign");
          add("sign_change_feature", ["event"], events("feature"), "feature whose weight changes sign, 0-based");
          add("sign_change_coordinate", ["event"], events("sign"), "which weight: +1 for w+, -1 for w-");
          add("sign_change_direction", ["event"], events("direction"), "+1 from negative to positive, -1 from positive to negative");
        }
        return found;
      }

      const bits = BigInt.asUintN(64, x.fingerprint()).toString(16).padStart(16, "0");
      x.forget();
      m.wall_seconds = (performance.now() - began) / 1000;
      m.provenance = { software: "MomentumFlow", engine: "WebAssembly", bits, date: `${new Date().toISOString().slice(0, 19)}Z`, command_line: commandLine(full), experiment: full };
      return result;
    }

    const describe = (error) => {
      if (error.name === "Fault") return { name: "Fault", field: error.field, subject: error.subject, reason: error.reason, remedy: error.remedy, message: error.message };
      return { name: "Fault", field: "", subject: "this page", reason: `its arithmetic stopped (${error.message})`, remedy: "the problem may be too large for it: install mgf", message: `this page: its arithmetic stopped (${error.message}); the problem may be too large for it: install mgf` };
    };
    return { most, commands, read, compute, describe, commandLine };
  }

  /// The worker: one job after the other; between slices it looks for messages.
  function serve(kernel) {
    let module = null;
    let exports = null;
    let current = null;
    const cancelled = new Set();
    const queue = [];
    const channel = new MessageChannel();
    let resume = null;
    channel.port1.onmessage = () => resume?.();
    const rest = () => new Promise((resolve) => {
      resume = resolve;
      channel.port2.postMessage(0);
    });

    async function job({ id, experiments, arrays, isList }) {
      const started = performance.now();
      let told = started;
      for (let index = 0; index < experiments.length; index++) {
        if (cancelled.has(id)) return;
        try {
          exports ??= (await WebAssembly.instantiate(module, {})).exports;
          const result = await kernel.compute(exports, experiments[index], {
            arrays,
            progress: (fraction, what) => {
              const now = performance.now();
              if (now - told < 50) return;
              told = now;
              postMessage({ id, progress: fraction, what, index });
            },
            pause: async () => {
              await rest();
              if (cancelled.has(id)) throw Object.assign(new Error("cancelled"), { name: "AbortError" });
            },
          });
          if (index % 8 === 7) await rest();
          if (cancelled.has(id)) return;
          postMessage({ id, result, index }, Object.values(result.arrays).filter((one) => one.values instanceof Float64Array).map((one) => one.values.buffer));
        } catch (error) {
          if (cancelled.has(id)) return;
          // What a trap leaves behind cannot be used again.
          if (error.name !== "Fault") exports = null;
          postMessage({ id, fault: kernel.describe(error), index });
          if (!isList) break;
        }
      }
      postMessage({ id, end: true });
    }

    async function work() {
      if (current) return;
      while ((current = queue.shift())) {
        await job(current);
        cancelled.delete(current.id);
        postMessage({ id: current.id, idle: true });
      }
      current = null;
    }

    self.onmessage = ({ data }) => {
      if (data.module) module = data.module;
      else if (data.cancel) cancelled.add(data.cancel);
      else {
        queue.push(data);
        work();
      }
    };
  }

  const core = kernel();
  const lanes = new Map();
  let number = 0;
  let module = null;
  let source = null;

  const aborted = () => Object.assign(new Error("A newer request took its place."), { name: "AbortError" });
  const raised = (content) => Object.assign(new Error(content.message), content);

  /// The module, compiled once.
  function compile() {
    module ??= (async () => {
      const packed = atob(globalThis.MF_WASM ?? "");
      return WebAssembly.compile(Uint8Array.from(packed, (one) => one.charCodeAt(0)));
    })();
    return module;
  }

  async function worker() {
    const compiled = await compile();
    source ??= URL.createObjectURL(new Blob([`"use strict";\n(${serve})((${kernel})());\n`], { type: "text/javascript" }));
    const made = new Worker(source);
    made.postMessage({ module: compiled });
    return made;
  }

  /// Ends a job of a lane; its worker, too, if it does not answer.
  function cancel(lane, job) {
    if (job.isOver) return;
    job.isOver = true;
    job.reject(aborted());
    lane.worker?.postMessage({ cancel: job.id });
    const busy = lane.worker;
    job.patience = setTimeout(() => {
      if (lane.worker !== busy) return;
      busy?.terminate();
      lane.worker = null;
      const waiting = lane.job;
      if (waiting && !waiting.isOver) send(lane, waiting);
    }, 400);
  }

  async function send(lane, job) {
    try {
      // One worker, however many jobs wait for it.
      if (!lane.worker) {
        lane.making ??= worker().finally(() => { lane.making = null; });
        const made = await lane.making;
        lane.worker ??= made;
      }
    } catch (error) {
      if (job.isOver) return;
      job.isOver = true;
      return job.reject(raised(core.describe(error)));
    }
    if (job.isOver) return;
    lane.worker.onmessage = ({ data }) => {
      if (data.idle) {
        const ended = lane.jobs.get(data.id);
        clearTimeout(ended?.patience);
        lane.jobs.delete(data.id);
        return;
      }
      const one = lane.jobs.get(data.id);
      if (!one || one.isOver) return;
      if (data.progress !== undefined) one.onProgress?.(data.progress, data.what, data.index);
      else if (data.result) {
        one.results[data.index] = data.result;
        one.onResult?.(data.result, data.index);
      } else if (data.fault) {
        if (!one.isList) {
          one.isOver = true;
          return one.reject(raised(data.fault));
        }
        // One of many goes wrong alone.
        one.results[data.index] = { fault: data.fault, measurements: {}, experiment: one.experiments[data.index], arrays: {} };
        one.onResult?.(one.results[data.index], data.index);
      } else if (data.end) {
        one.isOver = true;
        one.resolve(one.results);
      }
    };
    lane.worker.onerror = (event) => {
      event.preventDefault?.();
      lane.worker?.terminate();
      lane.worker = null;
      if (!job.isOver) {
        job.isOver = true;
        job.reject(raised(core.describe(new Error(event.message ?? "the worker failed"))));
      }
    };
    lane.worker.postMessage({ id: job.id, experiments: job.experiments, arrays: job.arrays, isList: job.isList });
  }

  const engine = {
    name: "wasm",
    info: null,
    async start() {
      await compile();
      engine.info = { version: globalThis.MF_VERSION ?? "", limits: { ...core.most }, stores: [], files: [], experiment: null, commands: [...core.commands] };
      return engine.info;
    },
    /// See the contract of engines: one experiment or a list; a newer run of the lane takes the place of an older one.
    run({ lane: name = "", experiment, experiments, arrays = false, signal, onProgress, onResult }) {
      if (!lanes.has(name)) lanes.set(name, { worker: null, making: null, job: null, jobs: new Map() });
      const lane = lanes.get(name);
      if (lane.job) cancel(lane, lane.job);
      if (signal?.aborted) return Promise.reject(aborted());
      return new Promise((resolve, reject) => {
        const job = { id: ++number, isList: experiments !== undefined, experiments: experiments ?? [experiment], arrays, results: [], onProgress, onResult, resolve, reject, isOver: false };
        lane.job = job;
        lane.jobs.set(job.id, job);
        signal?.addEventListener("abort", () => cancel(lane, job), { once: true });
        send(lane, job);
      });
    },
    /// Reads an experiment without running it: the experiment in full; throws a fault.
    complete: (experiment) => core.read(experiment).full,
    /// Computes in the calling thread with the exports of an instance: for tests.
    compute: (exports, experiment, options) => core.compute(exports, experiment, options),
    compile,
  };
  return engine;
})();
