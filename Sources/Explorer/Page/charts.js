"use strict";
/// A thin layer over uPlot: a chart draws a model, which says what is to be seen and nothing of how.
///
/// A model has `x` and `y` ({label, log, min, max}), `series` ({label, x, y, kind, color, width, dash, feature}; kinds are line,
/// dots, rings and stems), `marks` ({x or y, label, color}), `labels` and `edges` at the right end of lines, `cells` of a heat map,
/// `readout(at)`, `table()` and `description`.
const Charts = (() => {
  const themes = {
    light: {
      background: "#ffffff", foreground: "#222222", grid: "#ececec", axis: "#5c6066", theory: "#6b6b6b", missing: "#d0d0d0", muted: "#8b9097",
      accent: "#0067a6",
      colors: ["#0067a6", "#c04a00", "#007a58", "#a04a86", "#8a6200", "#3a3a3a", "#5b50b8"],
    },
    dark: {
      background: "#1b1f24", foreground: "#dde2e8", grid: "#2b3138", axis: "#a4acb6", theory: "#9aa3ad", missing: "#3a4048", muted: "#757d87",
      accent: "#56b4e9",
      colors: ["#56b4e9", "#ff8c42", "#2fcf9f", "#e39bc6", "#f0c04a", "#c8ced6", "#a9a0ff"],
    },
  };
  const theme = () => themes[document.documentElement.dataset.theme === "dark" ? "dark" : "light"];

  /// Viridis, as the figures of the command line have it.
  const viridis = [
    [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [109, 205, 89],
    [180, 222, 44], [253, 231, 37],
  ];
  function shade(part) {
    const place = Math.min(1, Math.max(0, part)) * (viridis.length - 1);
    const low = Math.min(Math.floor(place), viridis.length - 2);
    const mix = [0, 1, 2].map((k) => Math.round(viridis[low][k] + (place - low) * (viridis[low + 1][k] - viridis[low][k])));
    return `rgb(${mix.join(",")})`;
  }

  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const all = new Set();

  // Axes

  function linearTicks(min, max, most) {
    const span = max - min;
    if (!(span > 0)) return [min];
    const raw = span / Math.max(1, most);
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= raw * 0.999);
    const found = [];
    for (let k = Math.ceil(min / step - 1e-9); k * step <= max + step * 1e-9; k++) found.push(k === 0 ? 0 : Number((k * step).toPrecision(12)));
    return found;
  }

  function logTicks(min, max, most) {
    const [low, high] = [Math.log10(min), Math.log10(max)];
    const decades = high - low;
    if (decades < 0.5) return linearTicks(min, max, most);
    const found = [];
    if (decades < most / 2.2) {
      const parts = decades < most / 4 ? [1, 2, 5] : [1, 3];
      for (let k = Math.floor(low); k <= high; k++) for (const part of parts) {
        const value = Number((part * 10 ** k).toPrecision(3));
        if (value >= min * 0.9999 && value <= max * 1.0001) found.push(value);
      }
      return found;
    }
    const stride = Math.max(1, Math.ceil(decades / most));
    for (let k = Math.ceil(low - 1e-9); k <= high + 1e-9; k++) if (k % stride === 0) found.push(Number(`1e${k}`));
    return found;
  }

  const ticks = (axis, min, max, most) => (axis.ticks ? axis.ticks(min, max) : axis.log ? logTicks(min, max, most) : linearTicks(min, max, most));

  /// The least and the greatest of series, those of x within a window only; positive ones for a logarithmic axis.
  function extent(series, axis, { log = false, window = null } = {}) {
    let low = Infinity, high = -Infinity;
    for (const one of series) {
      if (one.apart) continue;
      const values = one[axis];
      const at = one.x;
      const inside = window && axis === "y" && !one.unsorted;
      const [from, to] = inside ? [find(at, window[0]), Math.min(values.length, find(at, window[1]) + 1)] : [0, values.length];
      for (let k = from; k < to; k++) {
        const value = values[k];
        if (log ? value > 0 && value < Infinity : value - value === 0) {
          if (value < low) low = value;
          if (value > high) high = value;
        }
      }
    }
    return low <= high ? [low, high] : null;
  }

  /// The range with some air.
  function padded(range, { log = false, part = 0.06, include = [] } = {}) {
    let [low, high] = range ?? (log ? [0.1, 1] : [0, 1]);
    for (const value of include) (low = Math.min(low, value)), (high = Math.max(high, value));
    if (log) {
      const air = Math.max(Math.log10(high / low) * part, 0.05);
      return [low * 10 ** -air, high * 10 ** air];
    }
    const air = (high - low) * part || Math.abs(high) * 0.1 || 1;
    return [low - air, high + air];
  }

  /// The first index whose value is at least `value`, in increasing values.
  function find(values, value) {
    let low = 0, high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /// The index whose value is nearest.
  function nearest(values, value) {
    const k = find(values, value);
    if (k === 0) return 0;
    if (k === values.length) return k - 1;
    return value - values[k - 1] <= values[k] - value ? k - 1 : k;
  }

  // Paths

  const logarithm = Math.log10;

  /// From values to pixels of the canvas, as a factor and a shift of the value or its logarithm.
  function mapping(min, max, log, from, length) {
    const [low, high] = log ? [logarithm(min), logarithm(max)] : [min, max];
    const factor = length / (high - low);
    return [factor, from - low * factor];
  }

  function build(chart, u, series, path = new Path2D()) {
    const { x: xAxis, y: yAxis } = chart.model;
    const { left, top, width, height } = u.bbox;
    const [sx, ox] = mapping(u.scales.x.min, u.scales.x.max, xAxis.log, left, width);
    const [sy, oy] = mapping(u.scales.y.max, u.scales.y.min, yAxis.log, top, height);
    const { x, y, kind = "line" } = series;
    const ratio = devicePixelRatio || 1;
    let from = 0, to = Math.min(x.length, y.length);
    if (!series.unsorted && to > 2) {
      from = Math.max(0, find(x, u.scales.x.min) - 1);
      to = Math.min(to, find(x, u.scales.x.max) + 2);
    }
    const floor = top - 4 * height, ceiling = top + 5 * height;
    if (kind === "line") {
      let pen = false;
      const dense = !series.unsorted && to - from > 3 * width;
      let column = -1, first = 0, least = 0, most = 0, last = 0;
      const flush = () => {
        if (column < 0) return;
        pen ? path.lineTo(column, first) : path.moveTo(column, first);
        pen = true;
        if (most !== least) path.lineTo(column, least), path.lineTo(column, most), path.lineTo(column, last);
        column = -1;
      };
      for (let k = from; k < to; k++) {
        const a = x[k], b = y[k];
        const px = xAxis.log ? (a > 0 ? logarithm(a) * sx + ox : NaN) : a * sx + ox;
        let py = yAxis.log ? (b > 0 ? logarithm(b) * sy + oy : NaN) : b * sy + oy;
        if (px !== px || py !== py) {
          if (dense) flush();
          pen = false;
          continue;
        }
        if (py < floor) py = floor;
        else if (py > ceiling) py = ceiling;
        if (!dense) {
          pen ? path.lineTo(px, py) : path.moveTo(px, py);
          pen = true;
        } else {
          const at = Math.round(px);
          if (at !== column) {
            flush();
            column = at;
            first = least = most = last = py;
          } else {
            if (py < least) least = py;
            if (py > most) most = py;
            last = py;
          }
        }
      }
      if (dense) flush();
      return { stroke: path, fill: null, clip: null, band: null, gaps: null, flags: 0 };
    }
    const radius = (series.radius ?? 2) * ratio;
    const apart = (series.thin ?? 0) * ratio;
    // Very many points are stamped after the paths: see `stamp`.
    if (kind === "dots" && to - from > many) return null;
    const base = top + height;
    let before = -Infinity, beforeY = -Infinity;
    for (let k = from; k < to; k++) {
      const a = x[k], b = y[k];
      const px = xAxis.log ? (a > 0 ? logarithm(a) * sx + ox : NaN) : a * sx + ox;
      const py = yAxis.log ? (b > 0 ? logarithm(b) * sy + oy : NaN) : b * sy + oy;
      if (px !== px || py !== py || py < top - 20 || py > base + 20) continue;
      if (apart && Math.abs(px - before) < apart && (!series.unsorted || Math.abs(py - beforeY) < apart)) continue;
      (before = px), (beforeY = py);
      if (kind === "stems") {
        const foot = series.foot === undefined ? base : (yAxis.log ? logarithm(series.foot) : series.foot) * sy + oy;
        path.moveTo(px, foot);
        path.lineTo(px, py);
      } else {
        path.moveTo(px + radius, py);
        path.arc(px, py, radius, 0, 2 * Math.PI);
      }
    }
    const filled = kind === "dots";
    return { stroke: filled ? null : path, fill: filled ? path : null, clip: null, band: null, gaps: null, flags: 0 };
  }

  const many = 3000;

  /// Red, green and blue of a colour as pixels have them.
  function pixel(color) {
    const parts = color.startsWith("#") ? [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16)) : color.match(/\d+/g).slice(0, 3).map(Number);
    return ((255 << 24) | (parts[2] << 16) | (parts[1] << 8) | parts[0]) >>> 0;
  }

  /// Draws very many points, pixel by pixel: a path of them would take a second.
  function stamp(chart, u, series) {
    const { x, y } = series;
    if (series.kind !== "dots" || Math.min(x.length, y.length) <= many) return;
    const { x: xAxis, y: yAxis } = chart.model;
    const [width, height] = [Math.round(u.bbox.width), Math.round(u.bbox.height)];
    let from = 0, to = Math.min(x.length, y.length);
    if (!series.unsorted) (from = find(x, u.scales.x.min)), (to = Math.min(to, find(x, u.scales.x.max) + 1));
    if (to - from <= many || !(width > 0) || !(height > 0)) return;
    const [sx, ox] = mapping(u.scales.x.min, u.scales.x.max, xAxis.log, 0, width);
    const [sy, oy] = mapping(u.scales.y.max, u.scales.y.min, yAxis.log, 0, height);
    const size = Math.max(1, Math.round(2 * (series.radius ?? 2) * (devicePixelRatio || 1)));
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const color = pixel(series.color);
    for (let k = from; k < to; k++) {
      const px = Math.round((xAxis.log ? logarithm(x[k]) : x[k]) * sx + ox - size / 2);
      const py = Math.round((yAxis.log ? logarithm(y[k]) : y[k]) * sy + oy - size / 2);
      if (!(px >= 0 && py >= 0 && px + size <= width && py + size <= height)) continue;
      for (let row = 0, at = py * width + px; row < size; row++, at += width) for (let c = 0; c < size; c++) pixels[at + c] = color;
    }
    chart.sheet ??= document.createElement("canvas");
    Object.assign(chart.sheet, { width, height });
    chart.sheet.getContext("2d").putImageData(image, 0, 0);
    u.ctx.drawImage(chart.sheet, u.bbox.left, u.bbox.top);
  }

  // Charts

  class Chart {
    /// `place` is the element that is drawn into; `options`: id, title, height, side, and what is called: onPick(series), onZoom(range),
    /// onPoint(x, y), onDrag(x, final), onKey(event).
    constructor(place, options) {
      this.place = place;
      this.options = options;
      this.u = null;
      this.model = null;
      this.zoom = null;
      this.width = 0;
      all.add(this);
      this.observer = new ResizeObserver(() => this.resize());
      this.observer.observe(place);
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-roledescription", "chart");
      place.addEventListener("keydown", (event) => this.key(event));
      place.addEventListener("blur", () => this.isTime && hover(null));
    }

    get isTime() { return this.model?.x.time === true; }

    remove() {
      this.observer.disconnect();
      this.u?.destroy();
      all.delete(this);
    }

    get height() { return this.options.height ?? 240; }

    resize() {
      const width = this.place.clientWidth;
      if (!this.u || !width || width === this.width) return;
      this.width = width;
      this.u.setSize({ width, height: this.height });
    }

    /// Draws a model, over what was drawn before.
    set(model) {
      this.model = model;
      this.place.setAttribute("aria-label", `${model.title ?? this.options.title}. ${model.description ?? ""}`);
      if (!this.u) this.create();
      const u = this.u;
      const count = Math.max(1, model.series.length);
      while (u.series.length - 1 > count) u.delSeries(u.series.length - 1);
      while (u.series.length - 1 < count) u.addSeries(this.plain());
      u.scales.x.distr = model.x.log ? 3 : 1;
      u.scales.y.distr = model.y.log ? 3 : 1;
      const data = [model.series[0]?.x?.length ? model.series[0].x : [0, 1]];
      for (let k = 1; k <= count; k++) {
        const series = model.series[k - 1];
        u.series[k].width = series ? series.width ?? 1.5 : 0;
        u.series[k].dash = series?.dash ? series.dash.map((part) => part * (devicePixelRatio || 1)) : undefined;
        u.series[k].label = series?.label ?? "";
        data.push(series?.y?.length ? series.y : [0, 1]);
      }
      u.axes[0].label = u.axes[1].label = undefined;
      u.setData(data);
      this.mark();
    }

    plain() {
      const own = (u, k) => this.model.series[k - 1];
      return {
        scale: "y", auto: false, width: 1.5, points: { show: false }, pxAlign: 0,
        stroke: (u, k) => (own(u, k)?.kind === "dots" ? null : own(u, k)?.color ?? null),
        fill: (u, k) => (own(u, k)?.kind === "dots" ? own(u, k).color : null),
        paths: (u, k) => {
          const series = own(u, k);
          if (!series) return null;
          if (!series.group) return build(this, u, series);
          // Lines of a group look alike: one stroke draws them all.
          const all = this.model.series.filter((one) => one.group === series.group);
          if (all[0] !== series) return null;
          const path = new Path2D();
          let found = null;
          for (const one of all) found = build(this, u, one, path);
          return found;
        },
      };
    }

    create() {
      const chart = this;
      const axis = (name) => ({
        scale: name, side: name === "x" ? 2 : 3, font: `11px ${font}`, stroke: () => theme().axis, gap: 4,
        size: name === "x" ? 26 : (u, values) => Math.max(34, 14 + 6.1 * Math.max(0, ...(values ?? [""]).map((text) => String(text).length))),
        grid: { stroke: () => (chart.model.cells ? "transparent" : theme().grid), width: 1 },
        ticks: { stroke: () => theme().grid, width: 1, size: 4 },
        // Any will do: splits are our own.
        incrs: (u, k, min, max) => [10 + 1e9 * (max - min)],
        splits: (u, k, min, max) => {
          const length = (name === "x" ? u.bbox.width : u.bbox.height) / (devicePixelRatio || 1);
          return ticks(chart.model[name], min, max, Math.max(2, Math.floor(length / (name === "x" ? 62 : 34))));
        },
        values: (u, splits) => splits.map((value) => (chart.model[name].format ?? ((v) => Format.number(v, 4)))(value)),
        filter: (u, splits) => splits,
      });
      this.width = this.place.clientWidth || 400;
      const range = (name) => () => {
        const own = chart.model?.[name];
        const zoom = chart.zoom?.[name];
        return zoom ?? [own?.min ?? 0, own?.max ?? 1];
      };
      this.u = new uPlot(
        {
          width: this.width, height: this.height, legend: { show: false }, padding: [18, this.options.right ?? 40, 0, 0], pxAlign: 0,
          scales: { x: { time: false, auto: false, range: range("x") }, y: { auto: false, range: range("y") } },
          series: [{ scale: "x" }, this.plain()],
          axes: [axis("x"), axis("y")],
          cursor: {
            points: { show: false }, x: true, y: false,
            drag: { x: !this.options.onDrag && !this.options.still, y: this.options.free === true, setScale: false, dist: 6 },
            bind: { dblclick: () => null },
          },
          hooks: {
            drawClear: [(u) => chart.under(u)],
            drawSeries: [(u, k) => { if (chart.model.series[k - 1]) stamp(chart, u, chart.model.series[k - 1]); }],
            draw: [(u) => chart.over(u)],
            setSelect: [(u) => chart.selected(u)],
          },
        },
        [[0, 1], [0, 1]],
        this.place,
      );
      this.now = Make("div", { class: "now", hidden: true });
      this.point = Make("div", { class: "now-point", hidden: true });
      this.u.over.append(this.now, this.point);
      this.listen(this.u.over);
    }

    listen(over) {
      const at = (event) => {
        const box = over.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
      };
      let down = null;
      over.addEventListener("pointermove", (event) => {
        const [left, top] = at(event);
        if (this.options.onDrag && down) return this.options.onDrag(this.u.posToVal(left, "x"), false);
        if (this.isTime) hover(this.u.posToVal(left, "x"));
        this.say(left, top);
      });
      over.addEventListener("pointerleave", () => {
        if (this.isTime) hover(null);
        else this.tell(this.model?.readout?.(null) ?? []);
      });
      over.addEventListener("pointerdown", (event) => {
        down = at(event);
        if (this.options.onDrag && event.button === 0) {
          over.setPointerCapture(event.pointerId);
          this.options.onDrag(this.u.posToVal(down[0], "x"), false);
        }
      });
      over.addEventListener("pointerup", (event) => {
        const [left, top] = at(event);
        const moved = down && Math.hypot(left - down[0], top - down[1]) > 5;
        if (this.options.onDrag && down) this.options.onDrag(this.u.posToVal(left, "x"), true);
        else if (!moved && event.button === 0) this.click(left, top);
        down = null;
      });
      over.addEventListener("pointercancel", () => {
        if (this.options.onDrag && down) State.settle();
        down = null;
      });
      over.addEventListener("dblclick", () => this.unzoom());
    }

    click(left, top) {
      if (this.options.onPoint) return this.options.onPoint(this.u.posToVal(left, "x"), this.u.posToVal(top, "y"), left, top);
      const series = this.near(left, top);
      if (series && series.feature !== undefined) this.options.onPick?.(series);
    }

    /// The series that passes nearest to a place, within 14 pixels.
    near(left, top, within = 14) {
      if (!this.model) return null;
      let found = null, best = within;
      const u = this.u;
      for (const series of this.model.series) {
        if (series.feature === undefined || !series.x.length) continue;
        const spots = series.unsorted ? series.x.keys() : [nearest(series.x, u.posToVal(left, "x"))];
        for (const k of spots) {
          const distance = series.unsorted || series.kind !== "line"
            ? Math.hypot(u.valToPos(series.x[k], "x") - left, u.valToPos(series.y[k], "y") - top)
            : Math.abs(u.valToPos(series.y[k], "y") - top);
          if (distance < best) (best = distance), (found = series);
        }
      }
      return found;
    }

    say(left, top) {
      if (this.isTime) return;
      this.tell(this.model?.readout?.(this.u.posToVal(left, "x"), this.u.posToVal(top, "y"), this) ?? []);
    }

    tell(parts) {
      this.options.onReadout?.(parts);
    }

    selected(u) {
      const { left, width, top, height } = u.select;
      if (width < 6) return;
      const x = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
      const y = [u.posToVal(top + height, "y"), u.posToVal(top, "y")];
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      if (this.options.onBrush) this.options.onBrush(x, y);
      else if (this.isTime) this.options.onZoom?.(x);
      else {
        this.zoom = { x, y: this.options.free && height > 6 ? y : undefined };
        this.set(this.model);
      }
    }

    unzoom() {
      if (this.isTime) this.options.onZoom?.(null);
      else if (this.zoom) {
        this.zoom = null;
        this.set(this.model);
      }
    }

    key(event) {
      if (event.key === "Escape") {
        this.unzoom();
        return;
      }
      if (this.options.onKey?.(event) === true || !this.model || event.altKey || event.ctrlKey || event.metaKey) {
        return;
      }
      if (this.isTime && (event.key === "+" || event.key === "-")) {
        const { min, max } = this.u.scales.x;
        const at = hovered ?? State.look.t ?? (min + max) / 2;
        const half = (max - min) * (event.key === "+" ? 0.25 : 1);
        return this.options.onZoom?.([Math.max(0, at - half), at + half]);
      }
      if (this.isTime && (event.key === "ArrowLeft" || event.key === "ArrowRight" || event.key === "Home" || event.key === "End")) {
        event.preventDefault();
        const { min, max, log } = { ...this.model.x, min: this.u.scales.x.min, max: this.u.scales.x.max };
        const place = hovered ?? State.look.t;
        let part = place === null ? 0 : log ? Math.log(Math.max(place, min) / min) / Math.log(max / min) : (place - min) / (max - min);
        const step = event.shiftKey ? 0.1 : 0.01;
        part = event.key === "Home" ? 0 : event.key === "End" ? 1 : Math.min(1, Math.max(0, part + (event.key === "ArrowRight" ? step : -step)));
        hover(log ? min * (max / min) ** part : min + part * (max - min), true);
      }
    }

    under(u) {
      const { cells, x, y } = this.model;
      if (!cells) return;
      const { ctx } = u;
      ctx.save();
      ctx.beginPath();
      ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
      ctx.clip();
      for (const cell of cells) {
        const [x0, x1] = [u.valToPos(cell.x0, "x", true), u.valToPos(cell.x1, "x", true)];
        const [y0, y1] = [u.valToPos(cell.y1, "y", true), u.valToPos(cell.y0, "y", true)];
        ctx.fillStyle = cell.color;
        ctx.fillRect(Math.floor(x0), Math.floor(y0), Math.ceil(x1) - Math.floor(x0), Math.ceil(y1) - Math.floor(y0));
      }
      ctx.restore();
    }

    over(u) {
      const { ctx } = u;
      const ratio = devicePixelRatio || 1;
      const colors = theme();
      const { left, top, width, height } = u.bbox;
      const model = this.model;
      ctx.save();
      ctx.font = `${11 * ratio}px ${font}`;
      ctx.fillStyle = colors.axis;
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      ctx.fillText(`↑ ${model.y.label}`, 2 * ratio, 0);
      for (const mark of model.marks ?? []) {
        ctx.strokeStyle = mark.color ?? colors.theory;
        ctx.lineWidth = (mark.width ?? 1) * ratio;
        ctx.setLineDash((mark.dash ?? [4, 3]).map((part) => part * ratio));
        ctx.beginPath();
        if (mark.x !== undefined) {
          const at = u.valToPos(mark.x, "x", true);
          if (!(at >= left - 1 && at <= left + width + 1)) continue;
          ctx.moveTo(at, top);
          ctx.lineTo(at, top + height);
          ctx.stroke();
          if (mark.label) {
            ctx.fillStyle = mark.color ?? colors.theory;
            ctx.textBaseline = "top";
            const right = at + ctx.measureText(mark.label).width + 8 * ratio < left + width + 30 * ratio;
            ctx.textAlign = right ? "left" : "right";
            ctx.fillText(mark.label, at + (right ? 4 : -4) * ratio, top + (2 + 14 * (mark.row ?? 0)) * ratio);
          }
        } else {
          const at = u.valToPos(mark.y, "y", true);
          if (!(at >= top - 1 && at <= top + height + 1)) continue;
          ctx.moveTo(left, at);
          ctx.lineTo(left + width, at);
          ctx.stroke();
          if (mark.label) {
            ctx.fillStyle = mark.color ?? colors.theory;
            ctx.textBaseline = "bottom";
            ctx.textAlign = "left";
            ctx.fillText(mark.label, left + 4 * ratio, at - 2 * ratio);
          }
        }
      }
      ctx.setLineDash([]);
      for (const stroke of model.strokes ?? []) {
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, top, width, height);
        ctx.clip();
        ctx.strokeStyle = stroke.color;
        ctx.lineWidth = ratio;
        ctx.beginPath();
        stroke.points.forEach(([x, y], k) => ctx[k ? "lineTo" : "moveTo"](u.valToPos(x, "x", true), u.valToPos(y, "y", true)));
        ctx.stroke();
        if (stroke.label) {
          const [x, y] = stroke.at.map((value, k) => u.valToPos(value, k ? "y" : "x", true));
          ctx.textAlign = "left";
          ctx.textBaseline = "top";
          ctx.lineWidth = 3 * ratio;
          ctx.strokeStyle = "rgba(0,0,0,0.55)";
          ctx.strokeText(stroke.label, x + 4 * ratio, y + 3 * ratio);
          ctx.fillStyle = "#fff";
          ctx.fillText(stroke.label, x + 4 * ratio, y + 3 * ratio);
        }
        ctx.restore();
      }
      for (const spot of model.spots ?? []) {
        const [x, y] = [u.valToPos(spot.x, "x", true), u.valToPos(spot.y, "y", true)];
        if (!(x >= left - 2 && x <= left + width + 2 && y >= top - 2 && y <= top + height + 2)) continue;
        for (const [color, extra] of [[colors.background, 2], [spot.color ?? colors.foreground, 0]]) {
          ctx.beginPath();
          ctx.arc(x, y, (spot.radius ?? 5) * ratio, 0, 2 * Math.PI);
          ctx.strokeStyle = color;
          ctx.lineWidth = (2 + extra) * ratio;
          ctx.stroke();
        }
      }
      for (const edge of model.edges ?? []) {
        const at = u.valToPos(edge.y, "y", true);
        if (!(at >= top && at <= top + height)) continue;
        ctx.fillStyle = edge.color;
        ctx.beginPath();
        ctx.moveTo(left + width + 1 * ratio, at);
        ctx.lineTo(left + width + 6 * ratio, at - 3 * ratio);
        ctx.lineTo(left + width + 6 * ratio, at + 3 * ratio);
        ctx.fill();
      }
      // Labels at the ends of lines, moved apart where they would overlap.
      const labels = (model.labels ?? [])
        .map((label) => ({ ...label, at: u.valToPos(label.y, "y", true) }))
        .filter((label) => label.at >= top - 6 && label.at <= top + height + 6)
        .sort((a, b) => a.at - b.at);
      const gap = 12 * ratio;
      for (let k = 1; k < labels.length; k++) labels[k].at = Math.max(labels[k].at, labels[k - 1].at + gap);
      let floor = top + height + 4 * ratio;
      for (let k = labels.length - 1; k >= 0; k--) {
        labels[k].at = Math.min(labels[k].at, floor);
        floor = labels[k].at - gap;
      }
      ctx.textAlign = "left";
      ctx.textBaseline = "middle";
      for (const label of labels) {
        ctx.fillStyle = label.color;
        ctx.font = `${label.strong ? "600 " : ""}${11 * ratio}px ${font}`;
        ctx.fillText(label.text, left + width + 9 * ratio, label.at);
      }
      ctx.restore();
    }

    /// The line, or the point, of the time that is looked at, and what is read there.
    mark() {
      if (!this.u || !this.model) return;
      const time = hovered ?? State.look.t;
      if (this.isTime) {
        const shown = time !== null && time >= this.u.scales.x.min && time <= this.u.scales.x.max;
        this.now.hidden = !shown;
        if (shown) this.now.style.transform = `translateX(${this.u.valToPos(time, "x")}px)`;
        this.tell(this.model.readout?.(time) ?? []);
      } else if (this.model.place) {
        const spot = time === null ? null : this.model.place(time);
        this.point.hidden = spot === null;
        if (spot) this.point.style.transform = `translate(${this.u.valToPos(spot.x, "x")}px, ${this.u.valToPos(spot.y, "y")}px)`;
        this.tell(this.model.readout?.(null) ?? []);
      } else {
        this.now.hidden = true;
        this.point.hidden = true;
        this.tell(this.model.readout?.(null) ?? []);
      }
    }
  }

  let hovered = null;
  let pending = false;
  let spoken = false;

  /// Moves the line of time in all charts; null leaves it at the time that is played.
  function hover(time, aloud = false) {
    hovered = time;
    spoken ||= aloud;
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      for (const chart of all) if (chart.place.isConnected && (chart.isTime || chart.model?.place)) chart.mark();
      if (spoken) Charts.onSpeak?.(hovered);
      spoken = false;
    });
  }

  const redraw = () => all.forEach((chart) => chart.u && chart.set(chart.model));

  return { Chart, all, theme, themes, shade, extent, padded, find, nearest, hover, redraw, onSpeak: null, get hovered() { return hovered; } };
})();
