"use strict";
/// All settings of the page. They live in the address, after the #, where they differ from the defaults; those of B where they
/// differ from A's.
const State = (() => {
  /// Published settings; see `mgf presets`.
  const presets = {
    "even-2023-centred": { n: 20, d: 30, nonzeros: 3, mean: 0, alpha: 0.1 },
    "even-2023-uncentred": { n: 20, d: 30, nonzeros: 3, mean: 5, alpha: 0.1 },
    "even-2023-large": { n: 50, d: 100, nonzeros: 2, mean: 0, alpha: 0.1 },
    "pesme-2021": { n: 40, d: 100, nonzeros: 5, mean: 0, alpha: 0.01 },
    "pesme-2021-small": { n: 40, d: 100, nonzeros: 5, mean: 0, alpha: 0.005 },
    "saddle-5x7": { n: 5, d: 7, nonzeros: 2, mean: 0, alpha: 1e-120 },
    "saddle-6x6": { n: 6, d: 6, nonzeros: 2, mean: 0, alpha: 1e-10 },
    "lyu-2025": { n: 40, d: 100, nonzeros: 5, mean: 0, alpha: 0.1, lambda: 3, step: 0.3 },
  };

  /// What can be set: its value at first, where it may lie on a slider, and the parts of an experiment that it becomes.
  const settings = {
    lambda: { start: 1, range: [1e-3, 100], scale: "log", paths: ["motion.lambda"] },
    step: { start: 0.1, range: [1e-3, 10], scale: "log", paths: ["motion.step", "motion.steps", "goal.iterations"] },
    alpha: { start: 0.1, range: [1e-4, 2], scale: "log", paths: ["initialisation.alpha", "initialisation"] },
    n: { start: 20, range: [2, 100], scale: "whole", paths: ["problem.gaussian.samples", "problem.samples"] },
    d: { start: 30, range: [2, 200], scale: "whole", paths: ["problem.gaussian.features", "problem.features"] },
    nonzeros: { start: 3, range: [1, 20], scale: "whole", paths: ["problem.gaussian.nonzeros", "problem.nonzeros"] },
    mean: { start: 0, range: [-5, 5], scale: "linear", by: 0.1, paths: ["problem.gaussian.mean", "problem.mean"] },
    holdout: { start: 0, range: [0, 0.5], scale: "linear", by: 0.05, paths: ["problem.holdout"] },
    seed: { start: 1, range: [1, 100], scale: "whole", paths: ["problem.seed"] },
    until: { start: 40, range: [1, 1000], scale: "log", paths: ["goal.until", "recording", "recording.log_from"] },
    depth: { start: 3, range: [1, 6], scale: "whole", paths: ["network.depth"] },
    flow: { start: "mgf", among: ["mgf", "gf"], paths: ["motion.flow"] },
    method: { start: "heavy-ball", among: ["heavy-ball", "nesterov", "none"], paths: ["motion.method"] },
    network: { start: "diagonal", among: ["diagonal", "power", "layers"], paths: ["network.network"] },
    loss: { start: "square", among: ["square", "logistic", "exponential"], paths: ["network.loss"] },
    /// "gaussian"; "given", the data of the command line; or a problem as JSON.
    data: { start: "gaussian", paths: ["problem"] },
  };

  /// How things are looked at, for A and B alike.
  const looks = {
    tab: { start: "live" },
    time: { start: "linear", among: ["linear", "log"] },
    values: { start: "log", among: ["log", "linear"] },
    feature: { start: null, number: true },
    plane: { start: "w", among: ["w", "uv"] },
    colour: { start: "ratio", among: ["ratio", "test"] },
    t: { start: null, number: true },
    zoom: { start: null, pair: true },
    view: { start: "" },
    plot: { start: "" },
  };

  const state = { A: {}, B: null, look: {} };
  const listeners = [];
  let starts = {};

  function reset() {
    starts = Object.fromEntries(Object.entries(settings).map(([key, one]) => [key, one.start]));
    Object.assign(starts, first);
    state.A = { ...starts };
    state.B = null;
    state.look = Object.fromEntries(Object.entries(looks).map(([key, one]) => [key, one.start]));
  }
  let first = {};

  function parsed(one, text, otherwise) {
    if (one.among) return one.among.includes(text) ? text : otherwise;
    if (one.pair) {
      const pair = text.split(",").map(Number);
      return pair.length === 2 && pair.every(Number.isFinite) && pair[0] < pair[1] ? pair : otherwise;
    }
    if (one.number || one.range) return text !== "" && Number.isFinite(Number(text)) ? Number(text) : otherwise;
    return text;
  }

  /// Takes the settings from an address; what is missing or makes no sense stays as it is at first.
  function read(hash) {
    reset();
    const query = new URLSearchParams(hash.replace(/^#/, ""));
    for (const [key, one] of Object.entries(settings))
      if (query.has(key)) state.A[key] = parsed(one, query.get(key), state.A[key]);
    if (query.has("compare")) {
      state.B = { ...state.A };
      for (const [key, one] of Object.entries(settings))
        if (query.has("B." + key)) state.B[key] = parsed(one, query.get("B." + key), state.B[key]);
    }
    for (const [key, one] of Object.entries(looks))
      if (query.has(key)) state.look[key] = parsed(one, query.get(key), state.look[key]);
  }

  /// The address's part after the #. What the command line gave is written out too, so that a link means the same everywhere.
  function text(from = state) {
    const query = new URLSearchParams();
    for (const [key, one] of Object.entries(settings))
      if (from.A[key] !== one.start || first[key] !== undefined && first[key] !== one.start) query.set(key, from.A[key]);
    if (from.B) {
      query.set("compare", "1");
      for (const key of Object.keys(settings)) if (from.B[key] !== from.A[key]) query.set("B." + key, from.B[key]);
    }
    for (const [key, one] of Object.entries(looks)) {
      const value = from.look[key];
      if (value !== null && value !== one.start) query.set(key, Array.isArray(value) ? value.map((v) => Number(v.toPrecision(6))).join(",") : value);
    }
    return query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  }

  let moving = false;
  let written = 0;
  let timer = 0;
  let last = "";

  function address(push) {
    const hash = text();
    if (hash === last && !push) return;
    const target = hash ? "#" + hash : location.pathname.endsWith("/") || location.protocol !== "file:" ? location.pathname + location.search : "#";
    try {
      if (push && hash !== last) history.pushState(null, "", target);
      else history.replaceState(null, "", target);
    } catch {
      // Pages without an address, such as those within a frame, keep their settings to themselves.
    }
    last = hash;
    written = performance.now();
  }

  /// One step of the history for each gesture: begun by its first change, replaced until it ends.
  function write(final) {
    clearTimeout(timer);
    if (final) {
      address(!moving);
      moving = false;
    } else if (!moving) {
      moving = true;
      address(true);
    } else if (performance.now() - written > 200) address(false);
    else timer = setTimeout(() => address(false), 200);
  }

  const tell = (what) => listeners.forEach((listener) => listener(what));

  /// Changes settings of one side; `final` is false while a slider moves.
  function set(side, changes, final = true) {
    Object.assign(state[side], changes);
    write(final);
    tell({ settings: true, final });
  }

  /// Changes how things are looked at. What comes and goes, such as a zoom, takes no step of the history.
  function look(changes, push = false) {
    Object.assign(state.look, changes);
    address(push);
    tell({ look: true, final: true });
  }

  function compare(on) {
    if (on === (state.B !== null)) return;
    state.B = on ? { ...state.A } : null;
    address(true);
    tell({ settings: true, sides: true, final: true });
  }

  /// Goes to an address, as a link does.
  function open(hash, push = true) {
    read(hash);
    if (push) address(true);
    else last = text();
    tell({ settings: true, look: true, sides: true, final: true, opened: true });
  }

  /// What a page shows where its address says nothing: the experiment of the command line.
  function begin(values, look) {
    if (values) first = values;
    if (look) for (const key of Object.keys(look)) looks[key].start = look[key];
  }

  const back = () => open(location.hash, false);

  /// The setting that a part of an experiment came from, or null.
  function settingOf(path) {
    const exact = Object.keys(settings).find((key) => settings[key].paths.includes(path));
    if (exact) return exact;
    if (path === "motion.gamma") return "gamma";
    if (path === "motion.beta") return "beta";
    const start = Object.keys(settings).find((key) => settings[key].paths.some((own) => path.startsWith(own + ".")));
    return start ?? null;
  }

  return {
    get A() { return state.A; },
    get B() { return state.B; },
    get look() { return state.look; },
    sides: () => (state.B ? ["A", "B"] : ["A"]),
    settings, presets, read, text, set, setLook: look, compare, open, back, begin, settingOf,
    onChange: (listener) => listeners.push(listener),
    /// Ends a gesture that stopped without a last change.
    settle: () => {
      if (!moving) return;
      write(true);
      tell({ settings: true, final: true });
    },
  };
})();
