"use strict";
/// The engine of the served page: asks the program that serves it, over loopback.
const NativeEngine = (() => {
  const tab = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const lanes = new Map();

  const fault = (content) => Object.assign(new Error(content.message ?? "The request failed."), content, { name: "Fault" });
  const gone = () => Object.assign(new Error("mgf explore does not answer any more. Start it again, and reload this page."), { name: "Gone" });
  const aborted = () => new DOMException("A newer request took its place.", "AbortError");

  async function ask(path, body, signal) {
    let response;
    try {
      response = await fetch(path, body === undefined
        ? { signal }
        : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal });
    } catch (error) {
      throw signal?.aborted ? aborted() : gone();
    }
    if (response.ok) return response;
    let content = null;
    try {
      content = (await response.json()).fault;
    } catch {
      // Not from us, or cut off.
    }
    throw fault(content ?? { message: `The server answered ${response.status}.`, field: "" });
  }

  /// Reads frames: a line of JSON each, and the bytes that it announces.
  async function* frames(response) {
    const reader = response.body.getReader();
    let chunks = [];
    let held = 0;
    const decoder = new TextDecoder();
    async function more() {
      const { done, value } = await reader.read();
      if (done) return false;
      chunks.push(value);
      held += value.length;
      return true;
    }
    /// The first `count` bytes of what is held, in a buffer of their own.
    function take(count) {
      const bytes = new Uint8Array(count);
      let filled = 0;
      while (filled < count) {
        const part = Math.min(chunks[0].length, count - filled);
        bytes.set(chunks[0].subarray(0, part), filled);
        filled += part;
        if (part === chunks[0].length) chunks.shift();
        else chunks[0] = chunks[0].subarray(part);
      }
      held -= count;
      return bytes;
    }
    function line() {
      let before = 0;
      for (const chunk of chunks) {
        const at = chunk.indexOf(10);
        if (at >= 0) return before + at;
        before += chunk.length;
      }
      return -1;
    }
    try {
      for (;;) {
        let end = line();
        while (end < 0) {
          if (!(await more())) return;
          end = line();
        }
        const frame = JSON.parse(decoder.decode(take(end + 1)));
        if (frame.bytes) {
          while (held < frame.bytes) if (!(await more())) return;
          frame.payload = take(frame.bytes).buffer;
        }
        yield frame;
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  function arrays(frame) {
    const found = {};
    for (const one of frame.arrays ?? []) {
      const length = one.shape ? one.shape.reduce((a, b) => a * b, 1) : frame.completed ?? one.texts?.length ?? 0;
      let values = one.texts;
      if (!values) {
        const offset = one.offset ?? 0;
        values = offset % 8 === 0
          ? new Float64Array(frame.payload ?? new ArrayBuffer(8 * length), offset, length)
          : new Float64Array(frame.payload.slice(offset, offset + 8 * length));
      }
      found[one.name] = {
        dimensions: one.dimensions ?? ["run"], shape: one.shape ?? [length], values, longName: one.long_name ?? one.name, units: one.units ?? one.unit ?? "1",
      };
    }
    return found;
  }

  /// The experiments of one request.
  const piece = 24;

  const engine = {
    name: "native",
    info: null,
    async start() {
      const found = await (await ask("start")).json();
      found.commands ??= ["solve", "descend", "compare", "limit", "certify", "thresholds"];
      found.stores ??= [];
      found.files ??= [];
      engine.info = found;
      return found;
    },
    /// See the contract of engines: one experiment or a list; a newer run of the lane takes the place of an older one.
    async run({ lane, experiment, experiments, arrays: wantsArrays = false, signal, onProgress, onResult }) {
      lanes.get(lane)?.abort();
      const controller = new AbortController();
      lanes.set(lane, controller);
      const stop = () => controller.abort();
      if (signal?.aborted) stop();
      signal?.addEventListener("abort", stop);
      const results = [];
      let ended = false;
      let stopped = null;
      try {
        // A long list goes piece by piece: browsers have few connections, and all tabs share them.
        for (let from = 0; from < (experiments?.length ?? 1) && stopped === null; from += piece) {
          ended = false;
          const body = { tab, lane, arrays: wantsArrays && "states" };
          if (experiments) body.experiments = experiments.slice(from, from + piece);
          else body.experiment = experiment;
          const response = await ask("run", body, controller.signal);
          for await (const frame of frames(response)) {
            if (controller.signal.aborted) throw aborted();
            const index = from + (frame.index ?? 0);
            if (frame.end) {
              ended = true;
              break;
            }
            if (frame.progress !== undefined) onProgress?.(frame.progress, frame.what ?? "", index);
            else if (frame.fault) {
              // One of many goes wrong alone.
              if (!experiments) throw fault(frame.fault);
              results[index] = { fault: frame.fault, measurements: {}, experiment: experiments[index], arrays: {} };
              onResult?.(results[index], index);
            } else if (frame.stopped !== undefined) stopped = frame.stopped;
            else if (frame.result) {
              results[index] = { measurements: frame.result, experiment: frame.experiment, arrays: arrays(frame) };
              onResult?.(results[index], index);
            }
          }
          if (!ended) break;
        }
      } catch (error) {
        if (controller.signal.aborted) throw aborted();
        throw error.name === "TypeError" ? gone() : error;
      } finally {
        signal?.removeEventListener("abort", stop);
        if (lanes.get(lane) === controller) lanes.delete(lane);
      }
      if (controller.signal.aborted) throw aborted();
      if (stopped !== null && results.length === 0) throw fault({ message: String(stopped), field: "" });
      if (!ended && stopped === null) throw gone();
      return results;
    },
    async rows(store) {
      for await (const frame of frames(await ask("rows", { tab, store })))
        return { completed: frame.completed, runs: frame.runs, arrays: arrays(frame) };
      throw gone();
    },
    experimentOf: async (store, run) => (await (await ask("experiment", { store, run })).json()).experiment,
    async file(index) {
      for await (const frame of frames(await ask("file", { tab, file: index })))
        return { measurements: frame.result ?? {}, experiment: frame.experiment ?? null, arrays: arrays(frame) };
      throw gone();
    },
    figure: async (experiment, format, theme) => (await ask("figure", { tab, experiment, format, theme })).blob(),
    data: async (experiment, format) => (await ask("data", { tab, experiment, format })).blob(),
  };
  return engine;
})();
