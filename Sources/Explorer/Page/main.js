"use strict";
/// Brings the parts together: settings to experiments to views.
const App = (() => {
  const $ = (id) => document.getElementById(id);
  const engine = window.MF_SERVER ? NativeEngine : typeof WasmEngine !== "undefined" ? WasmEngine : NativeEngine;
  const latencies = [];
  let began = null;
  let moving = false;

  // Latency: from an input to the frame that shows what follows from it.

  function begin() {
    if (began !== null) return;
    began = performance.now();
    performance.mark("input");
  }

  function painted() {
    if (began === null || asked || Compute.busy().length) return;
    const from = began;
    began = null;
    requestAnimationFrame(() => setTimeout(() => {
      performance.mark("paint");
      latencies.push(performance.now() - from);
      if (latencies.length > 10000) latencies.splice(0, 5000);
      performance.clearMarks();
    }));
  }

  // What is wanted

  let asked = false;
  /// As soon as what runs now has ended: all of its changes together.
  function recompute() {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      ask();
    });
  }

  function ask() {
    const live = State.look.tab === "live";
    const shown = live ? Cards.visible().map(Views.of) : [];
    for (const side of State.sides()) {
      const kinds = new Set(shown.flatMap((view) => view.jobs));
      if (live) kinds.add("flow").add("limit");
      // λ* takes seconds, the map more: they are for those who look at them.
      for (const kind of Experiments.kinds) {
        if (kinds.has(kind)) Compute.want(side, kind, Experiments.of(kind, State[side], State.look), moving);
        else Compute.drop(side, kind);
      }
    }
    if (!Compute.busy().length && began !== null) Cards.markAll();
    watch();
  }

  // What comes back

  const viewsOf = (kind) => Views.list.filter((view) => view.jobs.includes(kind)).map((view) => view.id);

  function changed(slot, what) {
    Views.fresh();
    if (what === "progress" || what === "part") {
      for (const id of viewsOf(slot.kind)) {
        const card = Cards.get(id);
        if (card && what === "part") partial(id);
        else if (card) Cards.progress(card);
      }
      watch();
      return;
    }
    if (what === "gone") gone();
    Cards.mark(...viewsOf(slot.kind));
    if (what === "fault" || what === "done") general(Controls.faults());
    if (slot.kind === "flow" || slot.kind === "limit" || slot.kind === "descent") told();
    if (slot.kind === "flow") Toolbar.refresh();
    watch();
  }

  let partialTimer = 0;
  const partialIds = new Set();
  /// Views that fill in are drawn some times a second.
  function partial(id) {
    partialIds.add(id);
    if (partialTimer) return;
    partialTimer = setTimeout(() => {
      partialTimer = 0;
      Cards.mark(...partialIds);
      partialIds.clear();
    }, 120);
  }

  let watching = 0;
  /// The bar of progress, for what takes longer than a blink.
  function watch() {
    clearTimeout(watching);
    const bar = $("progress");
    const running = Compute.busy().filter((one) => one.running);
    const late = running.filter((one) => performance.now() - one.running.since > 150);
    bar.hidden = late.length === 0;
    if (late.length) {
      const part = Math.min(...late.map((one) => one.progress || 0));
      bar.firstChild.style.width = `${Math.max(2, 100 * part)}%`;
      bar.setAttribute("aria-valuenow", String(Math.round(100 * part)));
    }
    if (running.length) watching = setTimeout(watch, 80);
  }

  let saying = 0;
  function say(text) {
    $("said").textContent = text;
  }

  /// The outcome in words: at once for the eye, when it rests for the ear.
  function told() {
    const host = $("outcomes");
    const sides = State.sides();
    while (host.children.length > sides.length) host.lastChild.remove();
    while (host.children.length < sides.length) host.append(Make("p", { class: "outcome" }));
    // Not half of the one run and half of the other.
    if (sides.some((side) => ["flow", "limit", "descent"].some((kind) => Compute.slot(side, kind).running || Compute.slot(side, kind).wanted))) return;
    const texts = sides.map((side) => (State.B ? `${side}: ` : "") + Views.outcome(side));
    texts.forEach((text, k) => {
      if (host.children[k].textContent !== text) host.children[k].textContent = text;
      host.children[k].classList.toggle("past", Boolean(Compute.slot(sides[k], "flow").fault));
    });
    clearTimeout(saying);
    const spoken = sides.map((side, k) => {
      const fault = Compute.slot(side, "flow").fault ?? Compute.slot(side, "limit").fault;
      return fault && fault.name !== "Gone" ? fault.message : texts[k];
    });
    saying = setTimeout(() => say(spoken.join(" ")), 700);
  }

  function general(messages) {
    const banner = $("banner");
    if (banner.dataset.gone) return;
    banner.hidden = messages.length === 0;
    banner.replaceChildren(...messages.map((message) => Make("p", {}, message)));
  }

  function gone() {
    const banner = $("banner");
    if (banner.dataset.gone) return;
    banner.dataset.gone = "yes";
    banner.hidden = false;
    Compute.stopAll();
    banner.replaceChildren(Make("p", {}, "mgf explore does not answer any more. What is drawn stays; start it again to go on."),
      Make("button", { type: "button", onclick: async () => {
        try {
          await engine.start();
        } catch {
          return;
        }
        delete banner.dataset.gone;
        banner.hidden = true;
        for (const side of State.sides()) Compute.clear(side);
        recompute();
      } }, "Try again"));
  }

  // Parts of the page

  function tabs() {
    const { stores = [], files = [] } = engine.info ?? {};
    const found = [["live", "Live"], ...stores.map((store) => [`store:${store.index}`, store.name]), ...files.map((file) => [`file:${file.index}`, file.name])];
    if (typeof Essay !== "undefined") found.push(["essay", "Essay"]);
    $("tabs").replaceChildren(...(found.length > 1 ? found : []).map(([key, name]) => {
      const button = Make("button", { type: "button", onclick: () => State.setLook({ tab: key, zoom: null, t: null }, true) }, name);
      button.dataset.tab = key;
      return button;
    }));
  }

  let shownTab = null;
  async function showTab() {
    const { tab } = State.look;
    document.querySelectorAll("#tabs button").forEach((button) => button.dataset.tab === tab ? button.setAttribute("aria-current", "page") : button.removeAttribute("aria-current"));
    if (tab === shownTab) return;
    const before = shownTab;
    shownTab = tab;
    const [kind, index] = tab.split(":");
    const essay = kind === "essay" && typeof Essay !== "undefined";
    const test = kind === "selftest" && typeof SelfTest !== "undefined";
    $("explorer").hidden = essay || test;
    $("essay").hidden = !essay;
    $("selftest").hidden = !test;
    $("skip").href = essay ? "#essay" : "#views";
    $("stores").hidden = kind !== "store";
    $("stage").hidden = kind === "store" || essay || test;
    $("panel").hidden = kind !== "live";
    $("explorer").classList.toggle("wide", kind !== "live");
    Toolbar.stop();
    if (Views.source) Views.setSource(null);
    if (before?.startsWith("store")) Stores.hide();
    if (kind !== "live") Compute.stopAll();
    if (essay) Essay.show($("essay"));
    if (test) SelfTest.show($("selftest"));
    if (before === "essay" && typeof Essay !== "undefined") Essay.hide?.();
    if (kind === "store") Stores.show($("stores"), Number(index));
    if (kind === "file") {
      $("outcomes").replaceChildren(Make("p", { class: "outcome" }, "…"));
      Cards.show([]);
      try {
        const found = await engine.file(Number(index));
        if (State.look.tab !== tab) return;
        Views.setSource(found);
        const flow = Views.runs("A").flow;
        $("outcomes").replaceChildren(Make("p", { class: "outcome" }, flow
          ? `${engine.info.files[index].name}: ${Format.count(flow.d, "coordinate")}, ${Format.count(flow.t.length, "time")} up to ${Format.number(flow.t.at(-1))}, ${Format.count(flow.events.length, "sign change")}.`
          : `${engine.info.files[index].name} holds no trajectory.`));
      } catch (error) {
        if (State.look.tab !== tab) return;
        $("outcomes").replaceChildren(Make("p", { class: "outcome" }, error.message));
        return;
      }
      Cards.show(["theta", "weights", "loss", "delta", "phase"]);
    } else Cards.show(null);
    if (kind === "live") told();
    Cards.markAll();
    recompute();
    Toolbar.refresh();
  }

  function theme(name) {
    document.documentElement.dataset.theme = name;
    $("theme").setAttribute("aria-pressed", String(name === "dark"));
  }

  function setTheme() {
    const wish = matchMedia("(prefers-color-scheme: dark)");
    let own = null;
    try {
      own = localStorage.getItem("momentumflow-theme");
    } catch {
      // Pages of files may have no storage.
    }
    const apply = () => theme(own ?? (wish.matches ? "dark" : "light"));
    apply();
    wish.addEventListener("change", () => {
      apply();
      Cards.markAll();
      Stores.redraw();
      document.dispatchEvent(new CustomEvent("themechange"));
    });
    $("theme").addEventListener("click", () => {
      own = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("momentumflow-theme", own);
      } catch {
        // As above.
      }
      apply();
      Cards.markAll();
      Stores.redraw();
      document.dispatchEvent(new CustomEvent("themechange"));
    });
  }

  function onState({ settings, look, sides, final, opened }) {
    Views.fresh();
    if (opened) Controls.forget();
    moving = final === false;
    if (sides) {
      Views.forget();
      if (!State.B) Compute.clear("B");
      Cards.show(State.look.tab.startsWith("file") ? ["theta", "weights", "loss", "delta", "phase"] : null);
    }
    Controls.refresh();
    if (settings) general(Controls.faults());
    if (look || sides) {
      showTab();
      Cards.markAll();
      Stores.refresh();
      Toolbar.refresh();
      Charts.hover(null);
    } else Cards.mark("curve", "map");
    recompute();
  }

  function special() {
    if (location.hash === "#selftest" || location.hash === "#essay") {
      State.look.tab = location.hash.slice(1);
      return true;
    }
    return false;
  }

  async function start() {
    setTheme();
    Compute.use(engine);
    Compute.onChange(changed);
    let info = null;
    try {
      info = await engine.start();
      engine.info ??= info;
    } catch (error) {
      State.read(location.hash);
      $("banner").hidden = false;
      $("banner").textContent = error.message;
      return;
    }
    if (info?.experiment) {
      const { problem = {} } = info.experiment;
      if (!problem.gaussian && !State.presets[problem.preset]) Experiments.setGiven(info.experiment);
      State.begin(Experiments.settings(info.experiment));
    }
    if (info?.stores?.length || info?.files?.length) State.begin(null, { tab: info.stores?.length ? "store:0" : "file:0" });
    State.read(location.hash);
    special();
    Controls.build($("panel"));
    Cards.build($("views"));
    Toolbar.build($("toolbar"));
    State.onChange(onState);
    Cards.onVisible(() => { recompute(); Cards.mark(); });
    Cards.onDrawn(painted);
    Charts.onSpeak = (time, text) => {
      const chart = document.activeElement?.closest("figure");
      say(text ?? chart?.querySelector(".readout")?.innerText ?? "");
    };
    addEventListener("popstate", () => { if (!special()) State.back(); else onState({ look: true, final: true }); });
    addEventListener("hashchange", () => { if (special()) onState({ look: true, final: true }); });
    addEventListener("pagehide", () => Compute.stopAll());
    addEventListener("pageshow", (event) => { if (event.persisted) recompute(); });
    $("skip").addEventListener("click", (event) => { event.preventDefault(); ($("essay").hidden ? $("views") : $("essay")).focus(); });
    tabs();
    showTab();
    Cards.show(State.look.tab.startsWith("file") ? ["theta", "weights", "loss", "delta", "phase"] : null);
    recompute();
    if (typeof Share !== "undefined") Share.mount?.();
    const view = State.look.view && $("card-" + State.look.view);
    if (view) view.scrollIntoView({ block: "start" });
    document.dispatchEvent(new CustomEvent("explorerready"));
  }

  // For the other scripts

  /// Whether what is there of a kind, or on its way, is of the settings as they are.
  function isCurrent(side, kind) {
    const wanted = Experiments.of(kind, State[side], State.look);
    const one = Compute.slot(side, kind);
    return !wanted.why && (one.running?.key ?? one.key) === JSON.stringify(wanted);
  }

  const sent = (side) => Object.fromEntries(Experiments.kinds.filter((kind) => isCurrent(side, kind)).map((kind) => [kind, Compute.slot(side, kind).sent]).filter(([, document]) => document));
  const isOfNow = (view, side) => Views.source || view.jobs.every((kind) => Compute.slot(side, kind).why || Experiments.of(kind, State[side], State.look).why || isCurrent(side, kind));

  return {
    engine, latencies, begin, say, get info() { return engine.info; },
    /// The settings and the experiments that were sent, for A and, where there is one, B.
    current: () => ({
      A: { ...State.A }, B: State.B ? { ...State.B } : null, look: { ...State.look }, view: State.look.view || "theta", tab: State.look.tab,
      experiments: sent("A"), experimentsB: State.B ? sent("B") : null,
    }),
    /// The charts that are drawn: {id, title, side, uplot, model, table()}.
    charts: () => Cards.all().flatMap((card) => Object.values(card.figures).filter((found) => found.model && isOfNow(card.view, found.side)).map((found) => ({
      id: card.view.id, side: found.side, title: found.model.title ?? card.view.title, description: found.model.description, uplot: found.chart?.u ?? null, model: found.model, table: () => found.model.table(),
    }))),
    results: (side = "A") => Object.fromEntries(Experiments.kinds.map((kind) => [kind, isCurrent(side, kind) ? Compute.slot(side, kind).result : null])),
    outcome: (side = "A") => Views.outcome(side),
    open: (hash) => State.open(hash),
    state: () => State.text(),
    isBusy: () => Compute.busy().length > 0,
    start,
  };
})();
document.readyState === "loading" ? addEventListener("DOMContentLoaded", App.start) : App.start();
