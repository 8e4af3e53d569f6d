"use strict";
/// The runs of a sweep: any columns against any others, brushed and opened.
const Stores = (() => {
  let host = null, chart = null, rows = null, index = -1, timer = 0;
  let parts = {};
  let filters = [];

  const forms = [["scatter", "points"], ["lines", "lines"], ["heat", "heat map"]];
  const info = () => App.info.stores[index];
  const columns = () => info().columns;
  const symbols = { gamma: "γ", beta: "β", lambda: "λ", step: "ε", alpha: "α", samples: "n", features: "d", nonzeros: "s" };
  /// A name that tells it from all others.
  const titled = (name) => {
    const long = columns().find((one) => one.name === name)?.long_name;
    return symbols[name] ?? (long && columns().filter((one) => one.long_name === long).length === 1 ? long : name);
  };
  const values = (name) => rows?.arrays[name]?.values ?? [];

  /// The columns of numbers, without those that have none.
  function numbers() {
    const all = columns().filter((one) => one.kind !== "text").map((one) => one.name);
    return rows ? all.filter((name) => values(name).some((value) => Number.isFinite(value))) : all;
  }

  /// What is plotted; it lives in the address as x,y,colour,form,log x,log y,log colour.
  function plot() {
    const numeric = numbers();
    const axes = columns().filter((one) => one.axis && one.kind !== "text").map((one) => one.name);
    const rest = numeric.filter((name) => !axes.includes(name));
    const liked = ["delta_ratio_median", "test_error", "loss", "residual_max"].find((name) => rest.includes(name)) ?? rest[0];
    const start = axes.length >= 2 ? [axes[0], axes[1], liked ?? "", "heat"] : [axes[0] ?? numeric[0], liked ?? numeric[1] ?? numeric[0], axes[1] ?? "", "scatter"];
    const [x, y, color, form, lx, ly, lc] = State.look.plot ? State.look.plot.split(",") : start;
    const known = (name, otherwise) => (numeric.includes(name) ? name : otherwise);
    const found = { x: known(x, start[0]), y: known(y, start[1]), color: color === "" || numeric.includes(color) ? color ?? "" : start[2], form: forms.some(([key]) => key === form) ? form : "scatter" };
    found.lx = lx === undefined ? wantsLog(found.x) : lx === "1";
    found.ly = ly === undefined ? wantsLog(found.y) : ly === "1";
    found.lc = lc === undefined ? found.color !== "" && wantsLog(found.color) : lc === "1";
    return found;
  }

  function wantsLog(name) {
    let low = Infinity, high = -Infinity;
    for (const value of values(name)) {
      if (value <= 0) return false;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return high / low > 50 && high < Infinity;
  }

  const choose = (changes) => {
    const now = { ...plot(), ...changes };
    State.setLook({ plot: [now.x, now.y, now.color, now.form, +now.lx, +now.ly, +now.lc].join(",") }, true);
  };

  function select(label, key, options) {
    const element = Make("select", { onchange: () => choose({ [key]: element.value, ...(key === "x" ? { lx: wantsLog(element.value) } : key === "y" ? { ly: wantsLog(element.value) } : key === "color" ? { lc: element.value !== "" && wantsLog(element.value) } : {}) }) }, options.map(([value, text]) => Make("option", { value }, text)));
    parts[key] = element;
    return Make("label", {}, label, element);
  }

  function check(label, key) {
    const element = Make("input", { type: "checkbox", onchange: () => choose({ [key]: element.checked }) });
    parts[key] = element;
    return Make("label", {}, element, label);
  }

  function build() {
    const numeric = numbers().map((name) => [name, titled(name)]);
    parts = {};
    parts.title = Make("h2", {}, info().name);
    parts.count = Make("span", { role: "status" });
    parts.chips = Make("div", { class: "chips" });
    parts.readout = Make("output", { class: "readout" });
    parts.place = Make("div", { class: "plot" });
    parts.scale = Make("div", { class: "scale", hidden: true });
    parts.axis = Make("div", { class: "axis-x" });
    parts.yname = Make("div", { class: "axis-y" });
    // What brushing does, for those who have no mouse.
    const column = Make("select", { "aria-label": "Column" }, numeric.map(([value, text]) => Make("option", { value }, text)));
    const [low, high] = ["from", "to"].map((name) => Make("input", { class: "field", type: "text", inputmode: "decimal", "aria-label": name, autocomplete: "off" }));
    const keep = Make("details", { class: "keep" }, Make("summary", {}, "Keep runs by a range"), Make("form", { onsubmit: (event) => {
      event.preventDefault();
      const range = [low.value.trim() === "" ? -Infinity : Number(low.value), high.value.trim() === "" ? Infinity : Number(high.value)];
      if (range.some(Number.isNaN)) return;
      filters = [...filters.filter((one) => one.name !== column.value), { name: column.value, range }];
      draw();
    } }, column, Make("span", {}, "from"), low, Make("span", {}, "to"), high, Make("button", { class: "quiet" }, "Keep")));
    parts.table = Make("div", { class: "runs", tabindex: "0", role: "region", "aria-label": "Runs" });
    parts.error = Make("p", { class: "note", hidden: true });
    host.replaceChildren(
      Make("div", { class: "sheet" }, Make("header", {}, parts.title, parts.count),
        Make("div", { class: "choosers" }, select("across", "x", numeric), select("up", "y", numeric), select("colour", "color", [["", "none"], ...numeric]), select("as", "form", forms), check("log across", "lx"), check("log up", "ly"), check("log colour", "lc")),
        parts.chips, keep, Make("figure", { "aria-label": "Runs of the store" }, Make("div", { class: "above" }, parts.readout), parts.place, parts.axis, parts.scale), parts.error),
      Make("div", { class: "sheet" }, Make("header", {}, Make("h2", {}, "Runs")), parts.table),
    );
    chart?.remove();
    chart = new Charts.Chart(parts.place, {
      id: "store", title: info().name, height: 420, right: 20, free: true,
      onReadout: (found) => { parts.readout.replaceChildren(...found.map((one) => Make("span", {}, one.text))); },
      onBrush: (x, y) => brush(x, y),
      onPoint: (x, y, left, top) => { const run = runAt(x, y, left, top); if (run !== null) open(run); },
      onKey: (event) => {
        if (event.key !== "Escape" || !filters.length) return false;
        filters = [];
        draw();
        return true;
      },
    });
    parts.place.addEventListener("dblclick", () => { filters = []; draw(); });
  }

  async function load() {
    clearTimeout(timer);
    const at = index;
    try {
      const found = await App.engine.rows(at);
      if (at !== index || host.hidden) return;
      const known = numbers().join();
      rows = found;
      if (numbers().join() !== known) (drawn = -1), build();
      parts.error.hidden = true;
    } catch (error) {
      parts.error.hidden = false;
      parts.error.textContent = error.message;
      if (error.name === "Gone") return;
    }
    if (rows && rows.completed !== drawn) draw();
    if (rows && rows.completed < rows.runs) timer = setTimeout(load, 2000);
  }

  function show(element, which) {
    host = element;
    if (!App.info.stores[which]) return;
    if (index !== which) (filters = []), (rows = null);
    index = which;
    drawn = -1;
    build();
    load();
  }

  function hide() {
    clearTimeout(timer);
    index = -1;
    rows = null;
    chart?.remove();
    chart = null;
    host?.replaceChildren();
  }

  function brush(x, y) {
    const { x: xName, y: yName } = plot();
    filters = filters.filter((one) => one.name !== xName && one.name !== yName);
    filters.push({ name: xName, range: x });
    if (yName !== xName && y[1] > y[0]) filters.push({ name: yName, range: y });
    draw();
  }

  function kept() {
    const found = [];
    const tests = filters.map(({ name, range }) => [values(name), range]);
    const count = rows ? Math.max(0, ...Object.values(rows.arrays).map((one) => one.values.length)) : 0;
    for (let k = 0; k < count; k++) if (tests.every(([list, [low, high]]) => list[k] >= low && list[k] <= high)) found.push(k);
    return found;
  }

  const cellEdges = (list, log) => {
    const place = log ? Math.log : (v) => v;
    const back = log ? Math.exp : (v) => v;
    const at = list.map(place);
    return list.map((_, k) => {
      const low = k ? (at[k - 1] + at[k]) / 2 : at[k] - (at.length > 1 ? (at[1] - at[0]) / 2 : 0.5);
      const high = k < at.length - 1 ? (at[k + 1] + at[k]) / 2 : at[k] + (at.length > 1 ? (at[k] - at[k - 1]) / 2 : 0.5);
      return [back(low), back(high)];
    });
  };

  function quantiles(list, log) {
    const sorted = list.filter((value) => (log ? value > 0 : true) && Number.isFinite(value)).sort((a, b) => a - b);
    return sorted.length ? [sorted[Math.floor(sorted.length * 0.02)], sorted[Math.ceil(sorted.length * 0.98) - 1]] : [0, 1];
  }

  let model = null;

  let drawn = -1;

  function draw() {
    if (!chart || !rows) return;
    drawn = rows.completed;
    const now = plot();
    for (const key of ["x", "y", "color", "form"]) parts[key].value = now[key];
    for (const key of ["lx", "ly", "lc"]) parts[key].checked = now[key];
    const runs = kept();
    const [xs, ys] = [values(now.x), values(now.y)];
    const cs = now.color ? values(now.color) : null;
    parts.count.textContent = `${runs.length} of ${rows.runs} runs${rows.completed < rows.runs ? `, ${rows.completed} completed so far` : ""}`;
    parts.chips.replaceChildren(...(filters.length
      ? filters.map((one) => Make("button", { type: "button", "aria-label": `Take the filter of ${titled(one.name)} away`, onclick: () => { filters = filters.filter((other) => other !== one); draw(); } }, `${Format.number(one.range[0])} ≤ ${titled(one.name)} ≤ ${Format.number(one.range[1])}  ×`))
      : ["Drag over the plot to keep some runs; click one to open it."]));
    const inside = runs.filter((k) => (now.lx ? xs[k] > 0 : Number.isFinite(xs[k])) && (now.ly ? ys[k] > 0 : Number.isFinite(ys[k])));
    const [low, high] = cs ? quantiles(inside.map((k) => cs[k]), now.lc) : [0, 1];
    const part = (value) => (now.lc ? Math.log(value / low) / (Math.log(high / low) || 1) : (value - low) / (high - low || 1));
    const series = [];
    let cells = null;
    const theme = Charts.theme();
    let [xRange, yRange] = [Charts.padded(spread(xs, inside), { log: now.lx }), Charts.padded(spread(ys, inside), { log: now.ly })];
    if (now.form === "heat") {
      const [ux, uy] = [unique(xs, inside), unique(ys, inside)];
      if (ux.length * uy.length <= 40000 && ux.length && uy.length) {
        const groups = new Map();
        for (const k of inside) {
          const key = xs[k] + "|" + ys[k];
          if (!groups.has(key)) groups.set(key, []);
          groups.get(key).push(k);
        }
        const [ex, ey] = [cellEdges(ux, now.lx), cellEdges(uy, now.ly)];
        const [ix, iy] = [new Map(ux.map((v, k) => [v, k])), new Map(uy.map((v, k) => [v, k]))];
        cells = [...groups.values()].map((list) => {
          const k = list[0];
          const value = cs ? Views.median(list.map((r) => cs[r])) : list.length;
          const [x0, x1] = ex[ix.get(xs[k])], [y0, y1] = ey[iy.get(ys[k])];
          return { x0, x1, y0, y1, runs: list, value, color: cs ? (Number.isFinite(value) && (!now.lc || value > 0) ? Charts.shade(part(value)) : theme.missing) : Charts.shade(0.5) };
        });
        xRange = [ex[0][0], ex.at(-1)[1]];
        yRange = [ey[0][0], ey.at(-1)[1]];
      } else now.form = "scatter";
    }
    if (now.form === "lines") {
      const levels = cs ? unique(cs, inside) : [null];
      const shown = levels.slice(0, 40);
      shown.forEach((level, place) => {
        const own = inside.filter((k) => level === null || cs[k] === level).sort((a, b) => xs[a] - xs[b]);
        const [x, y] = [Float64Array.from(own, (k) => xs[k]), Float64Array.from(own, (k) => ys[k])];
        const color = shown.length <= 7 ? theme.colors[place] : Charts.shade(document.documentElement.dataset.theme === "dark" ? 0.15 + 0.85 * place / (shown.length - 1) : 0.85 * place / (shown.length - 1));
        series.push({ label: level === null ? now.y : `${now.color} ${Format.number(level)}`, x, y, kind: "line", color, width: 1.5 }, { label: "runs", x, y, kind: "dots", color, radius: 2.5 });
      });
    } else if (now.form === "scatter") {
      const bins = cs ? 12 : 1;
      const groups = Array.from({ length: bins + 1 }, () => []);
      for (const k of inside) {
        const at = cs ? (Number.isFinite(cs[k]) && (!now.lc || cs[k] > 0) ? Math.min(bins - 1, Math.max(0, Math.floor(part(cs[k]) * bins))) : bins) : 0;
        groups[at].push(k);
      }
      groups.forEach((own, at) => {
        if (!own.length) return;
        own.sort((a, b) => xs[a] - xs[b]);
        series.push({
          label: "runs", x: Float64Array.from(own, (k) => xs[k]), y: Float64Array.from(own, (k) => ys[k]), kind: "dots", radius: inside.length > 3000 ? 1.5 : 3.2,
          color: at === bins ? theme.missing : cs ? Charts.shade((at + 0.5) / bins) : theme.colors[0],
        });
      });
    }
    model = {
      title: `${titled(now.y)} against ${titled(now.x)}`, runs: inside, cells,
      x: { label: titled(now.x), log: now.lx, min: xRange[0], max: xRange[1] }, y: { label: titled(now.y), log: now.ly, min: yRange[0], max: yRange[1] }, series,
      description: `${inside.length} runs, ${titled(now.y)} against ${titled(now.x)}${now.color ? `, coloured by ${titled(now.color)}` : ""}.`,
      readout: (x, y, from) => {
        if (x === null || x === undefined) return [{ text: `${titled(now.y)} ↑ against ${titled(now.x)} →` }];
        const run = from ? runAt(x, y, from.u.valToPos(x, "x"), from.u.valToPos(y, "y")) : null;
        if (run === null) return [{ text: `${now.x} ${Format.number(x)}` }, { text: `${now.y} ${Format.number(y)}` }];
        return [{ text: `run ${runNumber(run)}` }, { text: `${now.x} ${Format.number(xs[run])}` }, { text: `${now.y} ${Format.number(ys[run])}` }, cs ? { text: `${now.color} ${Format.number(cs[run])}` } : null].filter(Boolean);
      },
      table: () => table(runs),
    };
    chart.set(model);
    parts.axis.textContent = `${titled(now.x)} →`;
    parts.scale.hidden = !cs || now.form === "lines";
    if (cs) {
      parts.scale.replaceChildren(Make("span", {}, Format.number(low, 2)), Make("i"), Make("span", {}, Format.number(high, 2)), Make("em", {}, titled(now.color)));
      parts.scale.querySelector("i").style.background = `linear-gradient(90deg, ${Array.from({ length: 11 }, (_, k) => Charts.shade(k / 10)).join(",")})`;
    }
    list(runs, now);
  }

  const spread = (list, runs) => {
    let low = Infinity, high = -Infinity;
    for (const k of runs) (low = Math.min(low, list[k])), (high = Math.max(high, list[k]));
    return low <= high ? [low, high] : null;
  };
  const unique = (list, runs) => [...new Set(runs.map((k) => list[k]))].filter((v) => Number.isFinite(v)).sort((a, b) => a - b);
  const runNumber = (k) => rows.arrays.run?.values[k] ?? k;

  function runAt(x, y, left, top) {
    if (!model) return null;
    const now = plot();
    if (model.cells) return model.cells.find((cell) => x >= cell.x0 && x <= cell.x1 && y >= cell.y0 && y <= cell.y1)?.runs[0] ?? null;
    const [xs, ys] = [values(now.x), values(now.y)];
    let found = null, best = 12;
    for (const k of model.runs) {
      const distance = Math.hypot(chart.u.valToPos(xs[k], "x") - left, chart.u.valToPos(ys[k], "y") - top);
      if (distance < best) (best = distance), (found = k);
    }
    return found;
  }

  function table(runs) {
    const names = columns().map((one) => one.name).filter((name) => rows.arrays[name]);
    return { columns: names, rows: runs.map((k) => names.map((name) => values(name)[k])) };
  }

  function list(runs, now) {
    const axes = columns().filter((one) => one.axis).map((one) => one.name);
    const names = [...new Set([...axes, now.x, now.y, now.color, ...(rows.arrays.outcome ? ["outcome"] : [])])].filter((name) => name && rows.arrays[name]);
    const shown = runs.slice(0, 100);
    parts.table.replaceChildren(Make("table", {},
      Make("caption", {}, runs.length > shown.length ? `The first ${shown.length} of ${runs.length} runs` : Format.count(runs.length, "run")),
      Make("thead", {}, Make("tr", {}, Make("th", { scope: "col" }, "run"), names.map((name) => Make("th", { scope: "col" }, name)), Make("th", {}, Make("span", { class: "hidden" }, "open")))),
      Make("tbody", {}, shown.map((k) => Make("tr", {}, Make("th", { scope: "row" }, String(runNumber(k))), names.map((name) => {
        const value = values(name)[k];
        return Make("td", {}, typeof value === "number" ? Format.number(value, 4) : String(value));
      }), Make("td", {}, Make("button", { type: "button", class: "quiet", onclick: () => open(k) }, "Open")))))));
  }

  /// Goes to the live view of a run.
  async function open(k) {
    let document;
    try {
      document = await App.engine.experimentOf(index, runNumber(k));
    } catch (error) {
      parts.error.hidden = false;
      parts.error.textContent = error.message;
      return;
    }
    const found = Experiments.settings(document);
    State.setLook({ tab: "live", zoom: null, t: null }, true);
    State.set("A", found);
  }

  return { show, hide, refresh: () => index >= 0 && draw(), redraw: () => index >= 0 && draw(), get model() { return model; }, brush: (x, y) => brush(x, y), open };
})();
