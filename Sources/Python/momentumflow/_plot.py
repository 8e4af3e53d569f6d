"""The standard pictures, with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._errors import InvalidInput

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from ._problem import Floats
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
    colors = [axes.plot(t, theta[:, k], linewidth=1.2)[0].get_color() for k in largest]
    axes.set(xlabel="time t" if found["command"] == "solve" else "time t = kε", ylabel="coefficients θ")
    axes.margins(x=0)
    axes.autoscale_view()  # which matplotlib puts off until it draws
    ends = np.column_stack([np.full(len(largest), t[-1]), theta[-1, largest]])
    heights = axes.transData.transform(ends)[:, 1] * 72 / axes.figure.dpi
    for k, end, color, shift in zip(largest, ends, colors, _apart(heights, 10) - heights, strict=True):
        axes.annotate(
            str(names[k]), end, xytext=(3, shift), textcoords="offset points", va="center", fontsize="small", color=color,
            annotation_clip=False,
        )
    return axes


def _apart(heights: Floats, gap: float) -> Floats:
    """The heights nearest to these, by least squares, in the same order and at least a gap apart."""
    order = np.argsort(heights, kind="stable")
    rises = gap * np.arange(len(heights))
    groups: list[Floats] = []
    for height in heights[order] - rises:
        group = np.array([height])
        while groups and groups[-1].mean() > group.mean():
            group = np.concatenate([groups.pop(), group])
        groups.append(group)
    found = np.empty(len(heights))
    found[order] = np.concatenate([np.full(len(group), group.mean()) for group in groups]) + rises
    return found


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
    axes.set(xlabel="step ε", ylabel="largest |wₖ − w(kε)|")
    if len(steps) <= 8:
        axes.set_xticks(steps, [f"{step:g}" for step in steps])
        axes.set_xticks([], minor=True)
    if slope is not None:
        axes.legend(frameon=False)
    return axes


def plot_map(values: xarray.DataArray, x: str, y: str, ax: Axes | None = None, logarithmic: bool = True) -> Axes:
    """Draws a variable of a sweep over two of its axes. Needs matplotlib.

    Axes of the picture are logarithmic where the values of the sweep are in geometric progression. Runs without a value stay
    empty.

    Parameters
    ----------
    values : xarray.DataArray
        The variable, with no dimensions but these two: select or average along others first.
    x, y : str
        The dimensions to the right and upwards.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where nothing is said.
    logarithmic : bool
        Whether colours are logarithmic; they are linear where no value is positive.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import momentumflow as mf
    >>> grid = mf.sweep({
    ...     "name": "small", "problem": {"gaussian": {"samples": 5, "features": 10, "nonzeros": 2}}, "method": "mgf",
    ...     "axes": {"lambda": [0.1, 1, 10], "seed": [1, 2]}, "stop": {"delta_tolerance": 1e-6}}, progress=False)
    >>> mf.plot_map(grid.delta_ratio_median, "lambda", "seed").get_xscale()
    'log'
    """
    if {x, y} != set(values.dims) or x == y:
        names = ", ".join(str(name) for name in values.dims)
        raise InvalidInput("values", f"the dimensions are {names}", f"{x} and {y} are needed: select or average the others")
    from matplotlib.colors import LogNorm

    axes = _axes(ax)
    values = values.sortby([y, x]).transpose(y, x)
    (across, across_scale), (up, up_scale) = (_edges(np.asarray(values[name], dtype=np.float64)) for name in (x, y))
    numbers = np.asarray(values, dtype=np.float64)
    shown = numbers[np.isfinite(numbers) & (numbers > 0)] if logarithmic else numbers[:0]
    # Single runs far from all others do not take the colours for themselves.
    norm = LogNorm(*np.quantile(shown, [0.001, 0.999])) if len(shown) else None
    mesh = axes.pcolormesh(across, up, numbers, norm=norm)
    axes.figure.colorbar(
        mesh, ax=axes, label=str(values.attrs.get("long_name", values.name or "")), extend="neither" if norm is None else "both"
    )
    axes.set(xscale=across_scale, yscale=up_scale, xlabel=x, ylabel=y)
    return axes


def _edges(values: Floats) -> tuple[Floats, str]:
    """The edges of cells around increasing values, and the scale on which they lie halfway."""
    if len(values) == 1:
        return values[0] + np.array([-0.5, 0.5]), "linear"
    is_geometric = False
    if len(values) > 2 and values[0] > 0:
        ratios = np.diff(np.log(values))
        is_geometric = np.allclose(ratios, ratios.mean(), rtol=1e-6, atol=0)
    centres = np.log(values) if is_geometric else values
    between = (centres[1:] + centres[:-1]) / 2
    edges = np.concatenate([[2 * centres[0] - between[0]], between, [2 * centres[-1] - between[-1]]])
    return (np.exp(edges), "log") if is_geometric else (edges, "linear")
