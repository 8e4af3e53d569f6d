"use strict";
/// What each view draws of which results. A view is {id, title, lead, jobs, build(side)}; build gives a model for `Charts`, or
/// {message} where there is nothing to draw.
const Views = (() => {
  const number = Format.number;

  // Trajectories, column by column

  const cache = new WeakMap();

  /// The columns of an array over time and feature.
  function columns(array) {
    if (!array) return null;
    let found = cache.get(array);
    if (found) return found;
    const [rows, width] = array.shape;
    found = Array.from({ length: width }, () => new Float64Array(rows));
    for (let r = 0, k = 0; r < rows; r++) for (let c = 0; c < width; c++, k++) found[c][r] = array.values[k];
    cache.set(array, found);
    return found;
  }

  /// A result as views take it: times, names, columns by name, events.
  function trajectory(result) {
    if (!result?.arrays?.time || !result.arrays.theta) return null;
    let found = cache.get(result);
    if (found) return found;
    const { arrays, measurements } = result;
    const d = arrays.theta.shape[1];
    const names = arrays.feature?.values ? [...arrays.feature.values].map(String) : Array.from({ length: d }, (_, k) => "x" + k);
    const blocks = Object.keys(arrays).filter((name) => name.startsWith("w_") && !name.endsWith("_rate"));
    // w₊ before w₋, w₁ before w₂, in whatever order a file has them.
    blocks.sort((a, b) => (a === "w_plus" ? -1 : b === "w_plus" ? 1 : a.localeCompare(b, "en", { numeric: true })));
    const events = [];
    const at = arrays.sign_change_time?.values ?? [];
    for (let k = 0; k < at.length; k++) {
      const sign = arrays.sign_change_coordinate?.values[k];
      const block = sign !== undefined ? (sign > 0 ? 0 : 1) : arrays.sign_change_block?.values[k] ?? 0;
      events.push({ time: at[k], feature: arrays.sign_change_feature.values[k], block, direction: arrays.sign_change_direction?.values[k] ?? 0 });
    }
    found = { result, measurements, t: arrays.time.values, d, names, blocks, events, column: (name) => columns(arrays[name]), line: (name) => arrays[name]?.values ?? null };
    cache.set(result, found);
    return found;
  }

  const blockNames = { w_plus: "w₊", w_minus: "w₋" };
  const blockName = (name) => blockNames[name] ?? name.replace(/^w_(\d+)$/, (_, k) => "w" + Format.lowered(k));

  // Where results come from: the live run of a side, or a file.

  let source = null;
  const runs = (side) => {
    if (source) return { flow: trajectory(source), descent: null, limit: null, settings: State.A };
    const of = (kind) => Compute.slot(side, kind).result;
    return { flow: trajectory(of("flow")), descent: trajectory(of("descent")), limit: of("limit"), settings: State[side] };
  };

  // Colours: the same coordinate has the same everywhere.

  const chosen = new Map();

  /// What holds while one frame is drawn.
  const frame = new Map();
  const fresh = () => frame.clear();
  function once(name, make) {
    if (!frame.has(name)) frame.set(name, make());
    return frame.get(name);
  }

  /// The coordinates that have a colour of their own: those of θ* that are not zero, or the largest ones.
  const emphasis = (side) => once("emphasis" + side, () => emphasised(side));
  function emphasised(side) {
    const { flow, limit } = runs(side);
    const problem = source ? source : JSON.stringify(Experiments.problem(State[side]));
    const kept = chosen.get(side);
    if (kept && kept.problem === problem && (kept.d === flow?.d || !flow)) return kept.features;
    const truth = flow?.result.arrays.theta_star?.values;
    let values = truth ? [...truth] : limit?.measurements.theta_inf ?? (flow ? flow.column("theta").map((one) => one[one.length - 1]) : []);
    let features = values.map((value, k) => [Math.abs(value), k]).filter(([size]) => size > 0).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    if (truth && features.length > 7) features = features.slice(0, 7);
    if (!truth) features = features.slice(0, 5);
    features = features.map(([, k]) => k).sort((a, b) => a - b);
    if (flow) chosen.set(side, { problem, features, d: flow.d });
    return features;
  }

  function colorOf(side, feature) {
    const place = emphasis(side).indexOf(feature);
    const colors = Charts.theme().colors;
    if (place >= 0) return colors[place % colors.length];
    return feature === selected(side) ? Charts.theme().foreground : Charts.theme().muted;
  }

  /// The coordinate that is looked at: the one that was clicked, else the first that changes sign, else the largest.
  const selected = (side) => once("selected" + side, () => select(side));
  function select(side) {
    const { flow } = runs(side);
    const d = flow?.d ?? Infinity;
    // Both sides look at the same one.
    if (side === "B" && State.look.feature === null && runs("A").flow?.d === d) return selected("A");
    if (State.look.feature !== null && State.look.feature < d) return State.look.feature;
    return emphasis(side).includes(flow?.events[0]?.feature) ? flow.events[0].feature : emphasis(side)[0] ?? 0;
  }

  const strong = (side, feature) => feature === selected(side) || emphasis(side).includes(feature);

  /// The lines of all coordinates, the muted ones first, so that the others lie on top.
  function order(side, d) {
    const pick = selected(side);
    const own = emphasis(side).filter((k) => k < d && k !== pick);
    const muted = Array.from({ length: d }, (_, k) => k).filter((k) => k !== pick && !own.includes(k));
    return [...muted, ...own, ...(pick < d ? [pick] : [])];
  }

  const lineOf = (side, feature) => ({
    color: colorOf(side, feature), feature, group: strong(side, feature) ? undefined : "muted",
    width: feature === selected(side) ? 2.6 : emphasis(side).includes(feature) ? 1.8 : 0.9,
  });

  // Time

  function timeAxis(side, times) {
    const log = State.look.time === "log" && !source;
    const end = source ? times[times.length - 1] : State[side].until;
    const start = log ? end / 1000 : 0;
    const [min, max] = State.look.zoom ?? [start, end];
    return { label: "time t", log, min: log ? Math.max(min, start) : min, max: Math.max(max, min + 1e-12), time: true };
  }

  const windowOf = (x) => [x.min, x.max];

  const readAt = (t, values, time) => values[Charts.nearest(t, time)];

  /// What is read at a time, or at the end where no time is given.
  function readings(time, entries) {
    return entries.filter(Boolean).map(({ label, color, t, y }) => {
      const at = time ?? t[t.length - 1];
      return { text: `${label} ${number(readAt(t, y, at))}`, color };
    });
  }
  const timeText = (time, t) => (time === null ? { text: `t ${number(t[t.length - 1])}` } : { text: `t ${number(time)}` });

  const iteratesName = (settings) => (settings.flow === "gf" ? "gradient descent" : settings.method === "nesterov" ? "Nesterov" : "heavy ball");

  function timeTable(t, named) {
    const shown = Array.from({ length: t.length }, (_, k) => k);
    return { columns: ["t", ...named.map(([name]) => name)], rows: shown.map((k) => [t[k], ...named.map(([, values]) => values[k])]) };
  }

  const waiting = { message: null };

  /// Iterates may blow up: then the flow says how far the axis reaches.
  function rangeOf(flowSeries, dotSeries, x, log) {
    const flow = Charts.extent(flowSeries, "y", { log, window: windowOf(x) });
    const dots = Charts.extent(dotSeries, "y", { log, window: windowOf(x) });
    if (!flow) return Charts.padded(dots, { log });
    if (!dots) return Charts.padded(flow, { log });
    if (log) return Charts.padded([Math.max(Math.min(flow[0], dots[0]), flow[0] * 1e-3), Math.min(Math.max(flow[1], dots[1]), flow[1] * 1e3)], { log });
    const air = (flow[1] - flow[0]) * 0.75;
    return Charts.padded([Math.max(Math.min(flow[0], dots[0]), flow[0] - air), Math.min(Math.max(flow[1], dots[1]), flow[1] + air)]);
  }

  // The views

  const theta = {
    id: "theta", title: "Coefficients θ", jobs: ["flow", "descent", "limit"], time: true,
    lead: "Each line is one coefficient of the flow, each dot an iterate of the discrete method. Arrows at the edge: the limit.",
    build(side) {
      const { flow, descent, limit, settings } = runs(side);
      if (!flow) return waiting;
      const columns = flow.column("theta");
      const x = timeAxis(side, flow.t);
      const lines = order(side, flow.d).map((k) => ({ label: flow.names[k], x: flow.t, y: columns[k], kind: "line", ...lineOf(side, k) }));
      const iterates = descent && descent.d === flow.d ? descent.column("theta") : null;
      const dots = iterates
        ? order(side, flow.d).filter((k) => strong(side, k)).map((k) => ({
          label: `${flow.names[k]} (${iteratesName(settings)})`, x: descent.t, y: iterates[k], kind: "dots", color: colorOf(side, k), feature: k, radius: 2.2, thin: 7,
        }))
        : [];
      const [min, max] = rangeOf(lines, dots, x, false);
      const limits = limit?.measurements.theta_inf;
      const pick = selected(side);
      const shown = [...new Set([pick, ...emphasis(side)])].slice(0, 4);
      const end = Math.max(0, Charts.find(flow.t, x.max) - 1);
      return {
        x, y: { label: "θ", min, max }, series: [...lines, ...dots],
        labels: order(side, flow.d).filter((k) => strong(side, k)).map((k) => ({ text: flow.names[k], y: columns[k][Math.min(end, flow.t.length - 1)], color: colorOf(side, k), strong: k === pick })),
        edges: limits?.length === flow.d ? emphasis(side).map((k) => ({ y: limits[k], color: colorOf(side, k) })) : [],
        marks: [{ y: 0, dash: [1, 0], color: Charts.theme().grid }],
        readout: (time) => [
          timeText(time, flow.t),
          ...readings(time, shown.map((k) => ({ label: flow.names[k], color: colorOf(side, k), t: flow.t, y: columns[k] }))),
          ...(iterates ? readings(time, [{ label: iteratesName(settings), color: colorOf(side, pick), t: descent.t, y: iterates[pick] }]) : []),
        ],
        description: `${flow.d} coefficients from time 0 to ${number(flow.t[flow.t.length - 1])}. At the end ${shown.map((k) => `${flow.names[k]} is ${number(columns[k].at(-1))}`).join(", ")}.`,
        table: () => timeTable(flow.t, columns.map((values, k) => [flow.names[k], values])),
      };
    },
  };

  const weights = {
    id: "weights", title: "Weights w₊ and w₋", jobs: ["flow", "descent"], time: true,
    lead: "w± = u ± v, solid and dashed. With momentum they may cross zero: rings mark each change of sign.",
    build(side) {
      const { flow, descent, settings } = runs(side);
      if (!flow) return waiting;
      const x = timeAxis(side, flow.t);
      const styles = [undefined, [5, 3], [2, 2], [8, 3, 2, 3]];
      const lines = order(side, flow.d).flatMap((k) =>
        flow.blocks.map((name, b) => ({
          label: `${blockName(name)} ${flow.names[k]}`, x: flow.t, y: flow.column(name)[k], kind: "line", dash: styles[b % styles.length], ...lineOf(side, k), ...(strong(side, k) ? {} : { group: "muted" + b }), block: b,
        })));
      const dots = descent && descent.d === flow.d
        ? order(side, flow.d).filter((k) => strong(side, k)).flatMap((k) =>
          descent.blocks.map((name) => ({
            label: `${blockName(name)} ${flow.names[k]} (${iteratesName(settings)})`, x: descent.t, y: descent.column(name)[k], kind: "dots", color: colorOf(side, k), feature: k, radius: 2, thin: 8,
          })))
        : [];
      const rings = [...new Set(flow.events.map((event) => event.feature))].map((k) => {
        const own = flow.events.filter((event) => event.feature === k).sort((a, b) => a.time - b.time);
        return {
          label: `sign changes of ${flow.names[k]}`, x: Float64Array.from(own, (event) => event.time), y: new Float64Array(own.length), kind: "rings", color: strong(side, k) ? colorOf(side, k) : Charts.theme().theory, feature: k, radius: 4.5, width: 1.6,
        };
      });
      const [min, max] = rangeOf(lines, dots, x, false);
      const pick = selected(side);
      const own = flow.events.filter((event) => event.feature === pick);
      const end = Math.min(flow.t.length - 1, Math.max(0, Charts.find(flow.t, x.max) - 1));
      return {
        x, y: { label: "w", min, max }, series: [...lines, ...dots, ...rings], marks: [{ y: 0, dash: [1, 0], color: Charts.theme().theory }],
        labels: flow.blocks.map((name) => ({ text: blockName(name) + " " + flow.names[pick], y: flow.column(name)[pick][end], color: colorOf(side, pick), strong: true })),
        readout: (time) => [
          timeText(time, flow.t),
          ...readings(time, flow.blocks.map((name) => ({ label: `${blockName(name)} ${flow.names[pick]}`, color: colorOf(side, pick), t: flow.t, y: flow.column(name)[pick] }))),
          { text: own.length ? `crosses zero at ${own.slice(0, 3).map((event) => number(event.time)).join(", ")}` : `${flow.names[pick]} keeps its sign` },
        ],
        description: `${Format.count(flow.events.length, "sign change")} until time ${number(flow.t[flow.t.length - 1])}${flow.events.length ? ": " + flow.events.slice(0, 8).map((event) => `${blockName(flow.blocks[event.block] ?? "w")} of ${flow.names[event.feature]} at ${number(event.time)}`).join(", ") : ""}.`,
        table: () => timeTable(flow.t, flow.blocks.flatMap((name) => flow.column(name).map((values, k) => [`${blockName(name)} ${flow.names[k]}`, values]))),
      };
    },
  };

  const loss = {
    id: "loss", title: "Loss and energy", jobs: ["flow", "descent"], time: true,
    lead: "The energy, loss plus λ/4 times the squared speeds, can only fall. The loss may rise on the way.",
    build(side) {
      const { flow, descent, settings } = runs(side);
      if (!flow) return waiting;
      const x = timeAxis(side, flow.t);
      const log = State.look.values === "log";
      const colors = Charts.theme().colors;
      const lines = [];
      const energy = flow.line("energy");
      if (energy && settings.flow !== "gf") lines.push({ label: "energy", x: flow.t, y: energy, kind: "line", color: colors[1], width: 2 });
      lines.push({ label: "loss", x: flow.t, y: flow.line("loss"), kind: "line", color: colors[0], width: 2 });
      const dots = descent ? [{ label: `loss (${iteratesName(settings)})`, x: descent.t, y: descent.line("loss"), kind: "dots", color: colors[0], radius: 2.2, thin: 7 }] : [];
      const [min, max] = rangeOf(lines, dots, x, log);
      const end = Math.min(flow.t.length - 1, Math.max(0, Charts.find(flow.t, x.max) - 1));
      return {
        x, y: { label: "loss", log, min, max }, series: [...lines, ...dots],
        labels: lines.map((one) => ({ text: one.label, y: one.y[end], color: one.color })),
        readout: (time) => [timeText(time, flow.t), ...readings(time, [...lines, ...dots].map((one) => ({ ...one, t: one.x, label: one.kind === "dots" ? iteratesName(settings) : one.label })))],
        description: `The loss falls from ${number(flow.line("loss")[0])} to ${number(flow.line("loss").at(-1))}.`,
        table: () => timeTable(flow.t, lines.map((one) => [one.label, one.y])),
      };
    },
  };

  const delta = {
    id: "delta", title: "Balancedness Δ", jobs: ["flow", "descent"], time: true,
    lead: "Δ = |u² − v²| = |w₊ w₋|. Gradient flow keeps it; momentum makes it shrink as long as no weight changes sign.",
    build(side) {
      const { flow, descent } = runs(side);
      if (!flow) return waiting;
      const columns = flow.column("balancedness");
      if (!columns) return { message: "Balancedness belongs to the diagonal network, θ = u ⊙ v." };
      const x = timeAxis(side, flow.t);
      const log = State.look.values === "log";
      const lines = order(side, flow.d).map((k) => ({ label: flow.names[k], x: flow.t, y: columns[k], kind: "line", ...lineOf(side, k) }));
      const iterates = descent && descent.d === flow.d ? descent.column("balancedness") : null;
      const dots = iterates
        ? order(side, flow.d).filter((k) => strong(side, k)).map((k) => ({ label: `${flow.names[k]} (iterates)`, x: descent.t, y: iterates[k], kind: "dots", color: colorOf(side, k), feature: k, radius: 2, thin: 8 }))
        : [];
      let [min, max] = rangeOf(lines, dots, x, log);
      const start = columns.map((values) => values[0]);
      const same = start.every((value) => Math.abs(value - start[0]) <= 1e-9 * Math.abs(start[0]));
      if (log) min = Math.max(min, max * 1e-9);
      // What is kept is a line, not a picture of its rounding errors.
      if (max < 1.1 * min || max - min < 1e-6 * max) [min, max] = [min / 2, max * 2];
      const pick = selected(side);
      const end = Math.min(flow.t.length - 1, Math.max(0, Charts.find(flow.t, x.max) - 1));
      const last = columns.map((values, k) => values[values.length - 1] / start[k]).sort((a, b) => a - b);
      return {
        x, y: { label: "Δ", log, min, max }, series: [...lines, ...dots], marks: same ? [{ y: start[0], label: "Δ₀" }] : [],
        labels: order(side, flow.d).filter((k) => strong(side, k)).map((k) => ({ text: flow.names[k], y: columns[k][end], color: colorOf(side, k), strong: k === pick })),
        readout: (time) => [
          timeText(time, flow.t), ...readings(time, [pick, ...emphasis(side).filter((k) => k !== pick)].slice(0, 3).map((k) => ({ label: `Δ ${flow.names[k]}`, color: colorOf(side, k), t: flow.t, y: columns[k] }))),
        ],
        description: `At the end of the run the median of Δ over Δ₀ is ${number(last[last.length >> 1])}, from ${number(last[0])} to ${number(last.at(-1))}.`,
        table: () => timeTable(flow.t, columns.map((values, k) => [flow.names[k], values])),
      };
    },
  };

  const median = (values) => {
    const sorted = values.filter((value) => value === value && value !== null).sort((a, b) => a - b);
    return sorted.length ? (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2 : NaN;
  };
  const ratios = (measurements) => {
    const { delta_inf: last, delta_0: start } = measurements ?? {};
    return last && start ? Float64Array.from(last, (value, k) => (value === null ? NaN : value / start[k])) : null;
  };

  /// What is said where no Δ grows; null where one does.
  const shrinking = (values) => ([...values].every((value) => value < 1) ? "Every Δ shrinks" : [...values].some((value) => !(value <= 1 + 1e-9)) ? null : "No Δ grows");

  const ratio = {
    id: "ratio", title: "Δ∞ / Δ₀ by coordinate", jobs: ["limit", "limitOfIterates", "flow"],
    lead: "How much balancedness is left in the limit: filled for the flow, rings for the iterates. Below 1 it has shrunk.",
    build(side) {
      const { settings } = runs(side);
      const limit = Compute.slot(side, "limit");
      if (limit.why) return { message: limit.why };
      const values = ratios(limit.result?.measurements);
      if (!values) return waiting;
      const log = State.look.values === "log";
      const other = ratios(Compute.slot(side, "limitOfIterates").result?.measurements);
      const d = values.length;
      const at = Float64Array.from(values, (_, k) => k);
      const flow = runs(side).flow;
      const names = flow?.d === d ? flow.names : Array.from({ length: d }, (_, k) => "x" + k);
      const series = [{ label: "stems", x: at, y: values, kind: "stems", foot: log ? 1 : 0, color: Charts.theme().grid, width: 1, apart: true }];
      for (const k of order(side, d)) {
        series.push({ label: names[k], x: at.subarray(k, k + 1), y: values.subarray(k, k + 1), kind: "dots", color: colorOf(side, k), feature: k, radius: k === selected(side) ? 5 : strong(side, k) ? 4.2 : 3 });
      }
      if (other?.length === d)
        for (const k of order(side, d)) series.push({ label: `${names[k]} (iterates)`, x: at.subarray(k, k + 1), y: other.subarray(k, k + 1), kind: "rings", color: strong(side, k) ? colorOf(side, k) : Charts.theme().muted, feature: k, radius: strong(side, k) ? 6.5 : 4.5, width: 1.2 });
      const range = Charts.extent(series.slice(1), "y", { log });
      const [min, max] = Charts.padded(range, { log, include: log ? [1] : [0, 1] });
      const growing = [...values].filter((value) => value > 1 + 1e-9).length;
      const pick = selected(side);
      return {
        x: { label: "coordinate", min: -0.8, max: d - 0.2, ticks: (low, high) => wholeTicks(low, high, d), format: (k) => names[k] ?? "" },
        y: { label: "Δ∞/Δ₀", log, min, max }, series, marks: [{ y: 1, dash: [1, 0], color: Charts.theme().theory }],
        readout: (x) => {
          const k = x === null ? pick : Math.min(d - 1, Math.max(0, Math.round(x)));
          return [{ text: `${names[k]} ${number(values[k])}`, color: colorOf(side, k) }, other?.length === d ? { text: `○ ${iteratesName(settings)} ${number(other[k])}` } : null, { text: `median ${number(median([...values]))}` }].filter(Boolean);
        },
        description: `${limit.result.measurements.flow === "gf" ? "Every Δ is kept" : shrinking(values) ?? `${growing} of ${d} grow`}; the median of Δ∞ over Δ₀ is ${number(median([...values]))}.`,
        table: () => ({ columns: ["coordinate", "Δ₀", "Δ∞", "Δ∞/Δ₀", ...(other ? ["Δ∞/Δ₀ of the iterates"] : [])], rows: names.map((name, k) => [name, limit.result.measurements.delta_0[k], limit.result.measurements.delta_inf[k], values[k], ...(other ? [other[k]] : [])]) }),
      };
    },
  };

  function wholeTicks(low, high, d) {
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((k) => (high - low) / k <= 10) ?? 10000;
    const found = [];
    for (let k = 0; k < d; k += step) if (k >= low && k <= high) found.push(k);
    return found;
  }

  const phase = {
    id: "phase", title: "Phase portrait", jobs: ["flow", "descent", "limit"],
    lead: "One coordinate's two weights against each other. Gradient flow would stay on the hyperbola Δ₀ for ever. Click a line anywhere to choose the coordinate.",
    build(side) {
      const { flow, descent, limit } = runs(side);
      if (!flow) return waiting;
      if (flow.blocks.length < 2) return { message: "A phase portrait needs two blocks of weights." };
      const pick = selected(side);
      const color = colorOf(side, pick);
      const uv = State.look.plane === "uv" && flow.blocks[0] === "w_plus";
      const ends = [flow.blocks[0], flow.blocks.at(-1)];
      const pair = (run) => {
        const [plus, minus] = ends.map((name) => run.column(name)[pick]);
        return uv ? [plus.map((p, k) => (p + minus[k]) / 2), plus.map((p, k) => (p - minus[k]) / 2)] : [plus, minus];
      };
      const [px, py] = pair(flow);
      const series = [{ label: flow.names[pick], x: px, y: py, kind: "line", unsorted: true, color, width: 2.2, feature: pick }];
      // While the network changes, the iterates may still be those of the one before.
      if (descent && descent.d === flow.d && ends.every((name) => descent.column(name))) {
        const [qx, qy] = pair(descent);
        series.push({ label: "iterates", x: qx, y: qy, kind: "dots", unsorted: true, color, radius: 2.2, thin: 6, feature: pick });
      }
      const xRange = Charts.padded(Charts.extent(series.slice(0, 1), "x"), { include: [0], part: 0.1 });
      const yRange = Charts.padded(Charts.extent(series.slice(0, 1), "y"), { include: [0], part: 0.1 });
      const curves = [];
      const hyperbola = (value, label) => {
        if (!(value > 0)) return;
        for (const sign of [1, -1]) {
          const points = uv ? hyperbolaUV(value, sign, xRange, yRange) : hyperbolaW(value, sign, xRange, yRange);
          curves.push({ label, x: points.map((p) => p[0]), y: points.map((p) => p[1]), kind: "line", unsorted: true, apart: true, color: Charts.theme().theory, width: 1, dash: label === "Δ₀" ? [4, 3] : [1, 3] });
        }
      };
      const [label0, label1] = uv ? ["u", "v"] : ends.map(blockName);
      if (flow.blocks[0] === "w_plus" && State[side].network === "diagonal" || source) {
        hyperbola(Math.abs(flow.column("w_plus")?.[pick][0] * flow.column("w_minus")?.[pick][0]), "Δ₀");
        hyperbola(limit?.measurements.delta_inf?.[pick], "Δ∞");
      }
      const events = flow.events.filter((event) => event.feature === pick);
      const spots = [{ x: px[0], y: py[0], color, radius: 4 }];
      const placeAt = (time) => {
        const k = Charts.nearest(flow.t, time);
        return { x: px[k], y: py[k] };
      };
      const from = [px[0], py[0]], to = [px.at(-1), py.at(-1)];
      return {
        title: `Phase portrait of ${flow.names[pick]}`,
        x: { label: label0, min: xRange[0], max: xRange[1] }, y: { label: label1, min: yRange[0], max: yRange[1] },
        series: [...curves, ...series], spots, place: placeAt,
        marks: [{ x: 0, dash: [1, 0], color: Charts.theme().theory }, { y: 0, dash: [1, 0], color: Charts.theme().theory }],
        readout: () => {
          const at = Charts.hovered ?? State.look.t;
          const point = placeAt(at ?? flow.t[flow.t.length - 1]);
          return [{ text: flow.names[pick], color }, { text: `${label0} ${number(point.x)}` }, { text: `${label1} ${number(point.y)}` }, { text: events.length ? Format.count(events.length, "sign change") : "no sign change" }];
        },
        description: `${flow.names[pick]} goes from (${from.map((v) => number(v)).join(", ")}) to (${to.map((v) => number(v)).join(", ")}) with ${Format.count(events.length, "sign change")}.`,
        table: () => timeTable(flow.t, [[label0, px], [label1, py]]),
      };
    },
  };

  function hyperbolaW(value, sign, [x0, x1], [y0, y1]) {
    const points = [];
    for (const branch of [1, -1]) {
      const most = branch > 0 ? x1 : -x0;
      const least = value / Math.max(1e-300, sign * branch > 0 ? y1 : -y0);
      if (most > 0 && least > 0 && least < most) {
        if (points.length) points.push([NaN, NaN]);
        for (let k = 0; k <= 80; k++) {
          const x = branch * least * (most / least) ** (k / 80);
          points.push([x, (sign * value) / x]);
        }
      }
    }
    return points;
  }

  function hyperbolaUV(value, sign, [x0, x1], [y0, y1]) {
    const points = [];
    const root = Math.sqrt(value);
    const most = Math.asinh(Math.max(Math.abs(x0), Math.abs(x1), Math.abs(y0), Math.abs(y1)) / root) + 0.2;
    for (const branch of [1, -1]) {
      if (points.length) points.push([NaN, NaN]);
      for (let k = 0; k <= 80; k++) {
        const s = most * (k / 40 - 1);
        points.push(sign > 0 ? [branch * root * Math.cosh(s), root * Math.sinh(s)] : [root * Math.sinh(s), branch * root * Math.cosh(s)]);
      }
    }
    return points;
  }

  const orderView = {
    id: "order", title: "Distance against step ε", jobs: ["order"],
    lead: "How far the iterates are from the flow of the same λ. A slope of 1 means: half the step, half the distance.",
    build(side) {
      const one = Compute.slot(side, "order");
      if (one.why) return { message: one.why };
      const m = one.result?.measurements;
      if (!m?.rows) return waiting;
      const rows = [...m.rows].filter((row) => row.max_error > 0).sort((a, b) => a.step - b.step);
      const steps = Float64Array.from(rows, (row) => row.step);
      const colors = Charts.theme().colors;
      const pick = (key) => Float64Array.from(rows, (row) => row[key] ?? NaN);
      const most = pick("max_error"), mean = pick("rms_error");
      const series = [];
      if (rows.length && m.slope !== null && m.slope !== undefined) {
        const centre = rows.reduce((sum, row) => sum + Math.log(row.max_error) - m.slope * Math.log(row.step), 0) / rows.length;
        const ends = Float64Array.of(steps[0] / 1.3, steps.at(-1) * 1.3);
        series.push({ label: "fit", x: ends, y: ends.map((e) => Math.exp(centre + m.slope * Math.log(e))), kind: "line", color: Charts.theme().theory, width: 1.2, dash: [5, 3] });
      }
      series.push({ label: "largest", x: steps, y: most, kind: "dots", color: colors[0], radius: 4.5 });
      series.push({ label: "root mean square", x: steps, y: mean, kind: "rings", color: colors[1], radius: 4, width: 1.8 });
      const [xmin, xmax] = Charts.padded(Charts.extent(series, "x", { log: true }), { log: true, part: 0.12 });
      const [min, max] = Charts.padded(Charts.extent(series, "y", { log: true }), { log: true, part: 0.12 });
      return {
        x: { label: "step ε", log: true, min: xmin, max: xmax }, y: { label: "distance", log: true, min, max }, series,
        labels: rows.length ? [{ text: "largest", y: most.at(-1), color: colors[0] }, { text: "r.m.s.", y: mean.at(-1), color: colors[1] }] : [],
        readout: (x) => {
          const k = x === null || !rows.length ? rows.length - 1 : Charts.nearest(steps, x);
          return [{ text: `slope ${m.slope === null || m.slope === undefined ? "–" : m.slope.toFixed(3)}` }, rows[k] ? { text: `ε ${number(rows[k].step)}` } : null, rows[k] ? { text: `largest ${number(rows[k].max_error)}`, color: colors[0] } : null].filter(Boolean);
        },
        description: `The distance falls with slope ${number(m.slope)} in ε; at ε = ${number(steps.at(-1))} it is ${number(most.at(-1))}.`,
        table: () => ({ columns: ["ε", "γ", "β", "iterations", "largest", "root mean square"], rows: m.rows.map((row) => [row.step, row.gamma, row.beta, row.iterations, row.max_error, row.rms_error]) }),
      };
    },
  };

  const certificate = {
    id: "certificate", title: "Certificate, and where the limit lies", jobs: ["limit"], card: true,
    lead: "The limit must fit the data and solve the problem of implicit regularisation. Between least ‖θ‖₁ (rich) and least ‖θ‖₂ (kernel) it has a place.",
    build(side) {
      const one = Compute.slot(side, "limit");
      if (one.why) return { message: one.why };
      const m = one.result?.measurements;
      if (!m) return waiting;
      const { certificate: c = {}, regime = {}, error_estimate: e = {} } = m;
      const position = regime.position;
      const rows = [
        ["fits the data", "max |Xθ∞ − y|", c.interpolation],
        ["meets the optimality condition", "distance of ∇ψ(θ∞) − ∇ψ(θ̃₀) from the row space", c.row_space],
        ["is the minimiser found independently", "distance", c.distance],
        ["error of Δ∞", "estimate, relative", e.delta],
        ["error of θ∞", "estimate", e.theta],
      ];
      return {
        html: true, position, rows, regime, m,
        description: `${m.failure ? `Not to be relied on: ${m.failure}. ` : ""}The limit fits the data to ${number(c.interpolation)}${position === undefined || position === null ? "" : `; it lies at ${number(position)} between the least one-norm, 0, and the least two-norm, 1`}.`,
        table: () => ({ columns: ["what", "value"], rows: [...rows.map(([name, what, value]) => [`${name}: ${what}`, value]), ...Object.entries(regime).filter(([, value]) => typeof value === "number").map(([name, value]) => [name.replaceAll("_", " "), value])] }),
        series: [], x: {}, y: {},
      };
    },
  };

  const curve = {
    id: "curve", title: "Test error against λ", jobs: ["curve", "thresholds", "optimal"],
    lead: "The error of the limit on data not seen. Drag to set λ. Marks: no weight changes sign below λ_cert, by proof; the first one does at λ_c; the least error found between 10⁻³ and 100 is at λ*.",
    build(side) {
      const one = Compute.slot(side, "curve");
      if (one.why) return { message: one.why };
      const { settings } = runs(side);
      const parts = one.parts;
      const found = [];
      (parts ?? []).forEach((part, k) => {
        const error = part?.measurements?.test_error;
        if (error !== null && error !== undefined && !part.measurements.failure) found.push([Experiments.curve.lambda[Experiments.curve.order[k]], error, median([...(ratios(part.measurements) ?? [])])]);
      });
      if (!found.length) return parts?.length && parts.every(Boolean) ? { message: "These data have no test error: choose a holdout." } : waiting;
      found.sort((a, b) => a[0] - b[0]);
      const x = Float64Array.from(found, (row) => row[0]), y = Float64Array.from(found, (row) => row[1]);
      const log = State.look.values === "log";
      const colors = Charts.theme().colors;
      const limits = Compute.slot(side, "thresholds").result?.measurements ?? {};
      const best = Compute.slot(side, "optimal").result?.measurements ?? {};
      const marks = [];
      const certified = limits.lambda_certified ?? runs(side).limit?.measurements.lambda_certified;
      if (certified) marks.push({ x: certified, label: "λ_cert", color: colors[4], row: 0 });
      if (limits.lambda_critical) marks.push({ x: limits.lambda_critical, label: "λ_c", color: colors[3], row: 1 });
      if (best.lambda_optimal && !best.lambda_optimal_is_at_edge) marks.push({ x: best.lambda_optimal, label: "λ*", color: colors[2], row: 0 });
      if (settings.flow !== "gf") marks.push({ x: settings.lambda, label: "λ", color: Charts.theme().foreground, dash: [1, 0], width: 2, row: 2 });
      const [min, max] = Charts.padded(Charts.extent([{ x, y }], "y", { log }), { log, part: 0.1 });
      const least = found.reduce((a, b) => (b[1] < a[1] ? b : a));
      const values = `${limits.lambda_certified ? `λ_cert ${number(limits.lambda_certified)}, ` : ""}${limits.lambda_critical ? `λ_c ${number(limits.lambda_critical)}, ` : ""}${best.lambda_optimal ? `λ* ${number(best.lambda_optimal)}, ` : ""}`;
      return {
        x: { label: "λ", log: true, min: 1e-3, max: 100 }, y: { label: "test error", log, min, max },
        series: [{ label: "test error", x, y, kind: "line", color: colors[0], width: 2 }, { label: "runs", x, y, kind: "dots", color: colors[0], radius: 2.6 }], marks,
        readout: (at) => {
          const lambda = at ?? settings.lambda;
          const k = Charts.nearest(x, lambda);
          return [{ text: `λ ${number(x[k])}` }, { text: `test error ${number(y[k])}`, color: colors[0] }, limits.lambda_critical ? { text: `λ_c ${number(limits.lambda_critical)}`, color: colors[3] } : null, best.lambda_optimal ? { text: `λ* ${number(best.lambda_optimal)}`, color: colors[2] } : null].filter(Boolean);
        },
        description: `Over ${Format.count(x.length, "value")} of λ the least test error is ${number(least[1])} at λ = ${number(least[0])}. ${values}now λ is ${number(settings.lambda)}.`,
        table: () => ({ columns: ["λ", "test error", "median Δ∞/Δ₀"], rows: found }),
      };
    },
  };

  const map = {
    id: "map", title: "Map of γ and β", jobs: ["map", "thresholds"],
    lead: "Each cell is a run of the discrete method to its limit. Along a white line λ is the same. Click a cell, or use the arrow keys and Enter, to open its run.",
    build(side) {
      const one = Compute.slot(side, "map");
      if (one.why) return { message: one.why };
      const { settings } = runs(side);
      const { gamma, rest, beta, order, stride, columns, rows } = Experiments.map;
      const test = State.look.colour === "test";
      const parts = one.parts;
      if (!parts || !parts.some(Boolean)) return waiting;
      const done = parts.reduce((sum, part) => sum + (part ? 1 : 0), 0);
      const kept = map.kept[side];
      const theme = Charts.theme();
      const isKept = kept && kept.parts === parts && kept.done === done && kept.test === test && kept.theme === theme;
      const value = (part) => {
        const m = part?.measurements;
        if (!m || part.fault || (m.outcome && m.outcome !== "reached")) return NaN;
        return test ? m.test_error ?? NaN : median([...(ratios(m) ?? [])]);
      };
      const values = isKept ? kept.values : parts.map((part) => (part ? value(part) : null));
      const finite = isKept ? [] : values.filter((v) => v !== null && v > 0).map(Math.log10).sort((a, b) => a - b);
      const [low, high] = isKept ? [kept.low, kept.high] : finite.length ? [finite[Math.floor(finite.length * 0.02)], finite[Math.ceil(finite.length * 0.98) - 1]] : [0, 1];
      const edges = (list) => {
        const half = Math.sqrt(list[1] / list[0]);
        return [(v) => v / half, (v) => v * half];
      };
      const [gx0] = edges(gamma), [ry0] = edges(rest);
      const stepX = gamma[1] / gamma[0], stepY = rest[1] / rest[0];
      const cells = isKept ? kept.cells : [];
      if (!isKept) for (let k = 0; k < parts.length; k++) {
        if (values[k] === null) continue;
        const [i, j] = order[k];
        const size = stride[k];
        cells.push({
          x0: gx0(gamma[i]), x1: gx0(gamma[i]) * stepX ** size, y0: ry0(rest[j]), y1: ry0(rest[j]) * stepY ** size,
          color: values[k] > 0 ? Charts.shade((Math.log10(values[k]) - low) / (high - low || 1)) : Charts.theme().missing, value: values[k], gamma: gamma[i], beta: beta[j],
        });
      }
      // Coarse cells come first: the finer ones lie on top.
      map.kept[side] = { parts, done, test, theme, values, low, high, cells };
      const x0 = gx0(gamma[0]), x1 = gx0(gamma[0]) * stepX ** columns, y0 = ry0(rest[0]), y1 = ry0(rest[0]) * stepY ** rows;
      const strokes = [0.01, 0.1, 1, 10, 100].map((lambda) => ({
        color: "rgba(255,255,255,0.75)", label: `λ ${lambda}`, points: [[lambda * y0 ** 2, y0], [lambda * y1 ** 2, y1]],
        at: labelPlace(lambda, x0, x1, y0, y1),
      }));
      const here = Experiments.toGamma(settings);
      const spots = [{ x: here.gamma, y: 1 - here.beta, color: "#ffffff", radius: 6 }];
      const cursor = map.cursor[side];
      if (cursor) spots.push({ x: gamma[cursor.i], y: rest[cursor.j], color: Charts.theme().colors[1], radius: 8 });
      const at = (x, y) => {
        const i = Math.min(columns - 1, Math.max(0, Math.floor(Math.log(x / x0) / Math.log(stepX))));
        const j = Math.min(rows - 1, Math.max(0, Math.floor(Math.log(y / y0) / Math.log(stepY))));
        return { i, j };
      };
      const valueAt = ({ i, j }) => {
        const k = order.findIndex(([a, b]) => a === i && b === j);
        return k >= 0 ? values[k] : null;
      };
      const name = test ? "test error" : "median Δ∞/Δ₀";
      return {
        x: { label: "γ", log: true, min: x0, max: x1 },
        y: { label: "β", log: true, min: y0, max: y1, ticks: () => [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01], format: (v) => Format.number(1 - v, 4) },
        series: [], cells, strokes, spots, at, scale: { low: 10 ** low, high: 10 ** high, name },
        readout: (x, y) => {
          const cell = x === null || x === undefined ? (cursor ?? null) : at(x, y);
          if (!cell) return [{ text: `γ ${number(here.gamma)}` }, { text: `β ${number(here.beta)}` }, { text: `λ ${number(settings.lambda)}` }];
          const [g, b] = [gamma[cell.i], beta[cell.j]];
          const v = valueAt(cell);
          return [{ text: `γ ${number(g)}` }, { text: `β ${number(b, 4)}` }, { text: `λ ${number(g / (1 - b) ** 2)}` }, { text: v === null ? "…" : v !== v ? "diverges, or no limit" : `${name} ${number(v)}` }];
        },
        description: `${done} of ${parts.length} runs are there; ${name} goes from ${number(10 ** low)} to ${number(10 ** high)}, ${values.filter((v) => v !== null && v !== v).length} have no value.`,
        table: () => ({ columns: ["γ", "β", "λ", name], rows: parts.map((part, k) => [gamma[order[k][0]], beta[order[k][1]], gamma[order[k][0]] / (1 - beta[order[k][1]]) ** 2, values[k]]).filter((row) => row[3] !== null) }),
      };
    },
    cursor: { A: null, B: null },
    kept: { A: null, B: null },
  };

  function labelPlace(lambda, x0, x1, y0, y1) {
    const onTop = lambda * y1 ** 2;
    if (onTop >= x0 && onTop <= x1) return [onTop, y1];
    const y = Math.sqrt(x1 / lambda);
    if (y >= y0 && y <= y1) return [x1 / 1.9, Math.sqrt(x1 / 1.9 / lambda)];
    return [x0, Math.sqrt(x0 / lambda)];
  }

  const list = [theta, weights, loss, delta, ratio, phase, orderView, curve, certificate, map];

  // In words

  function outcome(side) {
    const { flow, settings } = runs(side);
    const limitSlot = Compute.slot(side, "limit");
    const isWrong = (one) => one.fault && one.fault.name !== "Gone";
    const limit = isWrong(limitSlot) ? null : limitSlot.result?.measurements;
    if (!flow) return "";
    const parts = [];
    const m = flow.measurements;
    const kept = m.flow === "gf";
    const name = kept ? "Gradient flow" : `Momentum gradient flow at λ ${number(m.lambda ?? settings.lambda)}`;
    if (m.residual_max !== undefined && m.residual_max !== null) parts.push(`${name} reaches residual ${number(m.residual_max)} at time ${number(m.time ?? settings.until)}`);
    else parts.push(`${name} reaches loss ${number(m.loss)} at time ${number(m.time ?? settings.until)}`);
    if (limit) {
      const changes = limit.sign_changes ?? [];
      const weights = new Set(changes.map((one) => one.feature + "." + (one.coordinate ?? one.block))).size;
      parts.push(weights === 0 ? "no weight changes sign" : `${Format.count(weights, "weight")} change${weights === 1 ? "s" : ""} sign`);
      const values = ratios(limit);
      if (values) {
        const growing = [...values].filter((value) => value > 1 + 1e-9).length;
        const middle = median([...values]);
        parts.push(kept ? "Δ is kept" : shrinking(values)?.replace(/^./, (letter) => letter.toLowerCase()) ?? `Δ grows in ${growing} of ${values.length} coordinates`);
        if (!kept) parts.push(`median Δ∞/Δ₀ ${number(middle)}`);
      }
      if (limit.test_error !== undefined && limit.test_error !== null) parts.push(`test error ${number(limit.test_error)}`);
    } else if (m.sign_changes) parts.push(`${Format.count(m.sign_changes.length, "change")} of sign until then`);
    const descentSlot = Compute.slot(side, "descent");
    const descent = isWrong(descentSlot) ? null : descentSlot.result?.measurements;
    if (descent?.outcome === "diverged") parts.push(`the iterates of ${iteratesName(settings)} diverge`);
    for (const found of [m, limit, descent]) if (found?.failure && found.outcome !== "diverged") parts.push(`not to be relied on: ${found.failure}`);
    return parts.join("; ") + ".";
  }

  return {
    list, of: (id) => list.find((view) => view.id === id), outcome, selected, emphasis, colorOf, trajectory, runs, ratios, median,
    setSource: (found) => { source = found; chosen.clear(); }, get source() { return source; }, forget: () => chosen.clear(), fresh, map, blockName,
  };
})();
