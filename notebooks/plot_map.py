"""The map of a γ × β sweep: test error and median Δ∞/Δ₀, with the level lines of λ = γ/(1−β)².

    mgf sweep data/studies/gamma-beta-map.yaml --output map.sqlite && mgf sweep export map.sqlite map.nc
    .venv/bin/python notebooks/plot_map.py map.nc map.png
"""

import sys

import matplotlib
import numpy as np
import xarray as xr

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.colors import LogNorm


def draw(dataset: xr.Dataset, file: str) -> None:
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), constrained_layout=True)
    for ax, name, title in zip(axes, ("test_error", "delta_ratio_median"), ("test error", "median Δ∞/Δ₀")):
        values = dataset[name].transpose("beta", "gamma")
        low, high = np.nanquantile(values, [0.001, 0.999])
        mesh = ax.pcolormesh(dataset.gamma, 1 - dataset.beta, values, norm=LogNorm(low, high), cmap="viridis", shading="nearest")
        figure.colorbar(mesh, ax=ax, label=title, extend="both")
        levels = 10.0 ** np.arange(-2, 3)
        lines = ax.contour(
            dataset.gamma, 1 - dataset.beta, dataset["lambda"].transpose("beta", "gamma"), levels, colors="white", linewidths=1)
        ax.clabel(lines, fmt=lambda level: f"λ = {level:g}", fontsize=8)
        ax.set(xscale="log", yscale="log", xlabel="step γ", ylabel="1 − momentum β", title=title)
        ax.invert_yaxis()
    figure.suptitle(dataset.attrs["title"] + f": {dataset.sizes['gamma']} × {dataset.sizes['beta']} runs")
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    draw(xr.open_dataset(sys.argv[1]), sys.argv[2])
