"use strict";
/// Runs what is wanted, and keeps the last result of each kind for each side.
///
/// A newer experiment takes the place of an older one in its lane. One that has just begun may end first, so that a slider that
/// moves on and on still shows something.
const Compute = (() => {
  const patience = 120;
  /// Those that take long wait until nothing moves.
  const background = new Set(["optimal", "curve", "map"]);
  const withArrays = new Set(["flow", "descent"]);
  const slots = new Map();
  let engine = null;
  let listener = () => {};

  function slot(side, kind) {
    const name = side + "." + kind;
    if (!slots.has(name))
      slots.set(name, { side, kind, lane: name, key: null, result: null, parts: null, fault: null, why: null, running: null, wanted: null, progress: 0 });
    return slots.get(name);
  }

  function start(one, document, key) {
    const controller = new AbortController();
    const many = Array.isArray(document);
    const running = { key, since: performance.now(), controller, document };
    one.running = running;
    one.progress = 0;
    one.total = many ? document.length : 1;
    one.done = 0;
    if (many) {
      one.key = null;
      one.parts = new Array(document.length).fill(null);
      one.sent = document;
    }
    engine
      .run({
        lane: one.lane, arrays: withArrays.has(one.kind), signal: controller.signal, ...(many ? { experiments: document } : { experiment: document }),
        onProgress: (fraction, what, index = 0) => {
          if (one.running !== running) return;
          one.progress = many ? (one.done + Math.min(1, fraction)) / one.total : fraction;
          one.what = what;
          listener(one, "progress");
        },
        onResult: (result, index = 0) => {
          if (one.running !== running || !many) return;
          one.parts[index] = result;
          one.done++;
          one.progress = one.done / one.total;
          listener(one, "part");
        },
      })
      .then(
        (results) => {
          if (one.running !== running) return;
          one.running = null;
          one.key = key;
          one.fault = null;
          if (!many) {
            one.result = results[0];
            one.sent = document;
          }
          listener(one, "done");
          next(one);
        },
        (error) => {
          if (one.running !== running) return;
          one.running = null;
          if (error.name === "AbortError") return next(one);
          one.key = key;
          one.fault = error;
          listener(one, error.name === "Gone" ? "gone" : "fault");
          next(one);
        },
      );
  }

  function next(one) {
    clearTimeout(one.timer);
    const wanted = one.wanted;
    one.wanted = null;
    if (wanted && wanted.key !== one.key) start(one, wanted.document, wanted.key);
  }

  /// Asks for an experiment, unless it is there or on its way.
  function want(side, kind, document, moving) {
    const one = slot(side, kind);
    if (!Array.isArray(document) && document.why) {
      stop(one);
      Object.assign(one, { why: document.why, key: null, result: null, parts: null, fault: null, sent: null });
      return;
    }
    one.why = null;
    const command = (Array.isArray(document) ? document[0] : document).command;
    if (!(engine.info?.commands ?? [command]).includes(command)) {
      one.why = "This page computes by itself and has no such command: mgf explore has.";
      return;
    }
    const key = JSON.stringify(document);
    if (one.running?.key === key) {
      one.wanted = null;
      return;
    }
    if (!one.running && one.key === key) return stop(one);
    if (one.running && one.key === key && !background.has(kind)) {
      // Back to what is there.
      stop(one);
      return;
    }
    if (background.has(kind)) {
      // What is half done of a grid that nobody looks at any more is given up at once, the new one waits for rest.
      if (one.wanted?.key === key) return;
      stop(one);
      if (moving) return;
      one.timer = setTimeout(() => start(one, document, key), 250);
      one.wanted = { document, key };
      return;
    }
    if (!one.running) return start(one, document, key);
    one.wanted = { document, key };
    clearTimeout(one.timer);
    const left = patience - (performance.now() - one.running.since);
    const replace = () => {
      one.running?.controller.abort();
      one.running = null;
      next(one);
    };
    if (left <= 0) replace();
    else one.timer = setTimeout(replace, left);
  }

  function stop(one) {
    clearTimeout(one.timer);
    one.wanted = null;
    const running = one.running;
    one.running = null;
    running?.controller.abort();
  }

  /// Leaves what nobody looks at.
  function drop(side, kind) {
    const one = slots.get(side + "." + kind);
    if (one && (one.running || one.wanted)) stop(one);
  }

  const busy = () => [...slots.values()].filter((one) => (one.running || one.wanted) && !background.has(one.kind));

  return {
    slot, want, drop, busy, background,
    use: (found) => { engine = found; },
    onChange: (found) => { listener = found; },
    stopAll: () => slots.forEach(stop),
    clear: (side) => { for (const [name, one] of slots) if (one.side === side) { stop(one); slots.delete(name); } },
  };
})();
