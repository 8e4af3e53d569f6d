"""The standard pictures, with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._result import Comparison, Limit, Solution


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(5.2, 3.4), layout="constrained").add_subplot()


def solution(found: Solution, ax: Axes | None, count: int) -> Axes:
    """The largest coefficients θ in time, each with its name at its end; evenly spaced times where a flow is known between steps."""
    axes = _axes(ax)
    t, theta = found.t, found.arrays["theta"]
    if found["command"] == "solve" and len(t) < 400:
        t = np.linspace(0, found["time"], 400)
        theta = found(t)
    largest = np.argsort(-np.abs(theta[-1]))[:count]
    names = found.arrays["feature"]
    for k in largest:
        (line,) = axes.plot(t, theta[:, k], linewidth=1.2)
        axes.annotate(
            str(names[k]), (t[-1], theta[-1, k]), xytext=(3, 0), textcoords="offset points", va="center",
            fontsize="small", color=line.get_color(), annotation_clip=False,
        )
    axes.set(xlabel="time t" if found["command"] == "solve" else "time t = kε", ylabel="coefficients θ")
    axes.margins(x=0)
    return axes


def limit(found: Limit, ax: Axes | None) -> Axes:
    """Δ₀ and Δ∞ feature by feature, in the order of Δ∞."""
    axes = _axes(ax)
    start, end = np.asarray(found["delta_0"]), np.asarray(found["delta_inf"])
    order = np.argsort(-end)
    axes.semilogy(np.arange(len(end)), start[order], ".", color="0.6", label="Δ₀")
    axes.semilogy(np.arange(len(end)), end[order], ".", label="Δ∞")
    axes.set(xlabel="feature, by Δ∞", ylabel="balancedness |u² − v²|")
    axes.legend(frameon=False)
    return axes


def comparison(found: Comparison, ax: Axes | None) -> Axes:
    """The largest distance of the iterates from the flow against ε, with the slope."""
    axes = _axes(ax)
    rows = [row for row in found["rows"] if row.get("max_error") is not None]
    steps = np.array([row["step"] for row in rows])
    errors = np.array([row["max_error"] for row in rows])
    slope = found.get("slope")
    axes.loglog(steps, errors, "o-", label=None if slope is None else f"slope {slope:.3g}")
    axes.set(xlabel="step ε", ylabel="largest |w_k − w(kε)|")
    if slope is not None:
        axes.legend(frameon=False)
    return axes
