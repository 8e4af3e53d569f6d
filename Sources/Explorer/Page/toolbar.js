"use strict";
/// Time that is played, axes, the coordinate that is looked at.
const Toolbar = (() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let playing = 0;
  let parts = {};

  const isLog = () => State.look.time === "log" && !Views.source;
  const range = () => {
    const flow = Views.source && Views.runs("A").flow;
    const end = flow ? flow.t.at(-1) : Math.max(...State.sides().map((side) => State[side].until));
    return isLog() ? [end / 1000, end] : [0, end];
  };
  const toTime = (part) => {
    const [low, high] = range();
    return isLog() ? low * (high / low) ** part : low + part * (high - low);
  };
  const toPart = (time) => {
    const [low, high] = range();
    return isLog() ? Math.log(Math.max(time, low) / low) / Math.log(high / low) : (time - low) / (high - low);
  };

  /// Moves the marker; the address follows when it rests.
  function go(part, rest) {
    const time = Format.rounded(toTime(Math.min(1, Math.max(0, part))), 4);
    State.look.t = time;
    Charts.hover(null);
    show();
    if (rest) State.setLook({ t: time });
  }

  function play() {
    if (playing) return stop();
    if (still.matches) return step(1);
    const length = 9000;
    let part = State.look.t === null || toPart(State.look.t) >= 0.999 ? 0 : toPart(State.look.t);
    let before = performance.now();
    parts.play.textContent = "❚❚";
    parts.play.setAttribute("aria-label", "Pause");
    const frame = (now) => {
      part += (now - before) / length;
      before = now;
      go(part, false);
      if (part >= 1) return stop();
      playing = requestAnimationFrame(frame);
    };
    playing = requestAnimationFrame(frame);
  }

  function stop() {
    cancelAnimationFrame(playing);
    playing = 0;
    parts.play.textContent = "▶";
    parts.play.setAttribute("aria-label", "Play time");
    State.setLook({ t: State.look.t });
  }

  const step = (sign) => go(toPart(State.look.t ?? range()[0]) + sign * 0.02, true);

  function show() {
    const time = State.look.t;
    const part = time === null ? 0 : toPart(time);
    if (document.activeElement !== parts.scrub || playing) parts.scrub.value = String(Math.round(part * 1000));
    parts.scrub.setAttribute("aria-valuetext", time === null ? "none" : `time ${Format.number(time)}`);
    parts.time.textContent = time === null ? "t" : `t ${Format.number(time)}`;
    parts.clear.hidden = time === null;
  }

  function build(host) {
    parts.play = Make("button", { type: "button", class: "round", "aria-label": "Play time", title: "Play time", onclick: play }, "▶");
    parts.back = Make("button", { type: "button", class: "round", "aria-label": "A step back in time", onclick: () => step(-1) }, "‹");
    parts.forth = Make("button", { type: "button", class: "round", "aria-label": "A step forth in time", onclick: () => step(1) }, "›");
    parts.scrub = Make("input", { type: "range", min: 0, max: 1000, step: 5, value: 0, "aria-label": "Time", oninput: () => go(parts.scrub.value / 1000, false), onchange: () => go(parts.scrub.value / 1000, true) });
    parts.time = Make("output", { class: "time" }, "t");
    parts.clear = Make("button", { type: "button", class: "quiet", "aria-label": "Take the time marker away", title: "Take the marker away", hidden: true, onclick: () => { State.setLook({ t: null }); Charts.hover(null); show(); } }, "×");
    parts.axis = Cards.segmented("Time axis", [["linear", "linear"], ["log", "log"]], () => State.look.time, (key) => State.setLook({ time: key, zoom: null }, true));
    parts.values = Cards.segmented("Value axes", [["linear", "linear"], ["log", "log"]], () => State.look.values, (key) => State.setLook({ values: key }, true));
    parts.feature = Make("select", { id: "feature", onchange: () => State.setLook({ feature: parts.feature.value === "" ? null : Number(parts.feature.value) }, true) });
    parts.zoom = Make("button", { type: "button", class: "quiet", hidden: true, onclick: () => State.setLook({ zoom: null }) }, "Whole time");
    parts.steps = Make("span", { class: "steps" }, parts.back, parts.forth);
    host.append(
      Make("div", { class: "player" }, parts.play, parts.steps, parts.scrub, parts.time, parts.clear),
      Make("div", { class: "tool" }, Make("span", {}, "time"), parts.axis),
      Make("div", { class: "tool" }, Make("span", {}, "values"), parts.values),
      Make("div", { class: "tool" }, Make("label", { for: "feature" }, "coordinate"), parts.feature),
      parts.zoom,
    );
    const motion = () => {
      parts.play.hidden = still.matches;
      parts.steps.hidden = !still.matches;
      if (still.matches && playing) stop();
    };
    still.addEventListener("change", motion);
    motion();
  }

  function refresh() {
    parts.axis.refresh();
    parts.values.refresh();
    parts.zoom.hidden = State.look.zoom === null;
    const flow = Views.runs("A").flow;
    if (flow) {
      const wanted = flow.names.join();
      if (parts.feature.dataset.names !== wanted) {
        parts.feature.dataset.names = wanted;
        parts.feature.replaceChildren(Make("option", { value: "" }, "by itself"), ...flow.names.map((name, k) => Make("option", { value: k }, name)));
      }
      parts.feature.value = State.look.feature === null || State.look.feature >= flow.d ? "" : String(State.look.feature);
      parts.feature.options[0].textContent = State.look.feature === null ? `${flow.names[Views.selected("A")]} (by itself)` : "by itself";
    }
    if (!playing) show();
  }

  return { build, refresh, stop: () => playing && stop() };
})();
