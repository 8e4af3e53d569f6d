"""Opens what `mgf` writes as xarray and pandas objects, and draws the standard figures with matplotlib.

    import momentumflow as mf
    report = mf.run("limit", "--gaussian", "20,30,3", "--lambda", "1")
    flow = mf.trajectory("notebooks/demo/mgf.nc")
    runs = mf.runs("map.sqlite")
"""

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

ROOT = Path(__file__).resolve().parent.parent


def binary() -> str:
    """The built `mgf` of this checkout, else the one on PATH."""
    built = ROOT / ".build/release/mgf"
    found = str(built) if built.exists() else shutil.which("mgf")
    if found is None:
        raise FileNotFoundError("mgf is not built: run make build")
    return found


def run(*arguments: str, partial: bool = False) -> dict:
    """Runs `mgf` in the checkout and returns its JSON object; a result that is not complete raises, unless `partial`."""
    done = subprocess.run([binary(), *arguments, "--json", "--quiet"], capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0 and not (partial and done.returncode == 1):
        raise RuntimeError(done.stderr.strip() or f"mgf ended with {done.returncode}")
    return json.loads(done.stdout)


def execute(*arguments: str) -> str:
    """Runs a command that has no JSON, such as `sweep export`, and returns what it prints."""
    done = subprocess.run([binary(), *arguments], capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def trajectory(path: str | Path) -> xr.Dataset:
    """A trajectory that `solve` or `descend` wrote: (time, feature)."""
    return xr.open_dataset(ROOT / path)


def runs(store: str | Path) -> pd.DataFrame:
    """The runs of a sweep's store, one a row, by their number."""
    with sqlite3.connect(f"file:{ROOT / store}?mode=ro", uri=True) as connection:
        return pd.read_sql("SELECT * FROM runs ORDER BY id", connection, index_col="id")


def grid(path: str | Path) -> xr.Dataset:
    """An exported sweep, its axes as coordinates."""
    return xr.open_dataset(ROOT / path)


def plot_losses(trajectories: dict[str, xr.Dataset], ax: Axes | None = None) -> Axes:
    """Training loss against time."""
    ax = ax or plt.gca()
    for name, data in trajectories.items():
        ax.semilogy(data.time, data.loss, label=name)
    ax.set(xlabel="time t, discrete kε", ylabel="loss ‖Xθ − y‖²/(2n)")
    ax.legend()
    return ax


def plot_balancedness(trajectories: dict[str, xr.Dataset], ax: Axes | None = None) -> Axes:
    """‖Δ(t)‖/‖Δ(0)‖ against time."""
    ax = ax or plt.gca()
    for name, data in trajectories.items():
        norm = np.sqrt((data.balancedness**2).sum("feature"))
        ax.plot(data.time, norm / norm[0], label=name)
    ax.set(xlabel="time t, discrete kε", ylabel="‖Δ(t)‖ / ‖Δ(0)‖")
    ax.legend()
    return ax


def plot_coefficients(data: xr.Dataset, count: int = 6, ax: Axes | None = None) -> Axes:
    """The largest coefficients θ along a trajectory."""
    ax = ax or plt.gca()
    order = np.argsort(-np.abs(data.theta.isel(time=-1).values))[:count]
    for k in order:
        ax.plot(data.time, data.theta.isel(feature=int(k)), label=str(data.feature.values[k]))
    ax.set(xlabel="time t", ylabel="θ")
    ax.legend()
    return ax


def plot_map(data: xr.DataArray, x: str, y: str, ax: Axes | None = None, logarithmic: bool = True) -> Axes:
    """A variable of an exported sweep over two of its axes."""
    ax = ax or plt.gca()
    values = data.transpose(y, x)
    norm = LogNorm(*np.nanquantile(values, [0.001, 0.999])) if logarithmic else None
    mesh = ax.pcolormesh(data[x], data[y], values, norm=norm, cmap="viridis", shading="nearest")
    ax.figure.colorbar(mesh, ax=ax, label=data.attrs.get("long_name", data.name))
    ax.set(xlabel=x, ylabel=y)
    return ax
