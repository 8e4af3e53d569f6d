"""What the module opens is what `mgf` computed."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest

import momentumflow as mf

STUDY = """
problem: {gaussian: {samples: 4, features: 6, nonzeros: 2}}
method: heavy-ball
axes: {gamma: [1e-3, 1e-2], beta: [0, 0.5, 0.9]}
stop: {delta_tolerance: 1e-6}
"""


def test_reports():
    report = mf.run("limit", "--gaussian", "4,6,2", "--lambda", "1")
    assert report["outcome"] == "reached" and len(report["delta_inf"]) == 6
    with pytest.raises(RuntimeError, match="--lambda"):
        mf.run("limit", "--gaussian", "4,6,2", "--lambda", "-1")
    stopped = ("solve", "--gaussian", "4,6,2", "--lambda", "1", "--until-residual", "1e-9", "--max-time", "1")
    assert mf.run(*stopped, partial=True)["outcome"] == "max-time"
    with pytest.raises(RuntimeError):
        mf.run(*stopped)


def test_trajectories(tmp_path):
    paths = {name: tmp_path / f"{name}.nc" for name in ("gf", "mgf")}
    for name, path in paths.items():
        momentum = ["--lambda", "1"] if name == "mgf" else []
        mf.run("solve", "--gaussian", "4,6,2", "--flow", name, *momentum, "--until", "5", "--samples", "11", "-o", str(path))
    data = {name: mf.trajectory(path) for name, path in paths.items()}
    assert data["mgf"].sizes["time"] == 11 and data["mgf"].sizes["feature"] == 6
    assert np.allclose(data["gf"].balancedness, data["gf"].balancedness[0], rtol=1e-12)
    figure, axes = plt.subplots(1, 3)
    assert len(mf.plot_losses(data, axes[0]).lines) == 2
    line = mf.plot_balancedness(data, axes[1]).lines[0]
    assert np.allclose(line.get_ydata(), 1)
    assert len(mf.plot_coefficients(data["mgf"], 3, axes[2]).lines) == 3


def test_sweeps(tmp_path):
    study, store, file = (str(tmp_path / name) for name in ("s.yaml", "s.sqlite", "s.nc"))
    (tmp_path / "s.yaml").write_text(STUDY)
    assert mf.run("sweep", study, "--output", store)["completed"] == 6
    table = mf.runs(store)
    assert list(table.index) == list(range(6)) and set(table.outcome) == {"reached"}
    assert "6 of 6 runs" in mf.execute("sweep", "export", store, file)
    grid = mf.grid(file)
    for _, row in table.iterrows():
        assert float(grid.test_error.sel(gamma=row.gamma, beta=row.beta)) == row.test_error
    ax = mf.plot_map(grid.delta_ratio_median, "gamma", "beta", plt.figure().gca())
    assert ax.get_xlabel() == "gamma" and ax.get_ylabel() == "beta"
