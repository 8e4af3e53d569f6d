"""The live page: every setting, every view, links, undo, faults, the keyboard, runs that are given up."""

from __future__ import annotations

import json
import random
import shlex
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from browser import BrowserError, Chromium, Tab
from conftest import Server, answer, command, settle

#: What each field is changed to, and what the experiments then say there.
FIELDS = {
    "lambda": ("0.37", "flow.motion.lambda", 0.37),
    "step": ("0.07", "descent.motion.step", 0.07),
    "gamma": ("0.02", "descent.motion.step", 0.2),
    "beta": ("0.8", "descent.motion.lambda", 0.25),
    "until": ("17", "flow.goal.until", 17),
    "alpha": ("0.03", "flow.initialisation.alpha", 0.03),
    "n": ("12", "flow.problem.gaussian.samples", 12),
    "d": ("25", "flow.problem.gaussian.features", 25),
    "nonzeros": ("5", "flow.problem.gaussian.nonzeros", 5),
    "mean": ("-1.5", "flow.problem.gaussian.mean", -1.5),
    "seed": ("9", "flow.problem.seed", 9),
    "holdout": ("0.25", "flow.problem.holdout", 0.25),
}

CHOICES = {
    "flow": ("gf", "flow.motion.flow", "gf"),
    "method": ("nesterov", "descent.motion.method", "nesterov"),
    "network": ("layers", "flow.network.network", "layers"),
    "loss": ("logistic", "flow.network.loss", "logistic"),
    "data": ("even-2023-uncentred", "flow.problem.gaussian.mean", 5),
}


@pytest.fixture(scope="module")
def live(chromium: Chromium, server: Server) -> Iterator[Tab]:
    tab = chromium.open(server.url)
    # What cannot be used is answered so, and Chromium mentions it.
    tab.expected.append("status of 422")
    settle(tab)
    yield tab
    faults = tab.faults
    tab.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def tab(live: Tab) -> Tab:
    """The page as it is at first."""
    live.viewport(1280, 900)
    live.run("() => { App.open(''); window.scrollTo(0, 0); }")
    settle(live)
    if live.run("[...document.querySelectorAll('.fault')].some((one) => !one.hidden)"):
        live.reload()
        settle(live)
    return live


def experiments(tab: Tab, side: str = "A") -> dict[str, Any]:
    key = "experiments" if side == "A" else "experimentsB"
    found: dict[str, Any] = tab.run(f"App.current().{key}")
    return found


def said(tab: Tab, path: str) -> Any:
    found: Any = experiments(tab)
    for key in path.split("."):
        found = found[key]
    return found


#: The results that the first views show, as text.
DIGEST = """(() => {
  const digest = {};
  for (const [kind, result] of Object.entries(App.results())) {
    if (!result || !["flow", "descent", "limit"].includes(kind)) continue;
    digest[kind] = [result.measurements.loss, result.measurements.test_error, result.measurements.theta_inf,
      result.arrays.theta ? [...result.arrays.theta.values] : null];
  }
  return JSON.stringify(digest);
})()"""


@pytest.mark.parametrize("key", FIELDS)
def test_each_field_changes_the_numbers(key: str, tab: Tab) -> None:
    text, path, value = FIELDS[key]
    before = tab.run(DIGEST)
    tab.fill(f"#set-{key}", text)
    settle(tab)
    assert np.isclose(said(tab, path), value, rtol=1e-9)
    assert tab.run(DIGEST) != before
    assert tab.run("App.state()") != ""


@pytest.mark.parametrize("key", FIELDS)
def test_each_slider_changes_the_numbers(key: str, tab: Tab) -> None:
    before = tab.run(DIGEST)
    shown = tab.run(f"document.querySelector('#set-{key}').value")
    tab.slide(f".row[data-key={key}] input[type=range]", 0.62 if key != "beta" else 0.3)
    settle(tab)
    assert tab.run(f"document.querySelector('#set-{key}').value") != shown
    assert tab.run(DIGEST) != before


