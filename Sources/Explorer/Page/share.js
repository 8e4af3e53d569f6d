"use strict";

/// What can be taken away from the page: commands, figures, data, experiments, a report.
const Share = (() => {
  const $ = (id) => document.getElementById(id);

  /// What each kind of run is called in what is taken away.
  const names = {
    flow: ["the flow", "flow"], descent: ["the iterates", "iterates"], limit: ["the limit of the flow", "limit"],
    limitOfIterates: ["the limit of the iterates", "limit_of_iterates"], order: ["the order in ε", "comparison"],
    thresholds: ["λ_cert and λ_c", "thresholds"], optimal: ["λ of least test error", "optimal"],
    curve: ["the limit over λ", "curve"], map: ["the map over γ and β", "grid"],
  };

  // What is on the screen

  /// The view that was touched last.
  function view() {
    const { view: id } = App.current();
    return Views.of(id) ?? Views.list[0];
  }

  /// The experiments behind a view, or behind all: [{side, kind, what, name, experiment | experiments}].
  function asked(views) {
    const kinds = new Set(views.flatMap((one) => one.jobs));
    const current = App.current();
    const sides = current.B ? [["A", current.experiments], ["B", current.experimentsB]] : [["A", current.experiments]];
    return sides.flatMap(([side, sent]) =>
      Object.entries(sent ?? {})
        .filter(([kind]) => kinds.has(kind))
        .map(([kind, document]) => {
          const [what, name] = names[kind] ?? [kind, kind];
          const isMany = Array.isArray(document);
          return {
            side, kind, what: current.B ? `${side}: ${what}` : what, name: current.B ? `${name}_${side.toLowerCase()}` : name,
            experiment: isMany ? null : document, experiments: isMany ? document : null,
          };
        }),
    );
  }

  /// The run of a file of which the views are shown, if they are: it brings its experiment.
  function fromFile() {
    const experiment = Views.source?.experiment;
    if (!experiment) return [];
    return [{ side: "A", kind: "flow", what: "the run of the file", name: "result", experiment, experiments: null }];
  }

  const shown = (views) => (Views.source ? fromFile() : asked(views));

  function commandText(list) {
    return list
      .map((one) => {
        const found = one.experiments ? Cite.study(one.experiments, one.kind) : Cite.command(one.experiment);
        if (!found) return `# ${one.what}: no study says it`;
        return `# ${one.what}\n${found.text || "# " + found.reason}`;
      })
      .join("\n");
  }

  function pythonText(list) {
    const single = Object.fromEntries(list.filter((one) => one.experiment).map((one) => [one.name, one.experiment]));
    const parts = Object.keys(single).length ? [Cite.pythonOf(single)] : [];
    for (const one of list.filter((item) => item.experiments)) {
      const study = Cite.pythonStudy(one.experiments, one.kind);
      if (study) parts.push(parts.length ? study.replace("import momentumflow as mf\n\n", "").replace(/^grid = /m, `${one.name} = `) : study);
    }
    return parts.join("\n");
  }

  const documentText = (list) => {
    const all = list.flatMap((one) => one.experiment ?? one.experiments ?? []);
    return all.length === 1 ? Cite.document(all[0]) : `[\n${all.map((one) => Cite.document(one).trimEnd()).join(",\n")}\n]\n`;
  };

  /// The address of what is seen: that of a file or a server that is gone tomorrow means less than what stands behind its #.
  const link = () => location.href.split("#")[0] + (App.state() ? `#${App.state()}` : "");

  // Taking away

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages of files, and browsers that ask first.
      const area = Make("textarea", { class: "hidden", "aria-hidden": "true" });
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) return note(`${what} could not be copied`);
    }
    note(`${what} copied`);
  }

  function save(blob, name) {
    const url = URL.createObjectURL(blob);
    const anchor = Make("a", { href: url, download: name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    note(`${name} saved`);
  }

  const saveText = (text, name, type) => save(new Blob([text], { type: `${type};charset=utf-8` }), name);

  let fading = 0;
  /// Says what has happened, to eye and ear.
  function note(text) {
    App.say(text + ".");
    const place = $("share-note");
    place.textContent = text;
    place.hidden = false;
    clearTimeout(fading);
    fading = setTimeout(() => { place.hidden = true; }, 2500);
  }

  /// Draws with the colours of the light theme, on paper as it were, whatever the page looks like.
  function inLight(draw) {
    const root = document.documentElement;
    const before = root.dataset.theme;
    root.dataset.theme = "light";
    try {
      return draw();
    } finally {
      root.dataset.theme = before;
    }
  }

  const chartsOf = (id) => App.charts().filter((one) => one.id === id);
  const isDrawn = (one) => !one.model.html && one.model.series;

  /// The picture of a chart, in the colours of the page or, for paper, in light ones.
  function picture(chart, { light = false, heading = true, width = 720, height = 440 } = {}) {
    const make = () => {
      const built = light ? Views.of(chart.id)?.build(chart.side) : null;
      const model = built && !("message" in built) ? { ...built, x: { ...built.x, min: chart.model.x.min, max: chart.model.x.max }, y: { ...built.y, min: chart.model.y.min, max: chart.model.y.max } } : chart.model;
      const side = App.current().B ? `${chart.side}: ` : "";
      return Svg.of(model, { title: side + chart.title, description: chart.description, uplot: chart.uplot, heading, width, height });
    };
    return light ? inLight(make) : make();
  }

  const fileName = (chart, ending) => `momentumflow-${chart.id}${App.current().B ? "-" + chart.side : ""}.${ending}`;

  function figures(kind) {
    const charts = chartsOf(view().id).filter(isDrawn);
    if (!charts.length) return note("There is nothing to draw of this view");
    for (const chart of charts) {
      const svg = picture(chart);
      if (kind === "svg") saveText(svg, fileName(chart, "svg"), "image/svg+xml");
      else Svg.png(svg).then((blob) => save(blob, fileName(chart, "png")), (error) => note(`No picture: ${error.message}`));
    }
  }

  const cell = (value) => {
    if (typeof value === "number") return Number.isNaN(value) ? "" : Cite.number(value);
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  function table() {
    const charts = chartsOf(view().id);
    if (!charts.length) return note("There are no data of this view yet");
    for (const chart of charts) {
      const { columns, rows } = chart.table();
      saveText([columns, ...rows].map((row) => row.map(cell).join(",") + "\n").join(""), fileName(chart, "csv"), "text/csv");
    }
  }

  /// What the program makes of the experiments of a view.
  async function made(wanted, ask, ending) {
    const list = shown([view()]).filter((one) => one.experiment && wanted(one.experiment));
    if (!list.length) return note("There is no such file of this view");
    for (const one of list) {
      note(`${one.what} …`);
      try {
        save(await ask(one.experiment), `momentumflow-${one.name.replaceAll("_", "-")}.${ending}`);
      } catch (error) {
        note(error.message);
      }
    }
  }

  const hasTrajectory = (experiment) => ["solve", "descend"].includes(experiment.command);

  // The report

  const settingNames = {
    lambda: "λ", step: "ε", alpha: "α", n: "samples n", d: "features d", nonzeros: "non-zeros in θ*", mean: "mean of the data",
    holdout: "fraction held out", seed: "seed", until: "time horizon T", depth: "depth L", flow: "flow", method: "iterates",
    network: "network", loss: "loss", data: "data",
  };
  const settingWords = { mgf: "momentum gradient flow", gf: "gradient flow", "heavy-ball": "heavy ball", nesterov: "Nesterov", given: "of the command line", gaussian: "Gaussian" };

  /// The settings that matter, with what follows from them.
  function settingRows(s) {
    const isDrawnAtRandom = s.data === "gaussian";
    const rows = [];
    for (const [key, name] of Object.entries(settingNames)) {
      if (!(key in s) || (!isDrawnAtRandom && ["n", "d", "nonzeros", "mean"].includes(key))) continue;
      if ((key === "depth" && s.network === "diagonal") || (key === "lambda" && s.flow === "gf")) continue;
      if (key === "data" && isDrawnAtRandom) continue;
      const value = s[key];
      rows.push([name, typeof value === "number" ? Cite.number(value) : settingWords[value] ?? String(value)]);
    }
    if (s.method !== "none") {
      const { gamma, beta } = Experiments.toGamma(s);
      rows.push(["γ", Format.number(gamma, 6)], ["β", Format.number(beta, 6)]);
    }
    return rows;
  }

  /// Numbers that a run has found, by their names.
  function outcomeRows(result) {
    return Object.entries(result?.measurements ?? {})
      .filter(([name, value]) => (typeof value === "number" || typeof value === "string") && !/(_reason|seconds)$/.test(name) && name !== "command")
      .map(([name, value]) => [name.replaceAll("_", " "), typeof value === "number" ? Format.plain(Number(value.toPrecision(12))) : value]);
  }

  const reportStyle = `
body { margin: 0 auto; max-width: 46rem; padding: 2rem 1.2rem 4rem; background: #fff; color: #222; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
p { margin: .5rem 0; }
.lead { font-size: 1.1rem; }
.quiet, figcaption, caption { color: #5c6066; font-size: .9rem; }
figure { margin: 1.6rem 0 0; break-inside: avoid; }
figcaption b { color: #222; }
svg { width: 100%; height: auto; display: block; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .4rem 0 1rem; }
caption { text-align: left; padding: .2rem 0; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-top: 1px solid #e2e2de; font-weight: 400; vertical-align: top; }
thead th { color: #5c6066; }
td { text-align: right; white-space: nowrap; }
th, pre { overflow-wrap: anywhere; }
.columns { columns: 2 17rem; column-gap: 2rem; }
.columns table { break-inside: avoid; }
pre { background: #f6f6f4; border: 1px solid #e2e2de; border-radius: 6px; padding: .7rem .9rem; font-size: .8rem; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: #0067a6; }
@media print { body { padding: 0; max-width: none; font-size: 10.5pt; } pre { break-inside: avoid; } }
`;

  const listed = (rows, caption, head) => {
    const heads = head ? `<thead><tr>${head.map((name) => `<th scope="col">${Svg.escape(name)}</th>`).join("")}</tr></thead>` : "";
    const body = rows.map(([name, ...values]) => `<tr><th scope="row">${Svg.escape(name)}</th>${values.map((value) => `<td>${Svg.escape(value)}</td>`).join("")}</tr>`).join("\n");
    return rows.length ? `<table>${caption ? `<caption>${Svg.escape(caption)}</caption>` : ""}${heads}<tbody>\n${body}\n</tbody></table>\n` : "";
  };

  /// What is said of a view, without what one could do with a mouse.
  const onPaper = (text) => text.split(/(?<=[.:]) /).filter((sentence) => !/^(Click|Drag)/.test(sentence)).join(" ");

  /// A page of what is seen, without a script and without anything from elsewhere.
  function report(now = new Date()) {
    const current = App.current();
    const sides = current.B ? ["A", "B"] : ["A"];
    const charts = App.charts();
    const views = Views.list.filter((one) => charts.some((chart) => chart.id === one.id));
    const list = shown(views);
    const titled = (side, text) => (current.B ? `${side}: ${text}` : text);
    const parts = [];
    parts.push("<h1>Momentum and gradient flow on a diagonal linear network</h1>");
    const version = App.info?.version ? ` ${App.info.version}` : "";
    const home = App.engine.name === "native" ? "computed by the native library" : "computed in the browser, by WebAssembly";
    const day = now.toISOString().slice(0, 16).replace("T", " ");
    parts.push(`<p class="quiet">Report of MomentumFlow${Svg.escape(version)}, ${home}, ${day} UTC.</p>`);
    if (!Views.source) for (const side of sides) parts.push(`<p class="lead">${Svg.escape(titled(side, App.outcome(side)))}</p>`);
    if (!Views.source) {
      parts.push("<h2>Settings</h2>", `<div class="columns">${sides.map((side) => listed(settingRows(current[side]), current.B ? side : "")).join("")}</div>`);
    }
    parts.push("<h2>Figures</h2>");
    for (const chart of charts) {
      const said = Views.of(chart.id);
      if (!isDrawn(chart)) {
        const { columns, rows } = chart.table();
        parts.push(listed(rows.map((row) => row.map((value) => (typeof value === "number" ? Format.number(value, 6) : String(value ?? "–")))), titled(chart.side, chart.title), columns));
        continue;
      }
      const svg = picture(chart, { light: true, heading: false });
      parts.push(`<figure>${svg}<figcaption><b>${Svg.escape(titled(chart.side, chart.title))}.</b> ${Svg.escape(onPaper(said?.lead ?? ""))} ${Svg.escape(chart.description ?? "")}</figcaption></figure>`);
    }
    const outcomes = Views.source ? [["A", "flow", Views.source]] : sides.flatMap((side) => Object.entries(App.results(side)).filter(([, result]) => result).map(([kind, result]) => [side, kind, result]));
    parts.push("<h2>Outcomes</h2>");
    parts.push(`<div class="columns">${outcomes.map(([side, kind, result]) => listed(outcomeRows(result), titled(side, names[kind]?.[0] ?? kind))).join("")}</div>`);
    if (list.length) {
      parts.push("<h2>The same numbers again</h2>", `<p>On the command line:</p><pre>${Svg.escape(commandText(list))}</pre>`, `<p>In Python:</p><pre>${Svg.escape(pythonText(list))}</pre>`);
    }
    if (App.state()) parts.push(`<p class="quiet">In the explorer: <code>#${Svg.escape(App.state())}</code></p>`);
    parts.push('<p class="quiet">The model: H. Papazov, S. Pesme, N. Flammarion, <i>Leveraging Continuous Time to Understand Momentum When Training Diagonal Linear Networks</i>, AISTATS 2024, arXiv:2403.05293.</p>');
    return `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>MomentumFlow report</title>\n<style>${reportStyle}</style>\n</head>\n<body>\n${parts.join("\n")}\n</body>\n</html>\n`;
  }

  // Menus

  let open = null;

  function close(focus) {
    if (!open) return;
    const { button, list } = open;
    open = null;
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (focus) button.focus();
  }

  /// A button that opens a list of things to do: arrow keys, Home, End, Escape; the focus comes back.
  function menu(place, name, build) {
    const id = `${place.id}-list`;
    const button = Make("button", { type: "button", class: "menu-button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id }, name);
    const list = Make("div", { class: "menu", id, role: "menu", "aria-label": name, hidden: true });
    const items = () => [...list.querySelectorAll("[role=menuitem]")];
    const show = (last) => {
      close(false);
      const { head, entries } = build();
      list.replaceChildren(
        Make("p", { class: "menu-head", role: "presentation" }, head),
        ...entries.map(([text, detail, act]) =>
          Make("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => { close(true); act(); } }, Make("span", {}, text), Make("small", {}, detail))),
      );
      open = { button, list };
      list.hidden = false;
      button.setAttribute("aria-expanded", "true");
      list.style.setProperty("--shift", "0px");
      const { left, right } = list.getBoundingClientRect();
      const shift = Math.min(0, document.documentElement.clientWidth - 8 - right) || Math.max(0, 8 - left);
      list.style.setProperty("--shift", `${shift}px`);
      items().at(last ? -1 : 0)?.focus();
    };
    button.addEventListener("click", () => (open?.button === button ? close(true) : show(false)));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      show(event.key === "ArrowUp");
    });
    list.addEventListener("keydown", (event) => {
      const all = items();
      const now = all.indexOf(document.activeElement);
      const next = { ArrowDown: (now + 1) % all.length, ArrowUp: (now - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
      if (next !== undefined) {
        event.preventDefault();
        all[next].focus();
      } else if (event.key === "Escape") {
        event.stopPropagation();
        close(true);
      } else if (event.key === "Tab") close(false);
      else if (event.key.length === 1) all.find((item, k) => k > now && item.innerText.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    });
    place.replaceChildren(button, list);
    place.classList.add("menu-place");
    return button;
  }

  const what = () => {
    if (Views.source) return "of the file";
    const { title } = view();
    return `${title} — click a view to choose another`;
  };
  const count = (list) => Format.count(list.reduce((sum, one) => sum + (one.experiments?.length ?? 1), 0), "run");

  function copyMenu() {
    const list = shown([view()]);
    const runs = count(list);
    const entries = [
      ["Command line", `mgf, ${runs}`, () => copy(commandText(shown([view()])), "Command line")],
      ["Python", `momentumflow, ${runs}`, () => copy(pythonText(shown([view()])), "Python")],
      ["Experiment", "JSON, for mgf run", () => copy(documentText(shown([view()])), "Experiment")],
    ];
    return { head: what(), entries: [...(list.length ? entries : []), ["Link", "these settings", () => copy(link(), "Link")]] };
  }

  function downloadMenu() {
    const native = App.engine.name === "native";
    const hasPicture = chartsOf(view().id).some(isDrawn);
    const list = shown([view()]);
    const first = (ask) => made(() => true, ask, "svg");
    const entries = [];
    if (hasPicture) entries.push(["Figure, SVG", "as it is drawn", () => figures("svg")], ["Figure, PNG", "as it is drawn", () => figures("png")]);
    if (native && list.some((one) => one.experiment)) {
      entries.push(["Publication figure, SVG", "as mgf draws it", () => first((experiment) => App.engine.figure(experiment, "svg", "light"))]);
      entries.push(["Publication figure, PDF", "as mgf draws it", () => made(() => true, (experiment) => App.engine.figure(experiment, "pdf", "light"), "pdf")]);
    }
    entries.push(["Data, CSV", "the table of the view", table]);
    if (native && list.some((one) => one.experiment && hasTrajectory(one.experiment))) {
      entries.push(["Data, NetCDF", "whole trajectories", () => made(hasTrajectory, (experiment) => App.engine.data(experiment, "nc"), "nc")]);
    }
    if (list.length) entries.push(["Experiment, JSON", "for mgf run", () => saveText(documentText(shown([view()])), "momentumflow-experiment.json", "application/json")]);
    return { head: what(), entries };
  }

  const style = `
.menu-place { position: relative; }
.menu-button { border: 1px solid transparent; background: none; border-radius: 6px; padding: 4px 10px; font-size: 14px; color: var(--soft); cursor: pointer; white-space: nowrap; }
.menu-button:hover, .menu-button[aria-expanded="true"] { color: var(--text); border-color: var(--line); background: var(--card); }
.menu { position: absolute; z-index: 40; right: 0; top: calc(100% + 5px); width: max-content; max-width: calc(100vw - 16px); padding: 5px; background: var(--card); border: 1px solid var(--line); border-radius: 9px; box-shadow: 0 8px 28px rgb(0 0 0 / 0.16); transform: translateX(var(--shift, 0)); }
.menu-head { margin: 3px 9px 5px; font-size: 12px; color: var(--soft); line-height: 1.35; }
.menu [role="menuitem"] { display: flex; white-space: nowrap; justify-content: space-between; align-items: baseline; gap: 18px; width: 100%; border: 0; background: none; border-radius: 6px; padding: 5px 9px; text-align: left; cursor: pointer; }
.menu [role="menuitem"]:hover, .menu [role="menuitem"]:focus { background: var(--wash); }
.menu [role="menuitem"]:focus-visible { outline-offset: -2px; }
.menu small { color: var(--soft); font-size: 12px; }
#share-note { position: fixed; z-index: 50; left: 50%; bottom: 22px; transform: translateX(-50%); padding: 7px 16px; border-radius: 8px; background: var(--text); color: var(--page); font-size: 14px; max-width: calc(100vw - 32px); pointer-events: none; }
@media print { .menus, #panel, #toolbar, #share-note { display: none !important; } }
`;

  function mount() {
    document.head.append(Make("style", {}, style));
    document.body.append(Make("div", { id: "share-note", "aria-hidden": "true", hidden: true }));
    menu($("menu-copy"), "Copy", copyMenu);
    menu($("menu-download"), "Download", downloadMenu);
    const button = Make("button", { type: "button", class: "menu-button", title: "One page of what is seen, to keep or to print", onclick: () => saveText(report(), "momentumflow-report.html", "text/html") }, "Report");
    $("menu-report").replaceChildren(button);
    document.addEventListener("pointerdown", (event) => { if (open && !open.list.contains(event.target) && !open.button.contains(event.target)) close(false); });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
    // Of prose there is nothing to take away.
    const fit = () => {
      const isProse = ["essay", "selftest"].includes(State.look.tab) || State.look.tab.startsWith("store");
      for (const id of ["menu-copy", "menu-download", "menu-report"]) $(id).hidden = isProse;
    };
    State.onChange(fit);
    fit();
  }

  return { mount, report, commandText, pythonText, documentText, asked, shown, picture, link, copy, menu };
})();
