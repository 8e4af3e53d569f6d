"""What pictures show is what was computed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import momentumflow as mf

matplotlib = pytest.importorskip("matplotlib")
xarray = pytest.importorskip("xarray")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

STUDY = {
    "name": "plots",
    "problem": {"gaussian": {"samples": 4, "features": 6, "nonzeros": 2}},
    "method": "heavy-ball",
    "axes": {"gamma": [1e-3, 1e-2, 1e-1], "beta": [0, 0.5, 0.9, 0.95]},
    "stop": {"delta_tolerance": 1e-6},
}


@pytest.fixture(autouse=True)
def no_figures_left() -> object:
    yield
    plt.close("all")


def overlaps(ax: plt.Axes) -> int:
    """How many pairs of labels of lines overlap, drawn."""
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    return sum(first.overlaps(second) for k, first in enumerate(boxes) for second in boxes[:k])


def test_matplotlib_is_imported_for_pictures_alone() -> None:
    script = (
        "import sys, momentumflow as mf; mf.gaussian(4, 6, 2).X; assert 'plot_map' in mf.__all__;"
        "assert not {'matplotlib', 'xarray', 'pandas'} & set(sys.modules); mf.plot_map"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("samples", [None, 11])
def test_flows(problem: mf.Problem, samples: int | None) -> None:
    sol = mf.solve(problem, lambda_=1, until=20, samples=samples)
    ax = sol.plot(features=8)
    largest = np.argsort(-np.abs(sol(20)))[:8]
    assert [text.get_text() for text in ax.texts] == [problem.feature_names[k] for k in largest]
    assert [text.get_color() for text in ax.texts] == [line.get_color() for line in ax.lines]
    for line, k in zip(ax.lines, largest, strict=True):
        t, theta = line.get_data()
        assert t[0] == 0 and t[-1] == 20 and (theta == sol(t)[:, k]).all()
    assert ax.get_xlabel() == "time t" and overlaps(ax) == 0


def test_iterates(problem: mf.Problem) -> None:
    sol = mf.descend(problem, gamma=0.01, beta=0.9, iterations=200, samples=11)
    ax = sol.plot(plt.figure().add_subplot(), features=30)
    assert len(ax.lines) == 30 and ax.get_xlabel() == "time t = kε"
    assert (ax.lines[0].get_xdata() == sol.t).all()
    assert overlaps(ax) == 0


def test_limits(problem: mf.Problem) -> None:
    found = mf.limit(problem, lambda_=1)
    start, end = found.plot().lines
    assert (start.get_ydata() == found.delta_0).all()
    assert (end.get_ydata() == np.sort(found.delta_inf)[::-1]).all()


def test_comparisons(problem: mf.Problem) -> None:
    found = mf.compare(problem, lambda_=1, steps=[0.04, 0.02, 0.01], until=5, gap_work=0)
    ax = found.plot()
    assert (ax.lines[0].get_ydata() == [row.max_error for row in found.rows]).all()
    assert ax.get_legend().get_texts()[0].get_text() == f"slope {found.slope:.3g}"
    assert sorted(label.get_text() for label in ax.get_xticklabels()) == ["0.01", "0.02", "0.04"]
    assert found.plot(ax) is ax and len(ax.lines) == 2


def test_maps_of_sweeps(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    grid = mf.sweep(STUDY, store=store, progress=False)
    with sqlite3.connect(store) as connection:
        rows = connection.execute("SELECT gamma, beta, outcome, test_error FROM runs").fetchall()
    assert len(rows) == 12 and {outcome for _, _, outcome, _ in rows} == {"reached"}
    assert all(float(grid.test_error.sel(gamma=gamma, beta=beta)) == error for gamma, beta, _, error in rows)

    ax = mf.plot_map(grid.delta_ratio_median, "gamma", "beta")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale(), ax.get_yscale()) == ("gamma", "beta", "log", "linear")
    (mesh,) = ax.collections
    assert (mesh.get_array() == grid.delta_ratio_median.transpose("beta", "gamma").values).all()
    assert isinstance(mesh.norm, matplotlib.colors.LogNorm)
    assert ax.figure.axes[1].get_ylabel() == grid.delta_ratio_median.attrs["long_name"]
    linear = mf.plot_map(grid.delta_ratio_median, "beta", "gamma", plt.figure().add_subplot(), logarithmic=False)
    assert not isinstance(linear.collections[0].norm, matplotlib.colors.LogNorm)


def test_cells_lie_around_their_values() -> None:
    values = xarray.DataArray(
        [[1.0, np.nan, 3.0], [-1.0, 5.0, 0.0]], coords={"seed": [2, 1], "lambda": [10.0, 0.1, 1.0]}, dims=("seed", "lambda")
    )
    ax = mf.plot_map(values, "lambda", "seed")
    corners = ax.collections[0].get_coordinates()
    assert np.allclose(corners[0, :, 0], 10.0 ** np.array([-1.5, -0.5, 0.5, 1.5]))
    assert np.allclose(corners[:, 0, 1], [0.5, 1.5, 2.5])
    shown = ax.collections[0].get_array()
    assert np.array_equal(np.ma.filled(shown, np.nan), [[5, 0, -1], [np.nan, 3, 1]], equal_nan=True)
    one = mf.plot_map(values.isel(seed=[0]), "lambda", "seed")
    assert one.get_ylim() == (1.5, 2.5)
    mf.plot_map(-abs(values) - 1, "lambda", "seed").figure.canvas.draw()


@pytest.mark.parametrize(("x", "y"), [("gamma", "seed"), ("gamma", "gamma")])
def test_maps_have_two_axes(x: str, y: str) -> None:
    values = xarray.DataArray(np.ones((2, 2, 2)), dims=("gamma", "beta", "seed"), name="test_error")
    with pytest.raises(mf.InvalidInput, match="select or average"):
        mf.plot_map(values, x, y)


def test_gradient_flow_keeps_balancedness() -> None:
    problem = mf.gaussian(4, 6, 2)
    flow = mf.solve(problem, flow="gf", until=5, samples=11)
    balancedness = flow.arrays["balancedness"]
    assert balancedness.shape == (11, 6) and np.allclose(balancedness, balancedness[0], rtol=1e-12)


def test_what_ends_early_is_returned_if_asked_for() -> None:
    problem = mf.gaussian(4, 6, 2)
    assert mf.limit(problem, lambda_=1).outcome == "reached"
    with pytest.raises(mf.IncompleteResult) as caught:
        mf.solve(problem, lambda_=1, residual=1e-9, max_time=1)
    early = mf.solve(problem, lambda_=1, residual=1e-9, max_time=1, partial=True)
    assert early.outcome == caught.value.result.outcome == "max-time" and not early.is_complete
    assert early.plot().lines[0].get_xdata()[-1] == early.time == 1
