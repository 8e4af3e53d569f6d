"use strict";
/// The panel of settings: a slider and a field each, for the side that is chosen.
const Controls = (() => {
  let side = "A";
  const rows = new Map();
  let panel = null;

  const description = {
    lambda: ["λ", "γ/(1−β)²"],
    step: ["ε", "time step, γ/(1−β)"],
    gamma: ["γ", "learning rate"],
    beta: ["β", "momentum"],
    until: ["T", "time horizon"],
    alpha: ["α", "scale of the start"],
    depth: ["L", "depth"],
    n: ["n", "samples"],
    d: ["d", "features"],
    nonzeros: ["s", "non-zeros in θ*"],
    mean: ["μ", "mean of the data"],
    seed: ["seed", "of all that is drawn"],
    holdout: ["holdout", "rows kept aside"],
  };
  const choices = {
    flow: ["Flow", [["mgf", "momentum gradient flow"], ["gf", "gradient flow"]]],
    method: ["Iterates", [["heavy-ball", "heavy ball"], ["nesterov", "Nesterov"], ["none", "none"]]],
    network: ["Network", [["diagonal", "diagonal, θ = u ⊙ v"], ["power", "power, θ = w₊ᴸ − w₋ᴸ"], ["layers", "layers, θ = w₁ ⊙ … ⊙ w_L"]]],
    loss: ["Loss", [["square", "square"], ["logistic", "logistic"], ["exponential", "exponential"]]],
  };
  const ranges = {
    ...Object.fromEntries(Object.entries(State.settings).filter(([, one]) => one.range).map(([key, one]) => [key, one])),
    gamma: { range: [1e-5, 10], scale: "log" },
    beta: { range: [0, 0.995], scale: "rest" },
  };

  const values = (which = side) => {
    const s = State[which] ?? State.A;
    return { ...s, ...Experiments.toGamma(s) };
  };

  // Between a value and a place on the slider

  function toPlace(key, value) {
    const { range: [low, high], scale, by = 1 } = ranges[key];
    if (scale === "log") return 1000 * Math.min(1, Math.max(0, Math.log(Math.max(value, low) / low) / Math.log(high / low)));
    if (scale === "rest") return 1000 * Math.min(1, Math.max(0, Math.log(1 - Math.min(value, high)) / Math.log(1 - high)));
    return value / (scale === "whole" ? 1 : by);
  }

  function toValue(key, place) {
    const { range: [low, high], scale, by = 1 } = ranges[key];
    if (scale === "log") return Format.rounded(low * (high / low) ** (place / 1000), 3);
    if (scale === "rest") return Format.rounded(1 - Format.rounded((1 - high) ** (place / 1000), 3), 6);
    return scale === "whole" ? Math.round(place) : Format.rounded(place * by, 6);
  }

  /// Changes one setting, and what follows from it.
  function change(which, key, value, final) {
    const s = State[which];
    const changes = {};
    if (key === "gamma" || key === "beta") {
      const now = { ...Experiments.toGamma(s), [key]: value };
      if (s.flow === "gf") changes.step = now.gamma;
      else Object.assign(changes, Experiments.fromGamma(now.gamma, now.beta));
    } else changes[key] = value;
    if (key === "lambda" && s.step > value && value > 0) changes.step = value;
    if (key === "d" && s.nonzeros > value) changes.nonzeros = Math.max(0, value);
    if (key === "nonzeros" && value > s.d && Number.isInteger(value)) changes.d = value;
    for (const name of Object.keys(changes)) {
      // γ and β of a λ that is none say nothing.
      if (typeof changes[name] === "number" && !Number.isFinite(changes[name])) changes[name] = State.settings[name].start;
    }
    if (State.settings[key]?.range || key === "gamma" || key === "beta") App.begin();
    local.delete(which + "." + key);
    State.set(which, changes, final);
  }

  /// What is no number is said at once; all else is the library's to judge.
  const local = new Map();

  function field(key) {
    const [symbol, name] = description[key];
    const { scale, range } = ranges[key];
    const id = "set-" + key;
    const text = Make("input", { type: "text", id, class: "field", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-fault` });
    const slider = Make("input", { type: "range", "aria-label": `${symbol}, ${name}`, min: scale === "log" || scale === "rest" ? 0 : toPlace(key, range[0]), max: scale === "log" || scale === "rest" ? 1000 : toPlace(key, range[1]), step: scale === "log" || scale === "rest" ? 5 : 1 });
    const fault = Make("p", { class: "fault", id: `${id}-fault`, hidden: true });
    slider.addEventListener("input", () => {
      let value = toValue(key, Number(slider.value));
      const s = State[side];
      if (key === "step" && s.flow !== "gf") value = Math.min(value, s.lambda);
      change(side, key, value, false);
    });
    slider.addEventListener("change", () => State.settle());
    const commit = () => {
      const shown = text.value.trim().replace("−", "-").replace(/^(-?\d*),(\d+)$/, "$1.$2");
      const value = Number(shown);
      if (shown === "" || !Number.isFinite(value)) {
        local.set(side + "." + key, `“${text.value}” is not a number.`);
        faults();
        return;
      }
      if (key === "beta" && !(value >= 0 && value < 1)) {
        local.set(side + "." + key, "β must lie between 0 and 1, 1 excluded: λ = γ/(1 − β)².");
        faults();
        return;
      }
      if (value !== values()[key] && text.value !== text.dataset.text) change(side, key, value, true);
      else if (local.delete(side + "." + key)) faults(), refresh();
      else refresh();
    };
    text.addEventListener("change", commit);
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter") commit();
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      const up = event.key === "ArrowUp" ? 1 : -1;
      const value = values()[key];
      const next = scale === "log" ? Format.rounded(value * 1.05 ** up, 3) : scale === "rest" ? Format.rounded(1 - (1 - value) * 1.05 ** -up, 6) : Format.rounded(value + up * (scale === "whole" ? 1 : ranges[key].by), 6);
      change(side, key, key === "beta" ? Math.max(0, next) : scale === "whole" ? Math.max(0, next) : next, true);
    });
    const element = Make("div", { class: "row" }, Make("label", { for: id }, Make("span", { class: "symbol" }, symbol), Make("span", { class: "name" }, name)), text, slider, fault);
    element.dataset.key = key;
    rows.set(key, { element, text, slider, fault });
    return element;
  }

  function choice(key) {
    const [name, options] = choices[key];
    const id = "set-" + key;
    const select = Make("select", { id, "aria-describedby": `${id}-fault` }, options.map(([value, text]) => Make("option", { value }, text)));
    select.addEventListener("change", () => {
      App.begin();
      State.set(side, { [key]: select.value });
    });
    const fault = Make("p", { class: "fault", id: `${id}-fault`, hidden: true });
    const element = Make("div", { class: "row choice" }, Make("label", { for: id }, name), select, fault);
    element.dataset.key = key;
    rows.set(key, { element, select, fault });
    return element;
  }

  function dataChoice() {
    const select = Make("select", { id: "set-data", "aria-describedby": "set-data-fault" });
    const fault = Make("p", { class: "fault", id: "set-data-fault", hidden: true });
    select.addEventListener("change", () => {
      App.begin();
      const { value } = select;
      if (value === "gaussian" || value === "given") State.set(side, { data: value });
      else if (State.presets[value]) State.set(side, { data: "gaussian", ...State.presets[value] });
    });
    const element = Make("div", { class: "row choice" }, Make("label", { for: "set-data" }, "Data"), select, fault);
    element.dataset.key = "data";
    rows.set("data", { element, select, fault, isData: true });
    return element;
  }

  function group(title, ...content) {
    return Make("fieldset", {}, Make("legend", {}, title), content);
  }

  function build(host) {
    panel = host;
    const tabs = Make("div", { class: "sides", role: "tablist", "aria-label": "Side", hidden: true }, ["A", "B"].map((name) => {
      const button = Make("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "settings", "aria-selected": String(name === side) }, name);
      button.addEventListener("click", () => choose(name));
      button.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        choose(name === "A" ? "B" : "A");
        document.getElementById(`tab-${side}`).focus();
      });
      return button;
    }));
    const compare = Make("button", { type: "button", id: "compare", class: "switch", role: "switch", "aria-checked": "false", onclick: () => {
      State.compare(State.B === null);
      choose(State.B ? "B" : "A");
    } }, Make("i"), Make("span", {}, "Compare two settings"));
    const dice = Make("button", { type: "button", class: "quiet dice", title: "Another seed", "aria-label": "Another seed", onclick: () => change(side, "seed", State[side].seed + 1, true) }, "next");
    const seed = field("seed");
    seed.querySelector("label").append(dice);
    const body = Make("div", { id: "settings" },
      group("Dynamics", choice("flow"), field("lambda"), field("beta"), field("step"), field("gamma"), choice("method"), field("until")),
      group("Data", dataChoice(), field("n"), field("d"), field("nonzeros"), field("mean"), seed, field("holdout")),
      group("Network", field("alpha"), choice("network"), field("depth"), choice("loss")),
    );
    const reset = Make("button", { type: "button", class: "quiet", onclick: () => State.open("") }, "Back to the start");
    const details = Make("details", { id: "drawer", open: true }, Make("summary", {}, "Settings"), compare, tabs, body, Make("div", { class: "foot" }, reset));
    host.append(details);
    const narrow = matchMedia("(max-width: 820px)");
    const fold = () => { details.open = !narrow.matches; };
    narrow.addEventListener("change", fold);
    fold();
    refresh();
  }

  function choose(name) {
    side = State.B ? name : "A";
    refresh();
    faults();
  }

  /// Shows the settings of the side that is chosen.
  function refresh() {
    if (!panel) return;
    if (!State.B) side = "A";
    panel.querySelector(".sides").hidden = State.B === null;
    panel.dataset.side = State.B ? side : "";
    document.getElementById("compare").setAttribute("aria-checked", String(State.B !== null));
    for (const name of ["A", "B"]) {
      const tab = document.getElementById(`tab-${name}`);
      tab.setAttribute("aria-selected", String(name === side));
      tab.tabIndex = name === side ? 0 : -1;
    }
    const now = values();
    const fixed = now.data !== "gaussian";
    for (const [key, row] of rows) {
      if (row.isData) refreshData(row, now);
      else if (row.select) {
        if (row.select.value !== now[key]) row.select.value = now[key];
      } else {
        const value = now[key];
        if (!local.has(side + "." + key) && document.activeElement !== row.text || row.text.dataset.shown !== String(value)) {
          // γ and β follow from λ and ε with all their digits: some are enough to read.
          row.text.value = Format.plain(key === "gamma" || key === "beta" ? Format.rounded(value, 6) : value);
          row.text.dataset.shown = String(value);
          row.text.dataset.text = row.text.value;
        }
        const place = toPlace(key, value);
        if (Math.abs(Number(row.slider.value) - place) > 2.6 || ranges[key].scale === "whole" || ranges[key].scale === "linear") row.slider.value = place;
        row.slider.setAttribute("aria-valuetext", Format.plain(value));
      }
    }
    const off = (key, is) => {
      const { element } = rows.get(key);
      element.classList.toggle("off", is);
      element.querySelectorAll("input, select, button").forEach((input) => { input.disabled = is; });
    };
    for (const key of ["lambda", "beta"]) off(key, now.flow === "gf");
    for (const key of ["n", "d", "nonzeros", "mean"]) rows.get(key).element.hidden = fixed;
    rows.get("depth").element.hidden = now.network === "diagonal";
  }

  function refreshData({ select }, now) {
    const preset = Object.keys(State.presets).find((name) => now.data === "gaussian" && Object.entries(State.presets[name]).every(([key, value]) => now[key] === value));
    const options = [["gaussian", "Gaussian, as below"], ...Object.keys(State.presets).map((name) => [name, name])];
    if (Experiments.given) options.unshift(["given", "of the command line"]);
    if (now.data.startsWith("{")) options.unshift(["own", "of this run"]);
    const wanted = options.map(([value]) => value).join();
    if (select.dataset.options !== wanted) {
      select.dataset.options = wanted;
      select.replaceChildren(...options.map(([value, text]) => Make("option", { value }, text)));
    }
    select.value = now.data.startsWith("{") ? "own" : now.data === "given" ? "given" : preset ?? "gaussian";
  }

  /// Shows faults at the fields that they name; gives those that name none.
  function faults() {
    const messages = new Map();
    const rest = [];
    for (const which of State.sides()) {
      for (const kind of Experiments.kinds) {
        const found = Compute.slot(which, kind).fault;
        if (!found || found.name !== "Fault") continue;
        const key = State.settingOf(found.field ?? "");
        if (key && rows.has(key)) {
          if (which === side && !messages.has(key)) messages.set(key, found.message);
        } else if (!rest.includes(found.message)) rest.push(found.message);
      }
      for (const [name, message] of local) if (name.startsWith(side + ".")) messages.set(name.slice(2), message);
    }
    for (const [key, row] of rows) {
      const message = messages.get(key);
      const input = row.text ?? row.select;
      row.fault.hidden = !message;
      if (message && row.fault.textContent !== message) row.fault.textContent = message;
      if (message) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      row.element.classList.toggle("wrong", Boolean(message));
    }
    return rest;
  }

  /// Shows what the settings are, whatever was typed.
  function forget() {
    local.clear();
    for (const row of rows.values()) if (row.text) row.text.dataset.shown = "";
  }

  const nameOf = (key) => description[key]?.[0] ?? choices[key]?.[0] ?? null;

  return { build, refresh, forget, nameOf, faults, change, choose, get side() { return side; } };
})();
