"""Sweeps and studies, done by the bundled `mgf`."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import momentumflow as mf

STUDY: dict[str, Any] = {
    "name": "small",
    "problem": {"gaussian": {"samples": 5, "features": 10, "nonzeros": 2}},
    "method": "mgf",
    "axes": {"lambda": [0.1, 1.0], "seed": [1, 2, 3]},
    "stop": {"delta_tolerance": 1e-6},
}


def test_grid(tmp_path: Path) -> None:
    grid = mf.sweep(STUDY, store=tmp_path / "s.sqlite", progress=False)
    assert dict(grid.sizes) == {"lambda": 2, "seed": 3} and list(grid["lambda"].values) == [0.1, 1.0]
    assert (grid.outcome == "reached").all() and grid.delta_ratio_max.attrs["long_name"]
    # A run of the grid is the experiment of its own.
    found = mf.limit(mf.gaussian(5, 10, 2, seed=2), lambda_=1.0, delta_tolerance=1e-6)
    assert float(grid.theta_l1.sel({"lambda": 1.0, "seed": 2})) == pytest.approx(
        np.abs(found.theta_inf).sum(), rel=1e-15
    )
    again = mf.sweep(STUDY, store=tmp_path / "s.sqlite", progress=False)
    assert again.drop_vars("wall_seconds").identical(grid.drop_vars("wall_seconds").assign_attrs(again.attrs))
    with sqlite3.connect(tmp_path / "s.sqlite") as store:
        assert store.execute("SELECT count(*) FROM runs").fetchone() == (6,)


def test_settings_and_filters(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("name: small\nproblem: {gaussian: {samples: 5, features: 10, nonzeros: 2}}\nmethod: mgf\n"
                    "axes: {lambda: [0.1, 1.0]}\nstop: {delta_tolerance: 1e-6}\n")  # fmt: skip
    grid = mf.sweep(path, settings={"lambda_": [0.3, 0.4, 0.5]}, filter="lambda<0.45", progress=False)
    assert list(grid["lambda"].values) == [0.3, 0.4, 0.5] and list(grid.theta_l1.notnull().values) == [True, True, False]


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(mf.InvalidInput, match="problem is missing"):
        mf.sweep({"name": "x"})
    with pytest.raises(mf.InvalidInput, match="no-such.yaml"):
        mf.sweep(tmp_path / "no-such.yaml")
    with pytest.raises(mf.InvalidInput):
        mf.sweep({**STUDY, "axes": {"lambda": [float("nan")]}})
    with pytest.raises(mf.InvalidInput):
        mf.study("no-such-study")


def test_a_stopped_sweep_goes_on(tmp_path: Path) -> None:
    long = {**STUDY, "axes": {"lambda": {"log": [0.01, 1, 40]}, "seed": {"linear": [1, 50, 50]}}}
    script = f"""
        import threading, os, signal, sqlite3, time, momentumflow as mf
        store = {str(tmp_path / "s.sqlite")!r}
        def strike():
            found = 0
            while not found:
                time.sleep(0.1)
                if os.path.exists(store):
                    try:
                        with sqlite3.connect(store) as db:
                            (found,) = db.execute("SELECT count(*) FROM runs").fetchone()
                    except sqlite3.OperationalError:
                        pass  # it is being made
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=strike).start()
        try:
            mf.sweep({long!r}, store=store, progress=False)
        except KeyboardInterrupt:
            print("interrupted")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "interrupted\n", done.stderr
    with sqlite3.connect(tmp_path / "s.sqlite") as store:
        (first,) = store.execute("SELECT count(*) FROM runs").fetchone()
    assert 0 < first < 2000
    assert mf.sweep(long, store=tmp_path / "s.sqlite", progress=False).outcome.shape == (40, 50)


def test_study(tmp_path: Path) -> None:
    found = mf.study("order", seeds=1, figure=tmp_path / "order.svg", store=tmp_path / "order.sqlite")
    assert found.claim and found.rows[0].order == 1 and (tmp_path / "order.svg").stat().st_size > 1000
    assert (tmp_path / "order.sqlite").exists()


def test_console_script() -> None:
    script = "from momentumflow._sweep import main; import sys; sys.argv = ['mgf', '--version']; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == mf.__version__


def test_problems_in_sweeps(tmp_path: Path) -> None:
    """A study's problem may be one of the package's; its limits are those of `limit`."""
    flow = {"name": "s", "method": "mgf", "axes": {"lambda": [0.1, 1]}, "stop": {"delta_tolerance": 1e-8}}
    random = np.random.default_rng(1)
    x, y = random.normal(size=(5, 8)), random.normal(size=5)
    for data in (
        mf.gaussian(5, 8, 2, mean=1, seed=3, holdout=0.2),
        mf.preset("even-2023-centred", seed=2),
        mf.problem(x, y, holdout=0.25, seed=2, theta_star=np.eye(8)[0]),
    ):
        grid = mf.sweep({**flow, "problem": data}, progress=False)
        for value in (0.1, 1):
            assert float(grid.theta_l1.sel({"lambda": value})) == pytest.approx(
                np.abs(mf.limit(data, lambda_=value).theta_inf).sum(), rel=1e-6
            )
    # What is kept goes on, with the same numbers.
    kept = {**flow, "problem": data}
    first = mf.sweep(kept, store=tmp_path / "s.sqlite", progress=False)
    assert first.equals(mf.sweep(kept, store=tmp_path / "s.sqlite", progress=False))
    with pytest.raises(mf.InvalidInput, match="standardise"):
        mf.sweep({**kept, "problem": mf.problem(x, y, standardize=True)}, progress=False)
    with pytest.raises(mf.InvalidInput, match="study"):
        mf.sweep({**kept, "problem": object()}, progress=False)
