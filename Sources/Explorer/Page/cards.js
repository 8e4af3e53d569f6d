"use strict";
/// The views on the page: a card each, with a chart for each side, what is read there, a table, and what is said of it.
const Cards = (() => {
  const cards = new Map();
  const dirty = new Set();
  let scheduled = false;
  let onVisible = () => {};

  const observer = typeof IntersectionObserver === "undefined" ? null : new IntersectionObserver(
    (entries) => {
      let news = false;
      for (const entry of entries) {
        const card = cards.get(entry.target.dataset.view);
        if (!card || card.visible === entry.isIntersecting) continue;
        card.visible = entry.isIntersecting;
        news ||= card.visible;
        if (card.visible) dirty.add(card.view.id);
      }
      if (news) onVisible();
    },
    { rootMargin: "120px" },
  );

  const sides = () => (Views.source ? ["A"] : State.sides());

  function segmented(label, options, value, change) {
    const group = Make("div", { class: "segmented", role: "group", "aria-label": label });
    const buttons = options.map(([key, text, long]) => {
      const button = Make("button", { type: "button", "aria-pressed": String(key === value()), title: long, onclick: () => change(key) }, text);
      button.dataset.key = key;
      return button;
    });
    group.append(...buttons);
    group.refresh = () => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.key === value())));
    return group;
  }

  function make(view) {
    const tools = Make("div", { class: "tools" });
    const card = { view, visible: observer === null, figures: {}, extras: [] };
    const title = Make("h2", { id: `title-${view.id}` }, view.title);
    card.title = title;
    if (view.id === "phase") {
      const plane = segmented("Plane", [["w", "w±", "The weights w₊ and w₋"], ["uv", "u, v", "The layers u and v"]], () => State.look.plane, (key) => State.setLook({ plane: key }));
      card.extras.push(plane);
      tools.append(plane);
    }
    if (view.id === "map") {
      const colour = segmented("Colour", [["ratio", "Δ∞/Δ₀", "Median of Δ∞ over Δ₀"], ["test", "test error", "Test error of the limit"]], () => State.look.colour, (key) => State.setLook({ colour: key }));
      card.extras.push(colour);
      tools.append(colour);
    }
    const tableButton = Make("button", { type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": `table-${view.id}` }, "Table");
    tools.append(tableButton);
    card.table = Make("div", { class: "table", id: `table-${view.id}`, hidden: true, tabindex: "0", role: "region", "aria-label": `Table of ${view.title}` });
    tableButton.addEventListener("click", () => {
      const open = card.table.hidden;
      card.table.hidden = !open;
      tableButton.setAttribute("aria-expanded", String(open));
      if (open) fillTable(card);
    });
    card.pair = Make("div", { class: "pair" });
    card.progress = Make("div", { class: "partial", hidden: true }, Make("i"));
    card.element = Make("article", { class: "card", id: `card-${view.id}`, "aria-labelledby": `title-${view.id}` },
      Make("header", {}, title, tools), Make("p", { class: "lead" }, view.lead), card.progress, card.pair, card.table);
    card.element.dataset.view = view.id;
    card.element.addEventListener("pointerdown", () => touch(view.id));
    card.element.addEventListener("focusin", () => touch(view.id));
    cards.set(view.id, card);
    observer?.observe(card.element);
    return card;
  }

  const touch = (id) => { State.look.view = id; };

  function figure(card, side) {
    const { view } = card;
    const readout = Make("output", { class: "readout", "aria-live": "off" });
    const described = Make("figcaption", { class: "hidden", id: `said-${view.id}-${side}` });
    const message = Make("p", { class: "message", hidden: true });
    const place = Make("div", { class: view.card ? "certificate" : "plot", id: `plot-${view.id}-${side}` });
    const note = Make("p", { class: "note", hidden: true });
    const parts = [Make("div", { class: "above" }, Make("span", { class: "side", text: side }), readout), place];
    const found = { side, readout, described, message, place, note, chart: null };
    if (view.card) readout.remove();
    else parts.push(found.axisX = Make("div", { class: "axis-x", "aria-hidden": "true" }));
    if (view.id === "map") parts.push(found.scale = Make("div", { class: "scale", hidden: true }));
    found.element = Make("figure", { "aria-labelledby": `title-${view.id}`, "aria-describedby": described.id }, parts, message, note, described);
    found.element.dataset.side = side;
    card.figures[side] = found;
    card.pair.append(found.element);
    return found;
  }

  function chartOf(card, found) {
    if (found.chart) return found.chart;
    const { view } = card;
    const { side } = found;
    const options = {
      id: `${view.id}-${side}`, title: view.title, side, height: view.id === "map" ? 300 : view.id === "phase" ? 262 : 240,
      right: view.id === "ratio" || view.id === "map" || view.id === "phase" ? 14 : view.id === "order" ? 52 : view.id === "weights" ? 50 : view.id === "loss" ? 50 : 40,
      onReadout: (parts) => read(found, parts),
      onPick: (series) => State.setLook({ feature: series.feature }, true),
      onZoom: (range) => State.setLook({ zoom: range }),
      free: view.id === "phase",
    };
    if (view.id === "curve") {
      options.onDrag = (x, final) => {
        if (State[side].flow === "gf") return;
        Controls.change(side, "lambda", Format.rounded(Math.min(100, Math.max(1e-3, x)), 3), final);
      };
      options.onKey = (event) => {
        if (!["ArrowLeft", "ArrowRight"].includes(event.key) || State[side].flow === "gf") return false;
        event.preventDefault();
        Controls.change(side, "lambda", Format.rounded(State[side].lambda * (event.key === "ArrowRight" ? 1.1 : 1 / 1.1), 3), true);
        return true;
      };
    }
    if (view.id === "map") {
      options.still = true;
      options.onPoint = (x, y) => openCell(side, found.chart.model.at(x, y));
      options.onKey = (event) => mapKey(event, side, found);
    }
    found.chart = new Charts.Chart(found.place, options);
    return found.chart;
  }

  function openCell(side, cell) {
    const { gamma, beta } = Experiments.map;
    Views.map.cursor[side] = cell;
    State.set(side, { ...Experiments.fromGamma(gamma[cell.i], beta[cell.j]), flow: "mgf" });
  }

  function mapKey(event, side, found) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const { columns, rows } = Experiments.map;
    const cursor = Views.map.cursor[side];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (cursor) openCell(side, cursor);
      return true;
    }
    const move = moves[event.key];
    if (!move || !found.chart.model?.at) return false;
    event.preventDefault();
    const here = Experiments.toGamma(State[side]);
    const start = cursor ?? found.chart.model.at(here.gamma, 1 - here.beta);
    Views.map.cursor[side] = { i: Math.min(columns - 1, Math.max(0, start.i + move[0])), j: Math.min(rows - 1, Math.max(0, start.j + move[1])) };
    mark("map");
    requestAnimationFrame(() => Charts.onSpeak?.(null, found.readout.textContent));
    return true;
  }

  /// Writes what is read, without making new elements.
  function read(found, parts) {
    const { readout } = found;
    while (readout.children.length > parts.length) readout.lastChild.remove();
    while (readout.children.length < parts.length) readout.append(Make("span"));
    parts.forEach((part, k) => {
      const span = readout.children[k];
      if (span.textContent !== part.text) span.textContent = part.text;
      const color = part.color ?? "";
      if (span.dataset.color !== color) {
        span.dataset.color = color;
        span.style.setProperty("--dot", color || "transparent");
        span.classList.toggle("dotted", color !== "");
      }
    });
  }

  function fillTable(card) {
    const most = 200;
    const parts = [];
    for (const side of sides()) {
      const model = card.figures[side]?.model;
      const table = model?.table?.();
      if (!table) continue;
      const { columns, rows } = table;
      const stride = Math.max(1, Math.ceil(rows.length / most));
      const shown = rows.filter((_, k) => k % stride === 0);
      parts.push(Make("table", {},
        Make("caption", {}, `${State.B && !Views.source ? side + ": " : ""}${model.title ?? card.view.title}${stride > 1 ? `, each ${stride}th of ${rows.length} rows` : ""}`),
        Make("thead", {}, Make("tr", {}, columns.map((name) => Make("th", { scope: "col" }, name)))),
        Make("tbody", {}, shown.map((row) => Make("tr", {}, row.map((value, k) => Make(k === 0 ? "th" : "td", k === 0 ? { scope: "row" } : {}, typeof value === "number" ? Format.number(value, 5) : String(value ?? "–"))))))));
    }
    card.table.replaceChildren(...(parts.length ? parts : [Make("p", {}, "There is nothing to list yet.")]));
  }

  function certificate(found, model) {
    const { position, rows, regime, m } = model;
    const place = found.place;
    const tick = (value) => value !== null && value !== undefined && Math.abs(value) <= 1e-6;
    const list = Make("dl", {}, rows.filter(([, , value]) => value !== undefined).map(([name, what, value]) =>
      Make("div", {}, Make("dt", {}, Make("span", { class: tick(value) ? "good" : "open", "aria-hidden": "true" }, tick(value) ? "✓" : "!"), name, Make("small", {}, what)), Make("dd", {}, Format.number(value, 2)))));
    const parts = [];
    if (position !== undefined && position !== null) {
      const shown = Math.min(1, Math.max(0, position));
      const bar = Make("div", { class: "between" },
        Make("div", { class: "ends" }, Make("span", {}, "least ‖θ‖₁", Make("small", {}, "rich")), Make("span", {}, "least ‖θ‖₂", Make("small", {}, "kernel"))),
        Make("div", { class: "bar", role: "img", "aria-label": `position ${Format.number(position)} between 0, least one-norm, and 1, least two-norm` }, Make("i"), Make("b", {}, Format.number(position))));
      bar.querySelector(".bar").style.setProperty("--at", String(shown));
      parts.push(bar);
    }
    parts.push(list);
    const norms = [["‖θ∞‖₁", regime.theta_l1], ["least ‖θ‖₁", regime.minimum_l1], ["‖θ∞‖₂", regime.theta_l2], ["least ‖θ‖₂", regime.minimum_l2], ["test error", m.test_error], ["λ_cert", m.lambda_certified]]
      .filter(([, value]) => value !== undefined && value !== null);
    if (norms.length) parts.push(Make("p", { class: "norms" }, norms.map(([name, value]) => Make("span", {}, name + " ", Make("b", {}, Format.number(value))))));
    place.replaceChildren(...parts);
  }

  function bar(found, scale) {
    found.scale.hidden = !scale;
    if (!scale) return;
    const stops = Array.from({ length: 11 }, (_, k) => Charts.shade(k / 10)).join(",");
    found.scale.replaceChildren(Make("span", {}, Format.number(scale.low, 2)), Make("i"), Make("span", {}, Format.number(scale.high, 2)), Make("em", {}, scale.name), Make("u"), Make("em", {}, "diverges"));
    found.scale.querySelector("i").style.background = `linear-gradient(90deg, ${stops})`;
  }

  function faultOf(view, side) {
    for (const kind of view.jobs) {
      const fault = Compute.slot(side, kind).fault;
      if (fault) return fault;
    }
    return null;
  }

  function draw(card) {
    const { view } = card;
    const wanted = sides();
    for (const side of Object.keys(card.figures)) if (!wanted.includes(side)) {
      card.figures[side].chart?.remove();
      card.figures[side].element.remove();
      delete card.figures[side];
    }
    const built = wanted.map((side) => {
      const found = card.figures[side] ?? figure(card, side);
      return [side, found, view.build(side)];
    });
    const models = built.map(([, , model]) => model).filter((model) => !("message" in model) && !model.html);
    // Both sides have the same axes.
    if (models.length > 1 && view.id !== "map") for (const name of ["x", "y"]) {
      if (name === "x" && view.id === "ratio") continue;
      const low = Math.min(...models.map((model) => model[name].min)), high = Math.max(...models.map((model) => model[name].max));
      models.forEach((model) => Object.assign(model[name], { min: low, max: high }));
    }
    for (const [side, found, model] of built) {
      const fault = Views.source ? null : faultOf(view, side);
      const text = "message" in model ? model.message : null;
      const first = "message" in model && !found.model;
      if ("message" in model && text !== null) {
        found.model = null;
        found.message.hidden = false;
        found.message.textContent = text;
        found.place.hidden = true;
        found.described.textContent = text;
        read(found, []);
        if (found.scale) found.scale.hidden = true;
        if (found.axisX) found.axisX.textContent = "";
      } else if ("message" in model) {
        // Nothing has come yet; what was drawn stays.
        found.message.hidden = !first;
        found.message.textContent = fault ? "" : "…";
        found.place.hidden = first;
      } else {
        found.model = model;
        found.message.hidden = true;
        found.place.hidden = false;
        found.described.textContent = model.description;
        if (model.title) card.title.textContent = State.B ? view.title : model.title;
        if (model.html) certificate(found, model);
        else {
          chartOf(card, found).set(model);
          found.place.classList.toggle("paired", wanted.length > 1);
          if (found.axisX) {
            const text = `${model.x.label} →`;
            if (found.axisX.textContent !== text) found.axisX.textContent = text;
          }
        }
        if (found.scale) bar(found, model.scale);
      }
      found.element.classList.toggle("stale", Boolean(fault));
      // That the server is gone is said once, above all.
      found.note.hidden = !fault || fault.name === "Gone";
      if (fault) {
        const key = State.settingOf(fault.field ?? "");
        const named = key && Controls.nameOf(key);
        const text = named ? `${model.message === null && first ? "Nothing is drawn" : "Not drawn anew"}: see ${named} in the settings.` : fault.message;
        if (found.note.textContent !== text) found.note.textContent = text;
      }
    }
    progress(card);
    card.extras.forEach((extra) => extra.refresh());
    if (!card.table.hidden) fillTable(card);
  }

  function progress(card) {
    const slow = card.view.jobs.filter((kind) => Compute.background.has(kind));
    const running = sides().flatMap((side) => slow.map((kind) => Compute.slot(side, kind))).filter((one) => one.running);
    card.progress.hidden = running.length === 0 || Boolean(Views.source);
    if (running.length) card.progress.firstChild.style.width = `${100 * Math.min(...running.map((one) => one.progress))}%`;
  }

  let after = null;
  const patience = 60;
  const since = new Map();

  /// Whether something that a view shows comes soon: then it is drawn once, not for each of its results.
  function isSoon(card) {
    if (Views.source || performance.now() - (since.get(card.view.id) ?? 0) > patience) return false;
    return sides().some((side) => card.view.jobs.some((kind) => {
      const one = Compute.slot(side, kind);
      return !Compute.background.has(kind) && (one.running || one.wanted);
    }));
  }

  /// Draws what has changed and is in sight, in the next frame.
  function mark(...ids) {
    for (const id of ids) {
      if (!dirty.has(id)) since.set(id, performance.now());
      dirty.add(id);
    }
    schedule();
  }

  function schedule() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      Views.fresh();
      let later = false;
      for (const id of [...dirty]) {
        const card = cards.get(id);
        if (!card?.visible || card.element.hidden) continue;
        if (isSoon(card)) {
          later = true;
          continue;
        }
        dirty.delete(id);
        draw(card);
      }
      // Not frame by frame: each would be composed for nothing.
      if (later) setTimeout(schedule, 20);
      else after?.();
    });
  }

  const markAll = () => mark(...cards.keys());
  const visible = () => [...cards.values()].filter((card) => card.visible && !card.element.hidden).map((card) => card.view.id);

  /// Only views over time make sense of a file.
  function show(which) {
    for (const card of cards.values()) card.element.hidden = which ? !which.includes(card.view.id) : false;
    document.getElementById("views").classList.toggle("two", State.B !== null && !Views.source);
  }

  return {
    build: (host) => host.append(...Views.list.map((view) => make(view).element)), mark, markAll, visible, show, progress, segmented,
    get: (id) => cards.get(id), all: () => [...cards.values()],
    onVisible: (listener) => { onVisible = listener; }, onDrawn: (listener) => { after = listener; },
  };
})();
