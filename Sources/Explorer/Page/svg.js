"use strict";

/// A chart as a picture of its own: SVG with title and description, and PNG made of it.
///
/// It is made from the model that a chart draws (see `Charts`) and, where there is one, from the uPlot instance that draws it: the
/// ranges and ticks are those on the screen then.
const Svg = (() => {
  const font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
  const size = 12;

  const escape = (text) =>
    String(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

  /// Coordinates to a hundredth of a pixel.
  const at = (value) => String(Math.round(value * 100) / 100);

  const attributes = (given) =>
    Object.entries(given)
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => ` ${name}="${escape(typeof value === "number" ? at(value) : value)}"`)
      .join("");
  const element = (name, given, content) => `<${name}${attributes(given)}${content === undefined ? "/>" : `>${content}</${name}>`}`;
  const text = (x, y, content, given = {}) => element("text", { x, y, ...given }, escape(content));

  /// About how wide a text is.
  const wide = (content) => String(content).length * size * 0.56;

  const shown = (value) => (typeof Format === "undefined" ? String(Number(value.toPrecision(4))) : Format.number(value, 4));

  function linearTicks(low, high, most) {
    const span = high - low;
    if (!(span > 0)) return [low];
    const power = 10 ** Math.floor(Math.log10(span / most));
    const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k * most >= span * 0.999);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k === 0 ? 0 : Number((k * step).toPrecision(12)));
    return found;
  }

  function ticks(axis, low, high, most) {
    if (axis.ticks) return axis.ticks(low, high);
    if (!axis.log || high / low < 4) return linearTicks(low, high, most);
    const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const stride = Math.max(1, Math.ceil((to - from) / most));
    const parts = to - from < 2 ? [1, 2, 5] : [1];
    const found = [];
    for (let k = from - 1; k <= to; k++) {
      if (stride > 1 && k % stride !== 0) continue;
      for (const part of parts) {
        const value = Number(`${part}e${k}`);
        if (value >= low * 0.9999 && value <= high * 1.0001) found.push(value);
      }
    }
    return found;
  }

  /// From values to pixels.
  function scale(axis, low, high, from, to) {
    const place = axis.log ? (value) => (value > 0 ? Math.log10(value) : NaN) : Number;
    const factor = (to - from) / (place(high) - place(low));
    const shift = from - place(low) * factor;
    return (value) => place(value) * factor + shift;
  }

  /// The path of a line; where there are many points in a column of pixels, what they span.
  function line(series, x, y, box) {
    const parts = [];
    const count = Math.min(series.x.length, series.y.length);
    const isDense = !series.unsorted && count > 4 * box.width;
    const [floor, ceiling] = [box.top - 4 * box.height, box.top + 5 * box.height];
    let pen = false;
    let column = NaN, least = 0, most = 0, last = 0;
    const to = (px, py) => {
      parts.push(`${pen ? "L" : "M"}${at(px)} ${at(Math.min(ceiling, Math.max(floor, py)))}`);
      pen = true;
    };
    const flush = () => {
      if (column === column && most > least) {
        to(column, least);
        to(column, most);
        to(column, last);
      }
      column = NaN;
    };
    let before = null;
    for (let k = 0; k < count; k++) {
      const [px, py] = [x(series.x[k]), y(series.y[k])];
      if (!(px - px === 0 && py - py === 0)) {
        flush();
        pen = false;
        before = null;
        continue;
      }
      // Beyond the box one point on either side is enough.
      if (!series.unsorted && (px < box.left || px > box.left + box.width)) {
        if (px < box.left) before = [px, py];
        else {
          flush();
          if (pen) to(px, py);
          break;
        }
        continue;
      }
      if (before) to(...before);
      before = null;
      if (!isDense) to(px, py);
      else if (Math.round(px) !== column) {
        flush();
        column = Math.round(px);
        least = most = last = py;
        to(column, py);
      } else {
        least = Math.min(least, py);
        most = Math.max(most, py);
        last = py;
      }
    }
    flush();
    return parts.join("");
  }

  function points(series, x, y, box, each) {
    const parts = [];
    let [lastX, lastY] = [-Infinity, -Infinity];
    const apart = series.thin ?? 0;
    for (let k = 0; k < Math.min(series.x.length, series.y.length); k++) {
      const [px, py] = [x(series.x[k]), y(series.y[k])];
      const isInside = px >= box.left - 1 && px <= box.left + box.width + 1 && py >= box.top - 20 && py <= box.top + box.height + 20;
      if (!isInside) continue;
      if (apart && Math.abs(px - lastX) < apart && (!series.unsorted || Math.abs(py - lastY) < apart)) continue;
      [lastX, lastY] = [px, py];
      parts.push(each(px, py));
    }
    return parts.join("");
  }

  const dash = (parts) => (parts && !(parts.length === 2 && parts[1] === 0) ? parts.join(" ") : null);

  function drawn(series, x, y, box) {
    const { kind = "line", color, label } = series;
    const named = label ? element("title", {}, escape(label)) : "";
    if (!series.x?.length || !series.y?.length || !color) return "";
    if (kind === "line") {
      const d = line(series, x, y, box);
      const style = { fill: "none", stroke: color, "stroke-width": series.width ?? 1.5, "stroke-dasharray": dash(series.dash), "stroke-linejoin": "round" };
      return d ? element("path", { d, ...style }, named) : "";
    }
    const radius = series.radius ?? 2;
    if (kind === "stems") {
      const foot = series.foot === undefined ? box.top + box.height : y(series.foot);
      const d = points(series, x, y, box, (px, py) => `M${at(px)} ${at(foot)}L${at(px)} ${at(py)}`);
      return d ? element("path", { d, stroke: color, "stroke-width": series.width ?? 1 }, named) : "";
    }
    const circles = points(series, x, y, box, (px, py) => element("circle", { cx: px, cy: py, r: radius }));
    const style = kind === "dots" ? { fill: color } : { fill: "none", stroke: color, "stroke-width": series.width ?? 1.5 };
    return circles ? element("g", style, named + circles) : "";
  }

  /// Labels at the right end, moved apart where they would overlap.
  function placed(labels, y, box) {
    const found = labels
      .map((label) => ({ ...label, at: y(label.y) }))
      .filter((label) => label.at >= box.top - 6 && label.at <= box.top + box.height + 6)
      .sort((one, other) => one.at - other.at);
    const gap = size + 1;
    for (let k = 1; k < found.length; k++) found[k].at = Math.max(found[k].at, found[k - 1].at + gap);
    let floor = box.top + box.height + 4;
    for (let k = found.length - 1; k >= 0; k--) {
      found[k].at = Math.min(found[k].at, floor);
      floor = found[k].at - gap;
    }
    return found;
  }

  let number = 0;

  /// The picture of a model. Options: `title`, `description`, `width`, `height`, `uplot`, `colors` (background, foreground, axis,
  /// grid, theory; the theme's where none are given), `heading` (whether the title is drawn, too).
  function of(model, { title = model.title ?? "", description = model.description ?? "", width = 640, height = 400, uplot = null, colors = null, heading = true } = {}) {
    const paint = colors ?? (typeof Charts === "undefined" ? { background: "#fff", foreground: "#222", axis: "#555", grid: "#ececec", theory: "#6b6b6b" } : Charts.theme());
    const range = (name) => {
      const own = uplot?.scales?.[name];
      return own && own.min !== null && own.min !== undefined ? [own.min, own.max] : [model[name].min, model[name].max];
    };
    const [x0, x1] = range("x"), [y0, y1] = range("y");
    const format = (axis) => axis.format ?? shown;
    const labels = model.labels ?? [];
    const marks = model.marks ?? [];

    const yTicks = ticks(model.y, y0, y1, Math.max(3, Math.floor(height / 55))).map((value) => [value, format(model.y)(value)]);
    const left = 34 + Math.max(14, ...yTicks.map(([, label]) => wide(label)));
    const right = 14 + Math.max(0, ...labels.map((label) => wide(label.text) + 8), model.edges?.length ? 8 : 0);
    const top = heading && title ? 36 : 16;
    const bottom = 44 + (model.scale ? 34 : 0);
    const box = { left, top, width: width - left - right, height: height - top - bottom };
    const x = scale(model.x, x0, x1, box.left, box.left + box.width);
    const y = scale(model.y, y0, y1, box.top + box.height, box.top);
    const xTicks = ticks(model.x, x0, x1, Math.max(3, Math.floor(box.width / 70))).map((value) => [value, format(model.x)(value)]);
    const clip = `inside-${++number}`;

    const grid = [];
    const words = [];
    for (const [value, label] of xTicks) {
      const px = x(value);
      if (!(px >= box.left - 0.5 && px <= box.left + box.width + 0.5)) continue;
      if (!model.cells) grid.push(`M${at(px)} ${at(box.top)}V${at(box.top + box.height)}`);
      words.push(text(px, box.top + box.height + 17, label, { "text-anchor": "middle" }));
    }
    for (const [value, label] of yTicks) {
      const py = y(value);
      if (!(py >= box.top - 0.5 && py <= box.top + box.height + 0.5)) continue;
      if (!model.cells) grid.push(`M${at(box.left)} ${at(py)}H${at(box.left + box.width)}`);
      words.push(text(box.left - 7, py + size * 0.35, label, { "text-anchor": "end" }));
    }
    const middle = box.top + box.height / 2;
    words.push(text(box.left + box.width / 2, box.top + box.height + 36, model.x.label ?? "", { "text-anchor": "middle" }));
    words.push(text(14, middle, model.y.label ?? "", { "text-anchor": "middle", transform: `rotate(-90 14 ${at(middle)})` }));

    const inside = [];
    for (const cell of model.cells ?? []) {
      const [left_, right_] = [x(cell.x0), x(cell.x1)].sort((one, other) => one - other);
      const [top_, bottom_] = [y(cell.y0), y(cell.y1)].sort((one, other) => one - other);
      inside.push(element("rect", { x: left_, y: top_, width: right_ - left_, height: bottom_ - top_, fill: cell.color }));
    }
    for (const mark of marks) {
      const d = mark.x !== undefined ? `M${at(x(mark.x))} ${at(box.top)}V${at(box.top + box.height)}` : `M${at(box.left)} ${at(y(mark.y))}H${at(box.left + box.width)}`;
      if (!d.includes("NaN")) inside.push(element("path", { d, stroke: mark.color ?? paint.theory, "stroke-width": mark.width ?? 1, "stroke-dasharray": dash(mark.dash ?? [4, 3]) }));
    }
    for (const series of model.series ?? []) inside.push(drawn(series, x, y, box));
    for (const stroke of model.strokes ?? []) {
      const d = stroke.points.map(([px, py], k) => `${k ? "L" : "M"}${at(x(px))} ${at(y(py))}`).join("");
      inside.push(element("path", { d, fill: "none", stroke: stroke.color }));
      if (stroke.label) inside.push(text(x(stroke.at[0]) + 4, y(stroke.at[1]) + size + 1, stroke.label, { fill: "#fff", stroke: "rgba(0,0,0,0.55)", "stroke-width": 3, "paint-order": "stroke" }));
    }
    for (const spot of model.spots ?? []) {
      for (const [color, extra] of [[paint.background, 2], [spot.color ?? paint.foreground, 0]]) {
        inside.push(element("circle", { cx: x(spot.x), cy: y(spot.y), r: spot.radius ?? 5, fill: "none", stroke: color, "stroke-width": 2 + extra }));
      }
    }

    const outside = [];
    for (const mark of marks.filter((one) => one.label)) {
      const style = { fill: mark.color ?? paint.theory };
      if (mark.x === undefined) outside.push(text(box.left + 4, y(mark.y) - 4, mark.label, style));
      else if (x(mark.x) >= box.left - 1 && x(mark.x) <= box.left + box.width + 1) {
        const fits = x(mark.x) + wide(mark.label) + 6 < box.left + box.width + right;
        outside.push(text(x(mark.x) + (fits ? 4 : -4), box.top + 12 + 14 * (mark.row ?? 0), mark.label, { ...style, "text-anchor": fits ? null : "end" }));
      }
    }
    for (const edge of model.edges ?? []) {
      const py = y(edge.y);
      if (!(py >= box.top && py <= box.top + box.height)) continue;
      const px = box.left + box.width;
      outside.push(element("path", { d: `M${at(px + 1)} ${at(py)}l5 -3v6z`, fill: edge.color }));
    }
    for (const label of placed(labels, y, box)) {
      outside.push(text(box.left + box.width + 9, label.at + size * 0.35, label.text, { fill: label.color, "font-weight": label.strong ? 600 : null }));
    }
    if (model.scale) {
      const { low, high, name } = model.scale;
      const stops = Array.from({ length: 9 }, (_, k) => element("stop", { offset: `${12.5 * k}%`, "stop-color": Charts.shade(k / 8) })).join("");
      const [px, py] = [box.left, height - 18];
      outside.push(
        element("linearGradient", { id: `${clip}-scale` }, stops), element("rect", { x: px, y: py, width: 150, height: 10, fill: `url(#${clip}-scale)` }),
        text(px, py - 5, shown(low)), text(px + 150, py - 5, shown(high), { "text-anchor": "end" }), text(px + 160, py + 9, name),
      );
    }

    const id = `${clip}-title`;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" ` +
      `aria-labelledby="${id} ${id}-more" font-family="${font}" font-size="${size}" fill="${paint.axis}">\n` +
      element("title", { id }, escape(title)) + element("desc", { id: `${id}-more` }, escape(description)) + "\n" +
      element("rect", { width, height, fill: paint.background }) + "\n" +
      element("clipPath", { id: clip }, element("rect", { x: box.left, y: box.top, width: box.width, height: box.height })) + "\n" +
      (grid.length ? element("path", { d: grid.join(""), stroke: paint.grid, fill: "none" }) + "\n" : "") +
      element("g", { "clip-path": `url(#${clip})` }, inside.filter(Boolean).join("\n")) + "\n" +
      (heading && title ? text(box.left, 22, title, { fill: paint.foreground, "font-size": 14, "font-weight": 600 }) + "\n" : "") +
      words.join("") + outside.join("") + "\n</svg>\n"
    );
  }

  /// A PNG of a picture, some times as large.
  async function png(picture, times = 2) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width * times, image.height * times];
    const context = canvas.getContext("2d");
    context.scale(times, times);
    context.drawImage(image, 0, 0);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  return { of, png, escape };
})();

if (typeof module !== "undefined") module.exports = Svg;
