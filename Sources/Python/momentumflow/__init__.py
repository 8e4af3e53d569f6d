"""Momentum and gradient flow on diagonal linear networks: precise flows, iterates at matched λ, their limits.

    import momentumflow as mf
    sol = mf.solve(mf.gaussian(20, 30, 3), lambda_=1, until=100)
    sol.plot()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._errors import IncompleteResult, Interrupted, InvalidInput, MomentumFlowError, StoppedEarly
from ._problem import Problem, gaussian, preset, problem, read_csv
from ._result import Comparison, Limit, Measurement, Note, Result, Solution
from ._run import certify, compare, descend, limit, run, solve, thresholds

if TYPE_CHECKING:
    from ._plot import plot_map
    from ._regressor import MomentumFlowRegressor
    from ._sweep import study, sweep

__all__ = [
    "Comparison",
    "IncompleteResult",
    "Interrupted",
    "InvalidInput",
    "Limit",
    "Measurement",
    "MomentumFlowError",
    "Note",
    "Problem",
    "Result",
    "Solution",
    "StoppedEarly",
    "certify",
    "compare",
    "descend",
    "gaussian",
    "limit",
    "plot_map",
    "preset",
    "problem",
    "read_csv",
    "run",
    "solve",
    "study",
    "sweep",
    "thresholds",
]


def __dir__() -> list[str]:
    return [*__all__, "MomentumFlowRegressor", "__version__"]


#: Where to find what brings along more than most users need: scikit-learn, matplotlib, child processes.
_LATE = {"MomentumFlowRegressor": "_regressor", "plot_map": "_plot", "study": "_sweep", "sweep": "_sweep"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(importlib.import_module(f".{_LATE[name]}", __name__), name)
    if name == "__version__":
        from ._library import version

        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
