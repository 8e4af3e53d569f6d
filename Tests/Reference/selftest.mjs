// Writes the tables of Sources/Explorer/Page/selftest.js from data/reference, and the bits that the module computes.
// Usage: node Tests/Reference/selftest.mjs, in the checkout, after engine.wasm was built; the tests demand the same bits of the
// arithmetic compiled natively.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const page = "Sources/Explorer/Page/";
const folder = "data/reference/";
const rounded = (value) => Number(Number(value).toPrecision(17));
const column = (file) => readFileSync(file, "utf8").trim().split("\n").map(Number);

const tables = {};
for (const name of readdirSync(folder).filter((one) => !one.includes("."))) {
  const here = `${folder}${name}/`;
  const X = readFileSync(`${here}X.csv`, "utf8").trim().split("\n").map((line) => line.split(",").map(Number));
  const table = { X, y: column(`${here}y.csv`), truth: column(`${here}theta_star.csv`), u0: column(`${here}u0.csv`), v0: column(`${here}v0.csv`), runs: [] };
  for (const file of readdirSync(here).filter((one) => one.endsWith(".json")).sort()) {
    // Numbers of 31 digits are read as the nearest doubles.
    const found = JSON.parse(readFileSync(here + file, "utf8"));
    const last = found.samples.at(-1);
    const numbers = (list) => list.map(rounded);
    const run = { plus: numbers(last.w_plus), minus: numbers(last.w_minus) };
    if (found.gamma !== undefined) Object.assign(run, { gamma: Number(found.gamma), beta: Number(found.beta), k: last.k });
    else Object.assign(run, { lambda: Number(found.lambda), t: Number(last.t), delta: numbers(found.final.Delta_inf), theta: numbers(found.final.theta_inf), end: rounded(found.final.t), crossings: [...found.final.crossings_plus, ...found.final.crossings_minus].reduce((a, b) => a + b, 0) });
    table.runs.push(run);
  }
  tables[name] = table;
}

const path = `${page}selftest.js`;
let text = readFileSync(path, "utf8");
const line = (name, value) => {
  const marker = new RegExp(`^  const ${name} = .*;$`, "m");
  if (!marker.test(text)) throw new Error(`${path} has no line "const ${name} = …;"`);
  text = text.replace(marker, () => `  const ${name} = ${JSON.stringify(value)};`);
};
line("tables", tables);
line("known", {});
const load = () => runInThisContext(`(() => {${readFileSync(`${page}wasm.js`, "utf8")}${text};return { WasmEngine, SelfTest };})()`);
let { WasmEngine, SelfTest } = load();
const { instance } = await WebAssembly.instantiate(readFileSync(`${page}engine.wasm`), {});
const known = {};
for (const [name, experiment] of Object.entries(SelfTest.specimens)) {
  known[name] = (await WasmEngine.compute(instance.exports, experiment)).measurements.provenance.bits;
}
line("known", known);
writeFileSync(path, text);
