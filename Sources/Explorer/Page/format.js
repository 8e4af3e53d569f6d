"use strict";
/// Numbers as people read them, and a few helpers for elements.
const Format = (() => {
  const raised = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  const power = (exponent) => "10" + [...String(exponent)].map((c) => raised[c]).join("");
  const minus = (text) => text.replace("-", "−");

  /// To `digits` significant digits; very large and very small ones with a power of ten.
  function number(value, digits = 3) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e5 || size < 1e-3) {
      const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
      const trimmed = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
      if (trimmed === "1") return power(Number(exponent));
      return minus(trimmed) + "×" + power(Number(exponent));
    }
    const text = value.toPrecision(digits);
    return minus(text.includes("e") ? String(Number(text)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  }

  /// What a field holds: the shortest text that gives the same number back.
  const plain = (value) => String(value).replace("e+", "e");

  /// Rounded to what a slider can mean.
  const rounded = (value, digits) => Number(value.toPrecision(digits));

  const count = (n, one, many = one + "s") => `${n === 0 ? "no" : n} ${n === 1 ? one : many}`;

  const subscripts = { 0: "₀", 1: "₁", 2: "₂", 3: "₃", 4: "₄", 5: "₅", 6: "₆", 7: "₇", 8: "₈", 9: "₉" };
  const lowered = (n) => [...String(n)].map((c) => subscripts[c] ?? c).join("");

  return { number, plain, rounded, power, count, lowered };
})();

/// An element with its attributes and children: `Make("p", { class: "lead" }, "text")`.
const Make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
};
