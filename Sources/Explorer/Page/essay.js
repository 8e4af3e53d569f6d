"use strict";

/// "Where momentum ends up": prose with five live figures, for people who will never install anything.
const Essay = (() => {
  // The numbers of the text, each from a command; a test runs them all. The figures compute their own.

  const facts = {
    samples: { line: "mgf limit --gaussian 20,30,3 --flow gf", of: (m) => m.problem.n, digits: 2, text: "20" },
    features: { line: "mgf limit --gaussian 20,30,3 --flow gf", of: (m) => m.problem.d, digits: 2, text: "30" },
    slope: { line: "mgf compare --gaussian 20,30,3 --lambda 1 --steps 0.1,0.05,0.025,0.0125 --until 20", of: (m) => m.slope, digits: 3, text: "0.996" },
    iterations: { line: "mgf compare --gaussian 20,30,3 --lambda 1 --steps 0.5,0.1 --until 20", of: (m) => m.rows[1].iterations, digits: 3, text: "200" },
    fewer: { line: "mgf compare --gaussian 20,30,3 --lambda 1 --steps 0.5,0.1 --until 20", of: (m) => m.rows[0].iterations, digits: 3, text: "40" },
    certified: { line: "mgf thresholds --gaussian 20,30,3", of: (m) => m.lambda_certified, digits: 3, text: "0.104" },
    critical: { line: "mgf thresholds --gaussian 20,30,3", of: (m) => m.lambda_critical, digits: 3, text: "0.249" },
    centred: { line: "mgf limit --gaussian 20,30,3 --flow gf", of: (m) => m.test_error, digits: 3, text: "0.101" },
    centredSmall: { line: "mgf limit --gaussian 20,30,3 --lambda 0.1", of: (m) => m.test_error, digits: 3, text: "0.105" },
    shifted: { line: "mgf limit --gaussian 20,30,3 --mean 5 --flow gf", of: (m) => m.test_error, digits: 3, text: "0.0745" },
    shiftedSmall: { line: "mgf limit --gaussian 20,30,3 --mean 5 --lambda 0.01", of: (m) => m.test_error, digits: 3, text: "0.0476" },
    shiftedBest: { line: "mgf limit --gaussian 20,30,3 --mean 5 --lambda 0.03", of: (m) => m.test_error, digits: 1, text: "0.0009" },
    shiftedWorse: { line: "mgf limit --gaussian 20,30,3 --mean 5 --lambda 0.1", of: (m) => m.test_error, digits: 3, text: "0.119" },
    shiftedCritical: { line: "mgf thresholds --gaussian 20,30,3 --mean 5", of: (m) => m.lambda_critical, digits: 3, text: "0.0214" },
  };

  const fact = (name) => `<data value="${facts[name].text}" title="${facts[name].line}">${facts[name].text}</data>`;
  const theorem = '<b class="mark">Theorem.</b>', derived = '<b class="mark">Derived.</b>', observed = '<b class="mark">Observed.</b>';
  const paper = "https://arxiv.org/abs/2403.05293";

  // The prose, before and between the figures

  const opening = `
<h1>Where momentum ends up</h1>
<p class="first">Two methods can fit the same data perfectly and still give different answers. Momentum is known as a way to arrive sooner. It also
changes where one arrives. Here is how, in a model small enough to be computed while you read: move the sliders.</p>
<p>There are ${fact("samples")} measurements and ${fact("features")} unknown coefficients θ, of which three are not zero in truth. Infinitely many θ fit
the measurements exactly, and the data alone cannot say which is right: training chooses. The model writes each coefficient as a
product, θ = u·v, and descends on u and v: one of the smallest networks in which the path decides the answer. It starts at
u = √2·0.1 and v = 0, everywhere.</p>
<p>The theory is that of Hristo Papazov, Scott Pesme and Nicolas Flammarion, <a href="${paper}"><cite>Leveraging Continuous Time to
Understand Momentum When Training Diagonal Linear Networks</cite></a> (AISTATS 2024, arXiv 2403.05293). Below, ${theorem} is what they
prove, or others before them; ${derived} follows by a calculation that was made for this program; ${observed} was seen in runs, and in no
more than these.</p>`;

  const sections = [
    {
      id: "lambda", title: "What λ is",
      before: `
<p>Heavy ball, the oldest form of momentum, goes a step γ against the gradient and adds β times the step before. These are two knobs,
but the paper finds that, as long as steps are short, one combination of them sets the path:</p>
<p class="formula">λ = γ / (1 − β)²</p>
<p>The weights w, that is u and v, then move like a body of mass λ through syrup, <i>λẅ + ẇ + ∇F(w) = 0</i>, where F is the error on the measurements. Without
mass, λ = 0, there is no momentum, and this is gradient flow. Mass makes a weight slow to start and slow to stop. The usual γ = 0.01 with
β = 0.9 is λ = 1; with β = 0.99 it is λ = 100.</p>`,
      after: "",
    },
    {
      id: "follow", title: "How iterates follow the flow",
      before: `
<p>Training takes steps; it does not flow. Step number k belongs to the time kε, with ε = γ/(1 − β). Keep λ and change ε: γ and β
change together, the steps get longer, and the dots stay near the same line. That is the paper's rule of acceleration: the same path in
fewer steps. Up to time 20 it takes ${fact("iterations")} steps at ε = 0.1, and ${fact("fewer")} at ε = 0.5.</p>
<p>${observed} At λ = 1 the distance from the flow falls like ε to the power ${fact("slope")}: half the step, half the distance. The
rule ends where steps are so long that the iterates fly apart.</p>`,
      after: "",
    },
    {
      id: "shrink", title: "Why Δ shrinks",
      before: `
<p>For every coefficient look at Δ = |u² − v²|, how unlike its two factors are. ${theorem} Gradient flow keeps each Δ for ever.
Momentum does not, and Δ decides the end. If the flow settles and no final Δ∞ is zero, then among all θ that fit the measurements it
arrives at the one closest to a point θ̃₀, near zero for small λ, in a kind of distance made from Δ∞. The smaller Δ∞, the more this
distance is like a sum of |θ| with weights ln 1/Δ∞, and the more it prefers zeros where these are even.</p>
<p>${derived} Let w₊ = u + v and w₋ = u − v, so that Δ = |w₊w₋|, and let p₊ and p₋ be their relative speeds ẇ/w. While no weight passes
zero, s = p₊ + p₋ is the rate at which ln Δ grows, and</p>
<p class="formula">λṡ + s = −λ(p₊² + p₋²)</p>
<p>It starts at zero, and what drives it is never positive: every Δ falls, or stays if nothing moves.</p>`,
      after: "",
    },
    {
      id: "cross", title: "When weights cross zero",
      before: `
<p>With enough mass a weight is carried through zero. At that moment its Δ is zero, and from then on nothing forbids it to grow, beyond where it
began if need be.</p>
<p>${theorem} For small λ every Δ∞ is below Δ₀. ${derived} How small is enough can be told before any run: if λ is at most
λ_cert = n / (4·M·‖r₀‖), with M the greatest length of a column of data and r₀ the misfit at the start, no weight ever changes sign. Here
λ_cert is ${fact("certified")}. It is cautious: ${observed} the first weight crosses at λ_c = ${fact("critical")}.</p>`,
      after: "",
    },
    {
      id: "helps", title: "Where it helps",
      before: `
<p>Is a smaller Δ a better answer? Here the truth is known, and the error is the mean squared error of predictions on new data of the same kind.</p>
<p>${observed} It helps where all features share a common mean, here 5. Gradient flow ends with an error of ${fact("shifted")}; at λ = 0.01, where
every Δ shrinks, it is ${fact("shiftedSmall")}, and at λ = 0.03, a little beyond λ_c = ${fact("shiftedCritical")}, it is ${fact("shiftedBest")}. At
λ = 0.1 it is ${fact("shiftedWorse")}, worse than without momentum. Centre the features, and the gain is gone: ${fact("centred")}
without momentum, ${fact("centredSmall")} at λ = 0.1, although every Δ has shrunk.</p>`,
      after: `
<p>So the theorem says which kind of answer momentum leans to, not that this answer is the true one. In a wider look at centred
features (<code>mgf study sparsity</code>) a λ up to 1 gained something in 2 of 18 settings, by a factor of 1.3 at best. Large gains
came where λ was chosen for each problem by one who knows the truth, at a median of 29 to 87 (<code>mgf study optimal-lambda</code>):
there weights cross zero, and nothing says that Δ shrinks.</p>`,
    },
  ];

  const ending = `
<h2>What to keep</h2>
<p>Step size and momentum act, to first order, through λ = γ/(1 − β)². It is a mass: the path bends with it, and so does the end. Below λ_c
it shrinks every Δ. Above, weights may cross zero, and what happens then is known only case by case. All of this is one model, and a small one: of the networks in use it proves nothing.</p>
<p class="small">All curves on this page were computed by it, by the library of MomentumFlow under error control. Each figure opens in the explorer with
its settings. Numbers in the text show their command when pointed at; here are all of them:</p>`;

  // Problems and experiments

  const times = 301;
  const gaussian = (mean = 0, seed = 1) => ({ gaussian: { samples: 20, features: 30, nonzeros: 3, mean }, seed });
  const start = { alpha: 0.1 };
  const flow = (lambda) => (lambda === 0 ? { flow: "gf" } : { flow: "mgf", lambda });
  const solve = (lambda, until) => ({ command: "solve", problem: gaussian(), initialisation: start, motion: flow(lambda), goal: { until }, recording: { samples: times } });
  const descend = (lambda, step, until) => {
    const iterations = Math.max(1, Math.round(until / step));
    return { command: "descend", problem: gaussian(), initialisation: start, motion: { lambda, step, method: "heavy-ball" }, goal: { iterations }, recording: { samples: iterations + 1 } };
  };
  const limit = (lambda, mean = 0, seed = 1) => ({ command: "limit", problem: gaussian(mean, seed), initialisation: start, motion: flow(lambda), goal: { delta_tolerance: 1e-5 } });

  /// The address of the explorer with these settings, all said, whatever it shows at first.
  function hash(changes) {
    const all = { data: "gaussian", n: 20, d: 30, nonzeros: 3, mean: 0, seed: 1, holdout: 0, alpha: 0.1, flow: "mgf", lambda: 1, step: 0.1, method: "heavy-ball", until: 40, network: "diagonal", loss: "square", tab: "live", ...changes };
    if (all.step > all.lambda) all.step = all.lambda;
    return "#" + new URLSearchParams(all).toString();
  }

  // What runs give

  /// The column of a coordinate in an array over time and feature.
  function column(array, feature) {
    const [rows, width] = array.shape;
    const found = new Float64Array(rows);
    for (let k = 0; k < rows; k++) found[k] = array.values[k * width + feature];
    return found;
  }
  const last = (values) => values[values.length - 1];
  const number = (value, digits = 3) => Format.number(value, digits);
  const truths = [16, 2, 25];
  const names = (feature) => "x" + feature;
  const median = (values) => {
    const sorted = [...values].sort((one, other) => one - other);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  };
  const ratios = (measurements) => measurements.delta_inf.map((value, k) => value / measurements.delta_0[k]);
  const everyTenth = (t, ...lists) => Array.from(t.keys()).filter((k) => k % 10 === 0).map((k) => [t[k], ...lists.map((values) => values[k])]);
  /// The place in increasing times that is nearest to one.
  const placeOf = (t, time) => (time === null || time === undefined ? t.length - 1 : Charts.nearest(t, time));

  // The figures: sliders, what is asked of them, the model that is drawn, what is said. `at` is the setting of the sliders.

  const lambdaSlider = (low, high, value) => ({ key: "lambda", symbol: "λ", name: "mass, γ/(1 − β)²", low, high, value, isLog: true });

  const figures = {
    lambda: {
      sliders: [lambdaSlider(0.01, 10, 1)],
      runs: ({ lambda }) => ({ flow: solve(lambda, 20), gradient: solve(0, 20) }),
      model({ flow: one, gradient }, { lambda }, colors) {
        const [t, y] = [one.arrays.time.values, column(one.arrays.theta, 16)];
        const [s, z] = [gradient.arrays.time.values, column(gradient.arrays.theta, 16)];
        const [min, max] = Charts.padded(Charts.extent([{ x: t, y }, { x: s, y: z }], "y"), { include: [0] });
        const peak = y.reduce((best, value, k) => (Math.abs(value) > Math.abs(y[best]) ? k : best), 0);
        const overshoots = Math.abs(y[peak]) > Math.abs(last(y)) * 1.005;
        const gammas = [0.9, 0.99].map((beta) => `${number(lambda * (1 - beta) ** 2)} at β = ${beta}`);
        return {
          x: { label: "time t", min: 0, max: 20 }, y: { label: "θ of x16", min, max },
          series: [
            { label: "gradient flow", x: s, y: z, kind: "line", color: colors.theory, width: 2, dash: [5, 4] },
            { label: `λ = ${number(lambda)}`, x: t, y, kind: "line", color: colors.colors[1], width: 2.4 },
          ],
          labels: [{ text: "momentum", y: last(y), color: colors.colors[1], strong: true }, { text: "gradient flow", y: last(z), color: colors.theory }],
          readout: (time) => [{ text: `t ${number(t[placeOf(t, time)])}` }, { text: `with momentum ${number(y[placeOf(t, time)])}`, color: colors.colors[1] }, { text: `without ${number(z[placeOf(s, time)])}` }],
          description: `At λ = ${number(lambda)} the coefficient ${overshoots ? `swings to ${number(y[peak])} at time ${number(t[peak])} and comes back to` : "goes without a swing to"} ${number(last(y))} at time 20; without momentum it is at ${number(last(z))}. This λ is γ = ${gammas.join(", and ")}.`,
          table: () => ({ columns: ["t", "with momentum", "without"], rows: everyTenth(t, y, z) }),
        };
      },
      caption: "One of the three coefficients that are not zero in truth, x16. Solid: with momentum. Dashed: gradient flow.",
      link: ({ lambda }) => ({ lambda, until: 20, view: "theta", feature: 16 }),
    },

    follow: {
      sliders: [lambdaSlider(0.1, 4, 1), { key: "step", symbol: "ε", name: "time of a step, γ/(1 − β)", low: 0.02, high: 1, value: 0.2, isLog: true }],
      amend: (settings) => ({ ...settings, step: Math.min(settings.step, settings.lambda) }),
      runs: ({ lambda, step }) => ({
        flow: solve(lambda, 20), iterates: descend(lambda, step, 20),
        distance: { command: "compare", problem: gaussian(), initialisation: start, motion: { lambda, steps: [step, step / 2] }, goal: { until: 20, gap_work: 0 } },
      }),
      model({ flow: one, iterates, distance }, { lambda, step }, colors) {
        const t = one.arrays.time.values, s = iterates.arrays.time.values;
        const lines = truths.map((feature, k) => ({ label: names(feature), x: t, y: column(one.arrays.theta, feature), kind: "line", color: colors.colors[k], width: 2 }));
        const dots = truths.map((feature, k) => ({ label: `${names(feature)}, iterates`, x: s, y: column(iterates.arrays.theta, feature), kind: "dots", color: colors.colors[k], radius: 2.6, thin: 5 }));
        const [min, max] = Charts.padded(Charts.extent(lines, "y"), { part: 0.12 });
        const rows = distance.measurements.rows ?? [];
        const flies = iterates.measurements.outcome === "diverged";
        const errors = rows.map((row) => row.theta_max_error ?? row.max_error);
        const steps = iterates.measurements.iterations ?? s.length - 1;
        const said = flies
          ? "The iterates fly apart: the step is beyond what is stable."
          : errors.length > 1 && errors.every(Number.isFinite)
            ? `At its times up to 20 no coefficient is farther than ${number(errors[0])} from the flow; at half the step, ${number(errors[1])}.`
            : "";
        return {
          x: { label: "time t", min: 0, max: 20 }, y: { label: "θ", min, max }, series: [...lines, ...dots],
          labels: lines.map((line) => ({ text: line.label, y: last(line.y), color: line.color })),
          readout: (time) => [{ text: `t ${number(t[placeOf(t, time)])}` }, ...lines.map((line) => ({ text: `${line.label} ${number(line.y[placeOf(t, time)])}`, color: line.color }))],
          description: `ε = ${number(step)} is γ = ${number((step * step) / lambda)} with β = ${number(1 - step / lambda)}: ${Format.count(steps, "step")} up to time 20. ${said}`,
          table: () => ({ columns: ["t of the iterate", ...truths.map(names)], rows: [...s].map((time, k) => [time, ...dots.map((dot) => dot.y[k])]).filter((_, k) => k % Math.ceil(s.length / 60) === 0) }),
        };
      },
      caption: "The three coefficients that are not zero in truth. Lines: the flow. Dots: heavy ball at its own times kε.",
      link: ({ lambda, step }) => ({ lambda, step, until: 20, view: "theta" }),
    },

    shrink: {
      sliders: [lambdaSlider(0.01, 0.24, 0.2)],
      runs: ({ lambda }) => ({ flow: solve(lambda, 40), end: limit(lambda) }),
      model({ flow: one, end }, { lambda }, colors) {
        const t = one.arrays.time.values;
        const width = one.arrays.balancedness.shape[1];
        const lines = Array.from({ length: width }, (_, feature) => {
          const values = column(one.arrays.balancedness, feature);
          const strong = truths.indexOf(feature);
          return { label: names(feature), feature_: feature, strong, x: t, y: values.map((value) => value / values[0]), kind: "line", color: strong >= 0 ? colors.colors[strong] : colors.muted, width: strong >= 0 ? 2.2 : 0.9 };
        }).sort((one_, other) => one_.strong - other.strong);
        const all = ratios(end.measurements);
        const [least, most] = [Math.min(...all), Math.max(...all)];
        const [min] = Charts.padded([Math.min(least, ...lines.map((line) => Math.min(...line.y))), 1], { log: true, part: 0.05 });
        const marked = lines.filter((line) => line.strong >= 0);
        return {
          x: { label: "time t", min: 0, max: 40 }, y: { label: "Δ/Δ₀", log: true, min, max: 1.25 }, series: lines,
          marks: [{ y: 1, label: "gradient flow", dash: [5, 4] }],
          labels: marked.map((line) => ({ text: line.label, y: last(line.y), color: line.color })),
          readout: (time) => [{ text: `t ${number(t[placeOf(t, time)])}` }, ...marked.map((line) => ({ text: `${line.label} ${number(line.y[placeOf(t, time)])}`, color: line.color }))],
          description: `At λ = ${number(lambda)} every Δ falls and none rises again. In the limit ${most < 1 ? "all are" : "most are"} below where they began: the median of Δ∞/Δ₀ is ${number(median(all))}, the least ${number(least)}, the greatest ${number(most)}.`,
          table: () => ({ columns: ["coefficient", "Δ∞/Δ₀"], rows: all.map((value, k) => [names(k), value]) }),
        };
      },
      caption: "Δ of each of the 30 coefficients as a part of where it began; in colour, those that are not zero in truth.",
      link: ({ lambda }) => ({ lambda, view: "delta" }),
    },

    cross: {
      sliders: [lambdaSlider(0.05, 4, 1)],
      runs: ({ lambda }) => ({ flow: solve(lambda, 20), end: limit(lambda) }),
      model({ flow: one, end }, { lambda }, colors) {
        const t = one.arrays.time.values;
        const width = one.arrays.w_plus.shape[1];
        const lines = [];
        let crossing = 0;
        for (const [name, sign] of [["w_plus", "w₊"], ["w_minus", "w₋"]]) {
          for (let feature = 0; feature < width; feature++) {
            const y = column(one.arrays[name], feature);
            const through = y.some((value) => value < 0);
            crossing += through;
            lines.push({ label: `${sign} ${names(feature)}`, x: t, y, kind: "line", color: through ? colors.colors[1] : colors.muted, width: through ? 1.8 : 0.8, through });
          }
        }
        lines.sort((one_, other) => one_.through - other.through);
        const found = end.measurements;
        const all = found.delta_inf ? ratios(found) : [];
        const growing = all.filter((value) => value > 1 + 1e-9).length;
        const certified = found.lambda_certified;
        const depth = Math.min(0, ...lines.map((line) => Math.min(...line.y)));
        return {
          x: { label: "time t", min: 0, max: 20 }, y: { label: "w", min: Math.min(-0.1, depth * 1.15), max: 0.4 }, series: lines,
          marks: [{ y: 0, dash: [1, 0], color: colors.foreground }],
          readout: (time) => {
            const k = placeOf(t, time);
            return [{ text: `t ${number(t[k])}` }, { text: `${Format.count(lines.filter((line) => line.y[k] < 0).length, "weight")} below zero`, color: colors.colors[1] }];
          },
          description: `At λ = ${number(lambda)}${certified ? `, ${number(lambda / certified)} times λ_cert,` : ""} ${crossing === 0 ? "no weight passes" : `${crossing} of the 60 weights ${crossing === 1 ? "passes" : "pass"}`} zero up to time 20. In the limit ${growing === 0 ? "no Δ∞ is" : `${growing} of 30 Δ∞ ${growing === 1 ? "is" : "are"}`} above Δ₀${all.length ? `; the greatest Δ∞/Δ₀ is ${number(Math.max(...all))}` : ""}.`,
          table: () => ({ columns: ["coefficient", "Δ∞/Δ₀"], rows: all.map((value, k) => [names(k), value]) }),
        };
      },
      caption: "All 60 weights w₊ and w₋ close to zero; those that pass it are in colour. Large ones leave the picture at its upper edge.",
      link: ({ lambda }) => ({ lambda, until: 20, view: "weights" }),
    },

    helps: {
      sliders: [
        { key: "mean", symbol: "μ", name: "mean of the features", low: 0, high: 5, value: 5, by: 0.5 },
        { key: "seed", symbol: "seed", name: "of other data", low: 1, high: 10, value: 1, by: 1 },
      ],
      lambdas: [-3, -2, -1].flatMap((power) => [1, 1.3, 1.7, 2.2, 3, 4, 5.5, 7.5].map((part) => Number(`${part}e${power}`))).concat(1),
      runs({ mean, seed }) {
        return { gradient: limit(0, mean, seed), curve: this.lambdas.map((lambda) => limit(lambda, mean, seed)) };
      },
      model({ gradient, curve }, { mean, seed }, colors) {
        const found = curve.map((result, k) => [this.lambdas[k], result?.measurements]).filter(([, m]) => Number.isFinite(m?.test_error));
        const x = Float64Array.from(found, ([lambda]) => lambda), y = Float64Array.from(found, ([, m]) => m.test_error);
        const base = gradient.measurements.test_error;
        // Up to the first λ at which a weight does: there may be others beyond at which none does.
        const first = found.findIndex(([, m]) => (m.sign_changes ?? []).length > 0);
        const border = found[(first < 0 ? found.length : first) - 1]?.[0] ?? null;
        const best = y.reduce((least, value, k) => (value < y[least] ? k : least), 0);
        const inside = found.filter(([lambda, m]) => lambda <= border && m.test_error < base);
        const [min, max] = Charts.padded(Charts.extent([{ x, y }], "y", { log: true }), { log: true, include: [base], part: 0.08 });
        const certified = gradient.measurements.lambda_certified ?? found[0]?.[1].lambda_certified;
        return {
          x: { label: "λ", log: true, min: 1e-3, max: 1 }, y: { label: "error", log: true, min, max },
          series: [
            { label: "error of the limit", x, y, kind: "line", color: colors.colors[0], width: 2 },
            { label: "runs", x, y, kind: "dots", color: colors.colors[0], radius: 3 },
          ],
          marks: [
            { y: base, label: "gradient flow", dash: [5, 4] },
            ...(certified ? [{ x: certified, label: "λ_cert", color: colors.colors[2], row: 0 }] : []),
            ...(border ? [{ x: border, label: "signs kept", color: colors.colors[3], row: 1 }] : []),
          ],
          readout: (lambda) => {
            const k = lambda === null || lambda === undefined ? best : Charts.nearest(x, lambda);
            return x.length ? [{ text: `λ ${number(x[k])}` }, { text: `error ${number(y[k])}`, color: colors.colors[0] }, { text: `without momentum ${number(base)}` }] : [];
          },
          description: x.length
            ? `Mean ${number(mean)}, seed ${seed}: without momentum the error is ${number(base)}. The least of the ${x.length} runs is ${number(y[best])}, at λ = ${number(x[best])}. ${border ? `In the runs up to λ = ${number(border)} no weight changes sign, and ${inside.length ? `the error goes down to ${number(Math.min(...inside.map(([, m]) => m.test_error)))}` : "the error is never less than without momentum"}.` : ""}`
            : "",
          table: () => ({ columns: ["λ", "error", "weights that change sign", "median Δ∞/Δ₀"], rows: found.map(([lambda, m]) => [lambda, m.test_error, new Set((m.sign_changes ?? []).map((one) => `${one.feature} ${one.coordinate}`)).size, median(ratios(m))]) }),
        };
      },
      caption: "The mean squared error of the end on new data, one dot for each λ. Dashed: without momentum.",
      link: ({ mean, seed }) => ({ mean, seed, lambda: 0.03, view: "curve" }),
    },
  };

  // The page

  const style = `
#essay { max-width: 43rem; margin: 0 auto; padding: 2.2rem 1.2rem 5rem; font-size: 17px; line-height: 1.6; }
#essay:focus-visible { outline: none; }
#essay h1 { font-size: clamp(1.9rem, 6vw, 2.5rem); line-height: 1.12; letter-spacing: -0.02em; margin: 0.4rem 0 1rem; text-wrap: balance; }
#essay h2 { font-size: 1.35rem; line-height: 1.25; letter-spacing: -0.012em; margin: 3rem 0 0.5rem; }
#essay p { margin: 0.8rem 0; text-wrap: pretty; }
#essay .first { font-size: 1.19rem; line-height: 1.5; }
#essay .formula { text-align: center; font-size: 1.15rem; font-style: italic; margin: 1rem 0; }
#essay .mark { font-weight: 600; font-size: 0.9em; color: var(--accent); }
#essay a { color: var(--accent); }
#essay code { font-size: 0.86em; overflow-wrap: anywhere; }
#essay .small { font-size: 15px; color: var(--soft); }
#essay figure { margin: 1.6rem 0 1.8rem; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); font-size: 15px; line-height: 1.5; }
#essay .turn { display: grid; grid-template-columns: minmax(0, max-content) minmax(90px, 1fr) 4.6em; gap: 2px 14px; align-items: center; margin-bottom: 4px; }
#essay .turn label b { margin-right: 7px; }
#essay .turn label span { color: var(--soft); font-size: 14px; }
#essay .turn output { text-align: right; font-weight: 600; }
#essay .axis-bottom { font-size: 12px; color: var(--soft); line-height: 1.2; }
#essay .axis-bottom { text-align: right; padding-right: 90px; margin-top: -3px; }
#essay .plot { min-height: 300px; }
#essay .plot.waiting { opacity: 0.45; }
#essay .said { margin: 8px 0 0; min-height: 4.5em; }
#essay figcaption { margin-top: 6px; color: var(--soft); font-size: 14px; }
#essay .beneath { display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: baseline; margin-top: 8px; font-size: 14px; }
#essay details summary { cursor: pointer; color: var(--soft); }
#essay details[open] { flex-basis: 100%; }
#essay .lines { font-size: 13.5px; padding-left: 1.2rem; }
@media (max-width: 600px) {
  #essay { font-size: 16px; padding: 1.2rem 14px 4rem; }
  #essay figure { padding: 12px 10px; margin-left: -6px; margin-right: -6px; }
  #essay .turn { grid-template-columns: minmax(0, 1fr) 4.6em; }
  #essay .turn input { grid-column: 1 / -1; grid-row: 2; }
  #essay .turn.two input:last-of-type { grid-row: 4; }
}
`;

  /// The first, the one half way, … : every part of a list is seen early.
  function coarseToFine(count) {
    const found = new Set();
    for (let stride = 2 ** Math.ceil(Math.log2(count)); stride >= 1; stride /= 2) for (let k = 0; k < count; k += stride) found.add(k);
    return [...found];
  }

  const html = (text) => {
    const made = document.createElement("template");
    made.innerHTML = text;
    return made.content;
  };

  class Figure {
    constructor(id, engine, title) {
      this.id = id;
      this.engine = engine;
      this.own = figures[id];
      this.settings = Object.fromEntries(this.own.sliders.map((slider) => [slider.key, slider.value]));
      this.results = null;
      this.shown = null;
      this.isVisible = false;
      this.controller = null;
      this.place = Make("div", { class: "plot", id: `essay-plot-${id}` });
      this.readout = Make("output", { class: "readout", "aria-live": "off" });
      this.said = Make("p", { class: "said", role: "status" });
      this.bottom = Make("div", { class: "axis-bottom", "aria-hidden": "true" });
      this.link = Make("a", { href: "#" }, "Open in the explorer");
      this.rows = Make("div", { class: "table", tabindex: "0", role: "region", "aria-label": `Numbers of the figure: ${title}` });
      this.details = Make("details", {}, Make("summary", {}, "Numbers"), this.rows);
      this.details.addEventListener("toggle", () => this.fill());
      const turn = Make("div", { class: this.own.sliders.length > 1 ? "turn two" : "turn" }, this.own.sliders.flatMap((slider) => this.slider(slider)));
      this.element = Make(
        "figure", { id: `essay-${id}`, "aria-label": title }, turn, this.readout, this.place, this.bottom, this.said,
        Make("figcaption", {}, this.own.caption), Make("div", { class: "beneath" }, this.link, this.details),
      );
      this.title = title;
      this.address();
    }

    slider(slider) {
      const { key, symbol, name, low, high, isLog, by } = slider;
      const id = `essay-${this.id}-${key}`;
      const steps = isLog ? 200 : Math.round((high - low) / by);
      const toPlace = (value) => (isLog ? (steps * Math.log(value / low)) / Math.log(high / low) : (value - low) / by);
      const toValue = (place) => (isLog ? Format.rounded(low * (high / low) ** (place / steps), 3) : Format.rounded(low + place * by, 6));
      const output = Make("output", { for: id }, number(this.settings[key]));
      const input = Make("input", { type: "range", id, min: 0, max: steps, step: 1, value: Math.round(toPlace(this.settings[key])), "aria-valuetext": `${symbol} ${number(this.settings[key])}` });
      slider.show = (value) => {
        output.textContent = number(value);
        input.setAttribute("aria-valuetext", `${symbol} ${number(value)}`);
      };
      input.addEventListener("input", () => this.change({ [key]: toValue(Number(input.value)) }));
      return [Make("label", { for: id }, Make("b", {}, symbol), Make("span", {}, name)), input, output];
    }

    change(changes) {
      this.settings = { ...this.settings, ...changes };
      for (const slider of this.own.sliders) slider.show(this.now[slider.key]);
      this.address();
      this.ask();
    }

    get now() {
      return this.own.amend ? this.own.amend(this.settings) : this.settings;
    }

    address() {
      this.link.setAttribute("href", hash(this.own.link(this.now)));
    }

    /// Computes for the sliders as they stand. A newer setting takes the place of an older one, which may end if it is soon done, so that
    /// a slider that moves on and on still shows something; lists of runs are drawn as they come.
    async ask() {
      if (!this.isVisible) return;
      const wanted = JSON.stringify(this.now);
      if ((this.shown === wanted && !this.controller) || this.asked === wanted) return;
      if (this.controller) {
        this.again = true;
        clearTimeout(this.patience);
        this.patience = setTimeout(() => this.controller?.abort(), Math.max(0, 150 - (performance.now() - this.since)));
        return;
      }
      const controller = new AbortController();
      this.controller = controller;
      this.asked = wanted;
      this.since = performance.now();
      const settings = this.now;
      this.place.classList.add("waiting");
      try {
        const results = {};
        await Promise.all(
          Object.entries(this.own.runs(settings)).map(async ([name, experiment]) => {
            const { signal } = controller;
            const lane = `essay.${this.id}.${name}`;
            if (!Array.isArray(experiment)) {
              const arrays = ["solve", "descend"].includes(experiment.command);
              [results[name]] = await this.engine.run({ lane, experiment, arrays, signal });
              return;
            }
            // From coarse to fine, as they are wanted.
            const order = coarseToFine(experiment.length);
            const found = new Array(experiment.length).fill(null);
            await this.engine.run({
              lane, experiments: order.map((k) => experiment[k]), arrays: false, signal,
              onResult: (result, index) => {
                found[order[index]] = result;
                results[name] = found;
                if (!signal.aborted) this.drawSoon(results, settings);
              },
            });
            results[name] = found;
          }),
        );
        [this.results, this.drawnFor, this.shown] = [results, settings, wanted];
        this.draw();
      } catch (error) {
        if (error.name !== "AbortError") this.said.textContent = error.name === "Gone" ? "The program that computes does not answer any more." : error.message;
      } finally {
        clearTimeout(this.patience);
        this.place.classList.remove("waiting");
        if (this.controller === controller) this.controller = null;
        this.asked = null;
      }
      if (this.again) {
        this.again = false;
        this.ask();
      }
    }

    /// Draws what there is of a run that goes on, some times a second.
    drawSoon(results, settings) {
      if (performance.now() - (this.drawnAt ?? 0) < 200 || !Object.keys(this.own.runs(settings)).every((name) => results[name])) return;
      this.drawnAt = performance.now();
      this.place.classList.remove("waiting");
      [this.results, this.drawnFor, this.shown] = [{ ...results }, settings, null];
      this.draw();
    }

    draw() {
      if (!this.results) return;
      const model = this.own.model(this.results, this.drawnFor, Charts.theme());
      model.title = this.title;
      this.chart ??= new Charts.Chart(this.place, {
        id: `essay-${this.id}`, title: this.title, height: 300, right: 90, still: true,
        onReadout: (parts) => {
          this.readout.replaceChildren(...parts.map(({ text, color }) => {
            const span = Make("span", color ? { class: "dotted" } : {}, text);
            if (color) span.style.setProperty("--dot", color);
            return span;
          }));
        },
      });
      this.model = model;
      this.chart.set(model);
      this.bottom.textContent = `${model.x.label} →`;
      this.said.textContent = model.description;
      this.fill();
    }

    fill() {
      if (!this.details.open || !this.model) return;
      const { columns, rows } = this.model.table();
      this.rows.replaceChildren(Make("table", {}, Make("caption", {}, this.title), Make("thead", {}, Make("tr", {}, columns.map((name) => Make("th", { scope: "col" }, name)))),
        Make("tbody", {}, rows.map((row) => Make("tr", {}, row.map((value, k) => Make(k ? "td" : "th", k ? {} : { scope: "row" }, typeof value === "number" ? number(value, 5) : String(value))))))));
    }

    stop() {
      this.isVisible = false;
      this.again = false;
      this.controller?.abort();
    }
  }

  let built = [];
  let observer = null;

  function show(container, engine = App.engine) {
    if (!built.length) build(container, engine);
    observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const figure = built.find((one) => one.element === entry.target);
        figure.isVisible = entry.isIntersecting;
        if (entry.isIntersecting) figure.ask();
      }
    }, { rootMargin: "300px 0px" });
    built.forEach((figure) => observer.observe(figure.element));
    document.title = "Where momentum ends up";
  }

  function build(container, engine) {
    document.head.append(Make("style", {}, style));
    container.tabIndex = -1;
    container.append(html(opening));
    for (const section of sections) {
      const figure = new Figure(section.id, engine, section.title);
      built.push(figure);
      container.append(Make("h2", { id: `essay-title-${section.id}` }, section.title), html(section.before), figure.element, html(section.after));
    }
    container.append(html(ending));
    const lines = [...new Set(Object.values(facts).map((one) => one.line))];
    container.append(Make("ul", { class: "lines" }, lines.map((line) => Make("li", {}, Make("code", {}, line)))));
    document.addEventListener("themechange", () => built.forEach((figure) => figure.draw()));
  }

  function hide() {
    observer?.disconnect();
    observer = null;
    built.forEach((figure) => figure.stop());
    document.title = "MomentumFlow";
  }

  return { show, hide, facts, figures, get drawn() { return built.map((figure) => figure.model); } };
})();

if (typeof module !== "undefined") module.exports = Essay;
