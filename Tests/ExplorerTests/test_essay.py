"""The essay: its five figures live, its numbers those of the commands that it names."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import Tab
from conftest import CHECKOUT, Server, answer, command, settle

FIGURES = ["lambda", "follow", "shrink", "cross", "helps"]

#: Evaluates the facts on what their commands have printed.
SCRIPT = """
const { facts } = require(process.argv[1]);
const printed = process.argv[2] ? JSON.parse(require("fs").readFileSync(0, "utf8")) : null;
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(facts).map(([name, fact]) =>
  [name, { line: fact.line, text: fact.text, digits: fact.digits, value: printed && fact.of(printed[fact.line]) }]))));
"""


def facts(printed: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        ["node", "-e", SCRIPT, str(CHECKOUT / "Sources/Explorer/Page/essay.js"), *(["yes"] if printed else [])],
        input=json.dumps(printed), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_numbers_of_the_text_come_from_their_commands() -> None:
    lines = {one["line"] for one in facts().values()}
    printed = {line: answer(*shlex.split(line)[1:]) for line in lines}
    for name, one in facts(printed).items():
        assert float(f"{one['value']:.{one['digits']}g}") == float(one["text"]), name


@pytest.fixture(params=["served", "file"])
def address(request: pytest.FixtureRequest, server: Server, saved: Path) -> str:
    return server.url if request.param == "served" else saved.as_uri()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "page.html"
    assert command("explore", "--save", str(path)).returncode == 0
    return path


def see(tab: Tab, figure: str) -> str:
    """Scrolls to a figure, waits until it is drawn, and returns what is said beneath it."""
    tab.wait("(id) => document.getElementById(`essay-${id}`) !== null", figure)
    tab.run(
        "(id) => document.getElementById(`essay-${id}`).scrollIntoView({ block: 'center', behavior: 'instant' })",
        figure,
    )
    tab.wait(
        "(id) => document.querySelector(`#essay-${id} canvas`) && !document.querySelector(`#essay-${id} .waiting`) && document.querySelector(`#essay-${id} .said`).textContent.length > 20",
        figure, timeout=60, what=f"the figure {figure}",
    )  # fmt: skip
    found: str = tab.run("(id) => document.querySelector(`#essay-${id} .said`).textContent", figure)
    return found


def test_figures_are_live(address: str, page: Callable[..., Tab]) -> None:
    tab = page(address + "#essay", idle=False)
    tab.wait("document.querySelectorAll('#essay figure').length === 5")
    for figure in FIGURES:
        before = see(tab, figure)
        sliders = tab.run("(id) => [...document.querySelectorAll(`#essay-${id} input`)].map((one) => one.id)", figure)
        assert 1 <= len(sliders) <= 2
        for slider in sliders:
            tab.slide(f"#{slider}", 0.45)
            tab.wait(
                "(id, before) => document.querySelector(`#essay-${id} .said`).textContent !== before",
                figure,
                before,
                timeout=60,
            )
            after = see(tab, figure)
            assert after != before
            before = after
        # The text alternative, and a table.
        assert (
            tab.run("(id) => document.querySelector(`#essay-${id} .plot`).getAttribute('aria-label').length", figure)
            > 60
        )
        tab.run("(id) => { document.querySelector(`#essay-${id} details`).open = true; }", figure)
        tab.wait("(id) => document.querySelectorAll(`#essay-${id} tbody tr`).length > 3", figure)


def test_homes_agree(server: Server, saved: Path, page: Callable[..., Tab]) -> None:
    """What is said beneath the figures does not depend on who computes."""
    said = []
    for address in (server.url, saved.as_uri()):
        tab = page(address + "#essay", idle=False)
        tab.wait("document.querySelectorAll('#essay figure').length === 5")
        said.append([see(tab, figure) for figure in FIGURES])
    assert said[0] == said[1]


def test_figures_open_the_explorer(server: Server, page: Callable[..., Tab]) -> None:
    tab = page(server.url + "#essay", idle=False)
    tab.wait("document.querySelectorAll('#essay figure').length === 5")
    tab.run("document.querySelector('#essay-cross').scrollIntoView()")
    see(tab, "cross")
    tab.slide("#essay-cross-lambda", 0.5)
    tab.click("#essay-cross .beneath a")
    tab.wait("!document.getElementById('explorer').hidden && document.getElementById('essay').hidden")
    settle(tab)
    assert tab.run("App.current().A.lambda") == pytest.approx((0.05 * 4) ** 0.5, rel=1e-2)
    assert tab.run("App.current().experiments.flow.goal.until") == 20
    # And back.
    tab.run("history.back()")
    tab.wait("!document.getElementById('essay').hidden")


def test_nothing_runs_that_is_not_seen(server: Server, page: Callable[..., Tab]) -> None:
    tab = page(server.url + "#essay", idle=False)
    see(tab, "lambda")
    assert tab.run("Essay.drawn[4] === null || Essay.drawn[4] === undefined")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_telephone(scheme: str, server: Server, page: Callable[..., Tab]) -> None:
    tab = page(server.url + "#essay", idle=False, width=360, height=740, color_scheme=scheme)
    for figure in FIGURES:
        see(tab, figure)
        assert tab.run("document.documentElement.scrollWidth") <= 360
