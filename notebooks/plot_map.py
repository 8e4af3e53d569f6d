"""The map of a γ × β sweep: test error and median Δ∞/Δ₀, with the level lines of λ = γ/(1−β)².

    mgf sweep data/studies/gamma-beta-map.yaml --output map.sqlite && mgf sweep export map.sqlite map.nc
    PYTHONPATH=Sources/Python .venv/bin/python notebooks/plot_map.py map.nc map.png
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import momentumflow as mf
import numpy as np
import xarray as xr


def middle(grid: xr.Dataset, value: float) -> tuple[float, float]:
    """Where the level line of λ is halfway through the map."""
    gamma, rest = grid.gamma.values, grid["1 − β"].values
    at = np.sqrt(max(gamma.min(), value * rest.min() ** 2) * min(gamma.max(), value * rest.max() ** 2))
    return at, np.sqrt(at / value)


def draw(grid: xr.Dataset, file: str) -> None:
    grid = grid.assign_coords({"1 − β": 1 - grid.beta}).swap_dims(beta="1 − β")
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    for ax, name, title in zip(axes, ("test_error", "delta_ratio_median"), ("test error", "median Δ∞/Δ₀")):
        mf.plot_map(grid[name].assign_attrs(long_name=title), "gamma", "1 − β", ax)
        ax.set(xlabel="step γ", ylabel="1 − momentum β", title=title)
        ax.invert_yaxis()
        exponent = np.log10(grid["lambda"].transpose("1 − β", "gamma"))
        levels = [level for level in range(-2, 3) if exponent.min() < level < exponent.max()]
        lines = ax.contour(grid.gamma, grid["1 − β"], exponent, levels, colors="white", linestyles="solid", linewidths=1)
        middles = [middle(grid, 10.0**level) for level in levels]
        ax.clabel(lines, fmt=lambda level: f"λ = {10**level:g}", fontsize=8, manual=middles)
    figure.suptitle(grid.attrs["title"] + f": {grid.sizes['gamma']} × {grid.sizes['1 − β']} runs")
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    draw(xr.open_dataset(sys.argv[1]), sys.argv[2])
