"""The page as one file, without server or network: WebAssembly computes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Tab
from conftest import answer, command, settle


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "page.html"
    done = command("explore", "--save", str(path))
    assert done.returncode == 0, done.stderr
    return path


def test_one_file_and_no_network(saved: Path, page: Callable[..., Tab]) -> None:
    tab = page(saved.as_uri())
    assert tab.run("App.engine.name") == "wasm"
    assert tab.run("location.protocol") == "file:"
    elsewhere = [url for url in tab.requests if not url.startswith((saved.as_uri(), "blob:", "data:"))]
    assert not elsewhere
    assert tab.run("App.charts().length") >= 3
    text = saved.read_text(encoding="utf-8")
    assert "src=" not in re.sub(r"<script>.*?</script>", "", text, flags=re.S)


def test_an_existing_file_stays(saved: Path) -> None:
    before = saved.read_bytes()
    done = command("explore", "--save", str(saved))
    assert done.returncode == 64 and "--force" in done.stderr
    assert saved.read_bytes() == before


def test_selftest_agrees(saved: Path, page: Callable[..., Tab]) -> None:
    tab = page(saved.as_uri() + "#selftest", idle=False)
    tab.wait(
        "/^(\\d+) of \\1 tests/.test(document.querySelector('#selftest [role=status]')?.textContent ?? '')", timeout=180,
        what="the end of the self-test",
    )  # fmt: skip
    said = tab.run("document.querySelector('#selftest [role=status]').textContent")
    rows = tab.run("[...document.querySelectorAll('#selftest tbody tr')].map((row) => row.innerText)")
    assert "all agree" in said, "\n".join(row for row in rows if "NO" in row)
    assert len(rows) >= 30


LINKS = [
    "",
    "lambda=0.05&step=0.02&n=8&d=15&seed=4&until=30",
    "mean=5&lambda=0.03&step=0.01&until=20",
    "flow=gf&step=0.05",
]


@pytest.mark.parametrize("link", LINKS)
def test_numbers_are_those_of_the_library(link: str, saved: Path, page: Callable[..., Tab], tmp_path: Path) -> None:
    """To the tolerances of each: the same arithmetic on other processors."""
    tab = page(f"{saved.as_uri()}#{link}", idle=False)
    tab.wait("App.results?.().flow && App.results().descent && App.results().limit && true", timeout=60)
    found = tab.run(
        """Object.fromEntries(["flow", "descent", "limit"].map((kind) => {
          const { measurements, arrays } = App.results()[kind];
          return [kind, { loss: measurements.loss, theta: measurements.theta_inf ?? [...arrays.theta.values.slice(-arrays.theta.shape[1])],
            delta: measurements.delta_inf, error: measurements.error_estimate, test: measurements.test_error }];
        }))"""
    )
    sent: dict[str, Any] = tab.run("App.current().experiments")
    for kind in ("flow", "descent", "limit"):
        words = shlex.split(tab.run("(experiment) => Cite.command(experiment).line", sent[kind]))[1:]
        expected = answer(*words, cwd=tmp_path)
        assert np.isclose(found[kind]["test"], expected["test_error"], rtol=1e-8)
        if kind == "limit":
            assert np.allclose(found[kind]["theta"], expected["theta_inf"], rtol=0, atol=1e-9)
            allowed = 10 * (found[kind]["error"]["delta"] + expected["error_estimate"]["delta"])
            assert np.allclose(found[kind]["delta"], expected["delta_inf"], rtol=max(allowed, 1e-12), atol=0)
        else:
            assert np.isclose(found[kind]["loss"], expected["loss"], rtol=1e-8)


def test_settings_and_undo_work_in_a_file(saved: Path, page: Callable[..., Tab]) -> None:
    tab = page(saved.as_uri())
    tab.fill("#set-lambda", "0.25")
    settle(tab)
    assert "lambda=0.25" in tab.run("location.hash")
    tab.fill("#set-n", "0")
    tab.wait("!document.getElementById('set-n-fault').hidden")
    tab.run("history.back()")
    tab.wait("document.getElementById('set-n').value === '20'")
    settle(tab)
    assert tab.run("App.current().experiments.flow.motion.lambda") == 0.25


def test_what_it_cannot_compute_is_said(saved: Path, page: Callable[..., Tab]) -> None:
    tab = page(f"{saved.as_uri()}#n=100&d=2000", idle=False)
    tab.wait(
        "[...document.querySelectorAll('.fault:not([hidden]), #banner:not([hidden]), .note:not([hidden])')].some((one) => one.textContent.length > 10)",
        timeout=20,
    )


def test_report_and_figures_without_a_server(saved: Path, page: Callable[..., Tab]) -> None:
    tab = page(saved.as_uri())
    assert tab.run("Share.report()").count("<svg") >= 4
    entries = tab.run(
        """(() => {
          document.querySelector("#menu-download button").click();
          const found = [...document.querySelectorAll("#menu-download [role=menuitem]")].map((one) => one.firstChild.textContent);
          document.querySelector("#menu-download button").click();
          return found;
        })()"""
    )
    assert "Figure, SVG" in entries and "Data, NetCDF" not in entries