@pytest.mark.parametrize("key", CHOICES)
def test_each_choice_changes_the_numbers(key: str, tab: Tab) -> None:
    value, path, expected = CHOICES[key]
    before = tab.run(DIGEST)
    tab.run(
        """(key, value) => {
          const select = document.querySelector(`#set-${key}`);
          select.value = value;
          select.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        key, value,
    )  # fmt: skip
    settle(tab)
    assert said(tab, path) == expected
    assert tab.run(DIGEST) != before


def test_gamma_and_beta_follow_lambda_and_step_and_back(tab: Tab) -> None:
    tab.fill("#set-lambda", "4")
    tab.fill("#set-step", "0.2")
    assert tab.run("document.querySelector('#set-beta').value") == "0.95"
    assert tab.run("document.querySelector('#set-gamma').value") == "0.01"
    tab.fill("#set-beta", "0.5")
    assert float(tab.run("document.querySelector('#set-lambda').value")) == pytest.approx(0.04)
    settle(tab)


#: Whether something but the background is drawn: colours of pixels of the plot.
DRAWN = """(id) => {
  const card = document.getElementById(`card-${id}`);
  const canvas = card.querySelector("canvas");
  if (!canvas) return card.querySelector(".certificate dd") ? 99 : 0;
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const colors = new Set();
  for (let k = 0; k < data.length; k += 4) if (data[k + 3] > 200) colors.add(data[k] << 16 | data[k + 1] << 8 | data[k + 2]);
  return colors.size;
}"""


@pytest.mark.parametrize(
    "view", ["theta", "weights", "loss", "delta", "ratio", "phase", "order", "certificate", "curve", "map"]
)
def test_each_view_draws(view: str, tab: Tab) -> None:
    tab.place(f"#card-{view}")
    tab.wait("(id) => App.charts().some((chart) => chart.id === id)", view, timeout=60)
    tab.wait(f"({DRAWN})({json.dumps(view)}) > 5")
    chart = tab.run(
        """(id) => {
          const chart = App.charts().find((one) => one.id === id);
          const { columns, rows } = chart.table();
          return { title: chart.title, description: chart.description, columns, count: rows.length, widths: [...new Set(rows.map((row) => row.length))] };
        }""",
        view,
    )
    assert chart["title"] and len(chart["description"]) > 20
    assert chart["count"] > 0 and chart["widths"] == [len(chart["columns"])]
    # The table behind it.
    tab.run("(id) => document.querySelector(`#card-${id} [aria-controls=table-${id}]`).click()", view)
    assert tab.run("(id) => document.querySelectorAll(`#table-${id} tbody tr`).length", view) > 0
    tab.run("(id) => document.querySelector(`#card-${id} [aria-controls=table-${id}]`).click()", view)


def test_views_of_deeper_networks(page: Callable[..., Tab], server: Server) -> None:
    """All blocks of weights are drawn, and two of them make a phase portrait."""
    tab = page(f"{server.url}#network=layers&depth=3&alpha=0.3&until=20", height=1700)
    tab.wait("App.charts().some((chart) => chart.id === 'weights')")
    lines = "App.charts().find((one) => one.id === 'weights').model.series.filter((one) => one.kind === 'line').length"
    assert tab.run(lines) == 3 * 30
    tab.wait("App.charts().some((chart) => chart.id === 'phase')", timeout=10)


def without_timings(value: Any) -> Any:
    if isinstance(value, dict):
        dropped = ("provenance", "wall_seconds", "output", "seconds", "failure", "communication_seconds")
        return {key: without_timings(item) for key, item in value.items() if key not in dropped}
    return [without_timings(item) for item in value] if isinstance(value, list) else value


def bits(values: np.ndarray) -> bytes:
    """All bits but those of NaN."""
    plain = values.astype(float).ravel()
    return np.where(np.isnan(plain), np.nan, plain).tobytes()


def measured(tab: Tab, side: str) -> dict[str, Any]:
    found: dict[str, Any] = tab.run(
        """(side) => Object.fromEntries(Object.entries(App.results(side)).filter(([, one]) => one)
          .map(([kind, one]) => [kind, one.measurements]))""",
        side,
    )
    return found


LINKS = {
    "start": "",
    "small": "lambda=0.05&step=0.02&n=8&d=15&seed=4&until=30",
    "uncentred": "mean=5&lambda=0.03&step=0.01&until=20",
    "gradient-flow": "flow=gf&step=0.05&holdout=0.25",
    "log-time": "lambda=2&step=0.5&time=log&until=200&method=nesterov",
    "deep": "network=layers&depth=3&alpha=0.3&until=20",
    "logistic": "loss=logistic&until=20&n=10&d=14",
    "tiny-start": "alpha=1e-20&lambda=1&until=100&n=6&d=9&nonzeros=2",
    "two": "lambda=0.7&compare=1&B.lambda=0.2&B.step=0.05",
}


@pytest.mark.parametrize("name", LINKS)
def test_links_make_the_numbers_of_the_command_line(
    name: str, page: Callable[..., Tab], server: Server, tmp_path: Path
) -> None:
    """Bit for bit: what a link shows, and what the cited line prints and writes."""
    # High enough for all views but, of most, the last row with its hundreds of runs.
    tab = page(f"{server.url}#{LINKS[name]}", height={"start": 3000, "two": 900}.get(name, 1700))
    for side in ("A", "B") if "compare" in LINKS[name] else ("A",):
        tab.wait(
            """(side) => {
              const results = App.results(side);
              const sent = side === "A" ? App.current().experiments : App.current().experimentsB;
              return ["flow", "descent"].every((kind) => results[kind]) && (!sent.limit || results.limit);
            }""",
            side, timeout=60,
        )  # fmt: skip
        settle(tab, timeout=60)
        results, sent = measured(tab, side), experiments(tab, side)
        compared = 0
        for kind in ("flow", "descent", "limit", "limitOfIterates", "order", "thresholds"):
            if kind not in sent or kind not in results:
                continue
            cited = tab.run("(experiment) => Cite.command(experiment)", sent[kind])
            for file, text in cited["files"]:
                (tmp_path / file).write_text(text)
            words = shlex.split(cited["line"])[1:]
            expected = answer(*words, cwd=tmp_path)
            assert without_timings(results[kind]) == without_timings(expected), kind
            compared += 1
            if kind in ("flow", "descent"):
                done = command(*words, "--output", "run.nc", "--force", "--quiet", cwd=tmp_path)
                assert done.returncode in (0, 1), done.stderr
                arrays = tab.run(
                    """(side, kind) => Object.fromEntries(Object.entries(App.results(side)[kind].arrays)
                      .map(([name, one]) => [name, [one.shape, [...one.values].map((v) => typeof v === "string" ? v : Object.is(v, -0) ? "-0.0" : String(v))]]))""",
                    side, kind,
                )  # fmt: skip
                with netCDF4.Dataset(tmp_path / "run.nc") as file:
                    file.set_auto_mask(False)
                    # Rates are not sent to the page, which does not show them.
                    left = set(file.variables) - set(arrays)
                    assert set(arrays) <= set(file.variables) and all(name.endswith("_rate") for name in left)
                    for variable, (shape, values) in arrays.items():
                        written = np.asarray(file[variable][:])
                        assert list(written.shape) == shape, variable
                        if written.dtype.kind in "OU":
                            assert list(written.ravel()) == values
                        else:
                            assert bits(written) == bits(np.array([float(value) for value in values])), variable
        assert compared >= 2


def test_the_address_holds_everything(tab: Tab, page: Callable[..., Tab], server: Server) -> None:
    for key in ("lambda", "until", "seed"):
        tab.fill(f"#set-{key}", FIELDS[key][0])
    tab.click("#card-weights h2")
    settle(tab)
    other = page(server.url + tab.run("location.hash"))
    assert experiments(other)["flow"] == experiments(tab)["flow"]
    assert other.run(DIGEST) == tab.run(DIGEST)


def test_undo(tab: Tab) -> None:
    before = tab.run(DIGEST)
    tab.fill("#set-lambda", "0.2")
    settle(tab)
    between = tab.run(DIGEST)
    tab.slide(".row[data-key=alpha] input[type=range]", 0.4)
    settle(tab)
    assert len({before, between, tab.run(DIGEST)}) == 3
    tab.run("history.back()")
    tab.wait("document.querySelector('#set-alpha').value === '0.1'")
    settle(tab)
    assert tab.run(DIGEST) == between
    tab.run("history.back()")
    tab.wait("document.querySelector('#set-lambda').value === '1'")
    settle(tab)
    assert tab.run(DIGEST) == before
    tab.run("history.forward()")
    tab.wait("document.querySelector('#set-lambda').value === '0.2'")
    settle(tab)
    assert tab.run(DIGEST) == between


@pytest.mark.parametrize(
    ("key", "text", "part"),
    [
        ("n", "0", "sample"), ("n", "2.5", "whole"), ("lambda", "-1", "positive"), ("nonzeros", "50", ""), ("holdout", "1.5", ""),
        ("alpha", "abc", "not a number"), ("step", "5", ""), ("beta", "1", ""), ("until", "-3", ""), ("seed", "1e30", ""),
        ("d", "999999999", ""),
    ],
)  # fmt: skip
def test_faults_stand_at_their_field(key: str, text: str, part: str, tab: Tab) -> None:
    tab.fill(f"#set-{key}", text)
    try:
        shown = tab.wait(
            """(() => {
              const wrong = [...document.querySelectorAll(".fault:not([hidden])")].map((one) => [one.id, one.textContent]);
              const banner = document.getElementById("banner");
              return wrong.length ? wrong : banner.hidden ? null : [["banner", banner.textContent]];
            })()""",
            timeout=5,
        )
    except BrowserError:
        # What is taken over to make sense of it: said so by another field.
        assert key == "nonzeros" and tab.run("document.querySelector('#set-d').value") == "50"
        return
    assert shown[0][0].startswith("set-"), shown
    assert part in " ".join(message for _, message in shown)
    field = shown[0][0].removesuffix("-fault")
    assert tab.run("(id) => document.getElementById(id).getAttribute('aria-invalid')", field) == "true"
    # Put right, it is gone.
    tab.run("App.open('')")
    settle(tab)
    tab.wait("[...document.querySelectorAll('.fault')].every((one) => one.hidden)")
    assert tab.run("document.getElementById('banner').hidden")


def test_keyboard_alone(page: Callable[..., Tab], server: Server) -> None:
    """From the top of the page to its views, changing things on the way, without a mouse."""
    tab = page(server.url)
    seen: list[str] = []
    for _ in range(90):
        tab.press("Tab")
        seen.append(tab.focused())
        if "#plot-theta-A" in seen[-1]:
            break
    whole = "\n".join(seen)
    for expected in (
        "Skip to the views",
        "Copy",
        "Download",
        "Report",
        "Compare",
        "set-lambda",
        "set-beta",
        "Play",
        "set-seed",
    ):
        assert expected in whole, expected
    assert "#plot-theta-A" in seen[-1], seen[-5:]
    # Time is read by arrow keys, and said.
    tab.press("ArrowRight")
    tab.press("ArrowRight")
    tab.wait("document.getElementById('said').textContent.includes('t ')")
    # A slider.
    before = tab.run(DIGEST)
    tab.run("document.querySelector('.row[data-key=lambda] input[type=range]').focus()")
    for _ in range(5):
        tab.press("ArrowRight")
    settle(tab)
    assert tab.run(DIGEST) != before
    # A field by arrow keys.
    tab.run("document.querySelector('#set-n').focus()")
    tab.press("ArrowUp")
    settle(tab)
    assert said(tab, "flow.problem.gaussian.samples") == 21
    # The skip link.
    tab.run("document.querySelector('#skip').focus()")
    tab.press("Enter")
    assert tab.run("document.activeElement.id") == "views"


def test_outcomes_are_said(tab: Tab) -> None:
    tab.fill("#set-lambda", "0.5")
    settle(tab)
    tab.wait("document.getElementById('said').textContent.includes('λ 0.5')")
    assert tab.run("document.getElementById('said').getAttribute('aria-live')") == "polite"


def test_menus(tab: Tab, tmp_path: Path) -> None:
    tab.may("clipboardReadWrite", "clipboardSanitizedWrite")
    button = "#menu-copy button[aria-haspopup]"
    tab.run("(selector) => document.querySelector(selector).focus()", button)
    tab.press("ArrowDown")
    assert tab.run("(selector) => document.querySelector(selector).getAttribute('aria-expanded')", button) == "true"
    assert "Command line" in tab.focused()
    tab.press("ArrowDown")
    assert "Python" in tab.focused()
    tab.press("End")
    assert "Link" in tab.focused()
    tab.press("ArrowDown")
    assert "Command line" in tab.focused()
    tab.press("Escape")
    assert "Copy" in tab.focused()
    assert tab.run("(selector) => document.querySelector(selector).getAttribute('aria-expanded')", button) == "false"
    # The one that was chosen; the focus comes back, and it is said.
    tab.press("ArrowDown")
    tab.press("Enter")
    tab.wait("document.getElementById('said').textContent.includes('copied')")
    assert "Copy" in tab.focused()
    text = tab.run("navigator.clipboard.readText()")
    lines = [line for line in text.splitlines() if line.startswith("mgf solve")]
    assert len(lines) == 1
    expected = tab.run("App.results().flow.measurements.loss")
    assert answer(*shlex.split(lines[0])[1:], cwd=tmp_path)["loss"] == expected
    # Pressing elsewhere closes it.
    tab.click(button)
    tab.click("#card-theta h2")
    assert tab.run("(selector) => document.querySelector(selector).getAttribute('aria-expanded')", button) == "false"


HEAVY = {
    "command": "solve", "problem": {"gaussian": {"samples": 300, "features": 3000, "nonzeros": 5}},
    "motion": {"lambda": 1}, "goal": {"until": 1e5}, "numerics": {"stepper": "taylor"}, "recording": {"samples": 11},
}  # fmt: skip


def idle(server: Server, within: float = 30) -> None:
    end = time.monotonic() + within
    while server.work() != {"running": 0, "waiting": 0}:
        assert time.monotonic() < end, server.work()
        time.sleep(0.05)


def busy(server: Server, within: float = 5) -> None:
    end = time.monotonic() + within
    while server.work()["running"] == 0:
        assert time.monotonic() < end, "nothing runs"
        time.sleep(0.02)


def test_a_newer_run_ends_the_older(explorer: Callable[..., Server], page: Callable[..., Tab]) -> None:
    server = explorer("--gaussian", "20,30,3")
    tab = page(server.url)
    idle(server)
    tab.run(
        "(heavy) => { App.engine.run({ lane: 'test', experiment: heavy }).catch((e) => { window.ended = e.name; }); }",
        HEAVY,
    )
    busy(server)
    light = {**HEAVY, "problem": {"gaussian": {"samples": 5, "features": 8, "nonzeros": 2}}, "goal": {"until": 1}}
    found = tab.run(
        "(light) => App.engine.run({ lane: 'test', experiment: light }).then(([one]) => one.measurements.time)", light
    )
    assert found == 1
    assert tab.wait("window.ended") == "AbortError"
    idle(server, within=5)


def test_a_closed_tab_leaves_no_work(explorer: Callable[..., Server], page: Callable[..., Tab]) -> None:
    server = explorer("--gaussian", "20,30,3")
    tab = page(server.url)
    idle(server)
    tab.run(
        "(heavy) => { for (let k = 0; k < 4; k++) App.engine.run({ lane: 'test' + k, experiment: heavy }).catch(() => {}); }",
        HEAVY,
    )
    busy(server)
    tab.close()
    idle(server, within=5)


def test_moving_on_leaves_no_work(tab: Tab, server: Server) -> None:
    for part in (0.1, 0.9, 0.3, 0.7, 0.5):
        tab.slide(".row[data-key=d] input[type=range]", part)
    settle(tab)
    tab.run("App.open('')")
    settle(tab)
    tab.run("window.scrollTo(0, 0)")
    idle(server)


def test_two_tabs(page: Callable[..., Tab], server: Server) -> None:
    one, other = page(f"{server.url}#lambda=0.3"), page(f"{server.url}#lambda=3&seed=2")
    for k in range(4):
        one.slide(".row[data-key=alpha] input[type=range]", 0.3 + 0.1 * k)
        other.slide(".row[data-key=alpha] input[type=range]", 0.7 - 0.1 * k)
    settle(one)
    settle(other)
    for tab, seed, lambda_ in ((one, 1, 0.3), (other, 2, 3)):
        flow = experiments(tab)["flow"]
        assert (flow["problem"]["seed"], flow["motion"]["lambda"]) == (seed, lambda_)
        line = tab.run("(experiment) => Cite.command(experiment).line", flow)
        assert tab.run("App.results().flow.measurements.loss") == answer(*shlex.split(line)[1:])["loss"]


def test_a_dead_server_is_told(explorer: Callable[..., Server], page: Callable[..., Tab]) -> None:
    server = explorer("--gaussian", "20,30,3")
    tab = page(server.url)
    tab.expected += ["ERR_CONNECTION", "Failed to load resource", "ERR_INCOMPLETE", "ERR_EMPTY"]
    outcome = tab.run("document.getElementById('outcomes').textContent")
    server.stop(signal.SIGKILL)
    tab.fill("#set-lambda", "0.5")
    tab.wait(
        "!document.getElementById('banner').hidden && document.getElementById('banner').textContent.includes('does not answer')"
    )
    assert tab.run("document.getElementById('banner').getAttribute('role')") == "alert"
    # What was there stays.
    assert tab.run("document.getElementById('outcomes').textContent") == outcome
    assert tab.run(f"({DRAWN})('theta')") > 5


def test_compare_two(tab: Tab) -> None:
    tab.click("#compare")
    settle(tab)
    tab.fill("#set-lambda", "0.1")
    settle(tab)
    assert experiments(tab, "A")["flow"]["motion"]["lambda"] == 1
    assert experiments(tab, "B")["flow"]["motion"]["lambda"] == 0.1
    tab.wait("App.charts().filter((chart) => chart.id === 'theta').length === 2")
    low, high = tab.run(
        "App.charts().filter((chart) => chart.id === 'theta').map((chart) => [chart.model.y.min, chart.model.y.max])"
    )
    assert low == high  # Both sides have the same axes.
    tab.click("#compare")
    settle(tab)
    assert tab.run("App.current().B") is None


def test_zoom_and_time(tab: Tab) -> None:
    x, y = tab.place("#plot-theta-A .u-over")
    tab.drag((x - 60, y), (x - 20, y), (x + 40, y), (x + 60, y))
    tab.wait("App.current().look.zoom !== null")
    low, high = tab.run("App.current().look.zoom")
    assert 0 < low < high < tab.run("App.current().A.until")
    for view in ("theta", "weights"):
        assert tab.run("(id) => App.charts().find((one) => one.id === id).uplot.scales.x.max", view) == pytest.approx(
            high
        )
    tab.press("Escape")
    tab.run("document.querySelector('#plot-theta-A').focus()")
    tab.press("Escape")
    tab.wait("App.current().look.zoom === null")
    # Play.
    tab.run("document.querySelector('[aria-label=\"Play time\"]').click()")
    tab.wait("State.look.t > 0.5", timeout=10)
    tab.run("document.querySelector('[aria-label=\"Pause\"]').click()")
    tab.wait("document.querySelector('[aria-label=\"Play time\"]') !== null")


def test_map_opens_the_run_under_it(tab: Tab) -> None:
    tab.place("#card-map")
    tab.wait("App.charts().some((chart) => chart.id === 'map')", timeout=60)
    x, y = tab.place("#card-map .u-over")
    tab.click_at(x - 20, y - 20)
    tab.wait("App.current().A.lambda !== 1")
    settle(tab)
    assert said(tab, "flow.motion.lambda") == tab.run("App.current().A.lambda")


def test_latency(tab: Tab, capsys: pytest.CaptureFixture[str]) -> None:
    """From an input to the paint that follows from it, at (20, 30); printed, not judged."""
    tab.run("App.latencies.length = 0")
    draw = random.Random(1)
    for _ in range(60):
        key = draw.choice(["lambda", "step", "alpha", "seed", "until"])
        tab.slide(f".row[data-key={key}] input[type=range]", draw.uniform(0.3, 0.7))
        settle(tab)
    times = sorted(tab.run("App.latencies"))
    assert len(times) >= 30
    with capsys.disabled():
        print(
            f"\nlatency of {len(times)} inputs: median {statistics.median(times):.0f} ms, 95 % {times[int(0.95 * len(times))]:.0f} ms"
        )
