"""What runs find."""

from __future__ import annotations

import html
import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import _library
from ._errors import IncompleteResult, InvalidInput
from ._problem import Problem

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas
    import xarray
    from matplotlib.axes import Axes

    from ._problem import Floats
else:
    from . import _numpy as np


class Note(UserWarning):
    """What is worth knowing of a problem; the result is what was asked for."""


class Measurement(Mapping[str, Any]):
    """The quantities of a run by their names, as attributes and as a mapping.

    Lists of numbers are arrays, parts are measurements themselves, rows are lists of these. A quantity that is missing is None,
    and :meth:`reason` says why.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        return _shown(self._values[name])

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._values if not name.endswith("_reason"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getattr__(self, name: str) -> Any:
        key = name.removesuffix("_")  # lambda_
        if name.startswith("_") or key not in self._values:
            raise AttributeError(f"{type(self).__name__} has no quantity {name!r}; it has {', '.join(self)}")
        return self[key]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def reason(self, name: str) -> str | None:
        """Why a quantity is missing, or not all there; None where it is."""
        found = self._values.get(f"{name}_reason")
        return None if found is None else str(found)

    def to_dict(self) -> dict[str, Any]:
        """The quantities as JSON has them: lists, numbers, texts, None; with their reasons."""
        return json.loads(json.dumps(self._values))  # type: ignore[no-any-return]

    def _rows(self) -> list[tuple[str, str]]:
        return [(name, _brief(self[name], self.reason(name))) for name in self]

    def __repr__(self) -> str:
        rows = self._rows()
        width = max((len(name) for name, _ in rows), default=0)
        return "\n".join([f"<momentumflow.{type(self).__name__}>", *(f"  {name:<{width}}  {text}" for name, text in rows)])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'>{html.escape(text)}</td></tr>"
            for name, text in self._rows()
        )
        return f"<table><caption>momentumflow.{type(self).__name__}</caption>{cells}</table>"


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return Measurement(value)
    if isinstance(value, list):
        if value and all(isinstance(item, dict) for item in value):
            return [Measurement(item) for item in value]
        if value and all(item is None or (isinstance(item, (int, float)) and not isinstance(item, bool)) for item in value):
            return np.array([np.nan if item is None else item for item in value])
    return value


def _brief(value: Any, reason: str | None = None) -> str:
    if value is None:
        return f"– ({reason})" if reason else "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        numbers = ", ".join(f"{item:.4g}" for item in value[:4])
        return f"[{numbers}{', …' if len(value) > 4 else ''}] ({len(value)})"
    if isinstance(value, Measurement):
        return "{" + ", ".join(f"{name}: {_brief(value[name])}" for name in value) + "}"
    if isinstance(value, list):
        if not value:
            return "none"
        if all(isinstance(item, Measurement) for item in value):
            return f"{len(value)} rows"
        return "; ".join(str(item) for item in value)
    return str(value)


class Result(Measurement):
    """What a run found.

    Attributes
    ----------
    problem : Problem
        The data.
    experiment : dict
        The experiment in full, its defaults included, as ``mgf run`` takes it.
    is_complete : bool
        Whether it is what was asked for.
    """

    problem: Problem

    def __init__(self, handle: _library.Handle, problem: Problem) -> None:
        functions = _library.library()
        super().__init__(json.loads(functions.mf_result_json(handle.pointer, _library.KEYWORDS)))
        self._problem = problem
        self._handle: _library.Handle | None = handle
        shortfall = functions.mf_result_shortfall(handle.pointer, _library.KEYWORDS)
        self._shortfall = None if shortfall is None else shortfall.decode()

    def __getattribute__(self, name: str) -> Any:
        # The data rather than what is said of them, which `["problem"]` has.
        if name == "problem":
            return object.__getattribute__(self, "_problem")
        return super().__getattribute__(name)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_handle": None, "_text": self._text, "_provenance": self._provenance}

    @property
    def _own(self) -> _library.Handle:
        assert self._handle is not None, "only what was pickled has none, and that brings along what is asked of it"
        return self._handle

    @cached_property
    def _text(self) -> bytes:
        return bytes(_library.library().mf_result_experiment(self._own.pointer))

    @cached_property
    def _provenance(self) -> dict[str, Any]:
        """The attributes that a file of the command line would have."""
        return dict(json.loads(_library.library().mf_result_provenance(self._own.pointer)))

    @property
    def experiment(self) -> dict[str, Any]:
        return dict(json.loads(self._text))

    @property
    def is_complete(self) -> bool:
        return self._shortfall is None

    def rerun(self) -> Any:
        """Carries the experiment out once more: the same bits on the same machine."""
        from ._run import carry_out

        return carry_out(self.experiment, self._problem)

    def _warn(self) -> None:
        for note in self._values.get("problem", {}).get("notes", []):
            if sys.version_info >= (3, 12):
                warnings.warn(note, Note, skip_file_prefixes=(os.path.dirname(__file__),))
            else:
                warnings.warn(note, Note, stacklevel=5)

    def _require_complete(self) -> None:
        if self._shortfall is not None:
            raise IncompleteResult(self._shortfall, self)


class Limit(Result):
    """What ``limit`` and ``certify`` found: Δ∞ and θ∞ with their error estimates."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws Δ₀ and Δ∞ feature by feature. Needs matplotlib."""
        from . import _plot

        return _plot.limit(self, ax)


class Comparison(Result):
    """What ``compare`` found: the distance of iterates from the flow, step by step."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the largest error against the step ε. Needs matplotlib."""
        from . import _plot

        return _plot.comparison(self, ax)


class Solution(Result):
    """A trajectory that ``solve`` or ``descend`` recorded; ``sol(t)`` evaluates it at any time.

    Attributes
    ----------
    t : ndarray of shape (times,)
        The recorded times; t = kε for iterates.
    arrays : dict of str to ndarray
        All recorded arrays by the names that they have in NetCDF files.
    """

    def __init__(self, handle: _library.Handle, problem: Problem) -> None:
        super().__init__(handle, problem)
        self._variables = _library.arrays(handle, "result")

    @property
    def t(self) -> Floats:
        return self._variables["time"][1]

    @property
    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {name: values for name, (_, values, _) in self._variables.items()}

    @property
    def blocks(self) -> list[str]:
        """The names of the blocks of weights: ``w_plus`` and ``w_minus`` for the diagonal network."""
        return [name.removesuffix("_rate") for name in self._variables if name.endswith("_rate")]

    def __call__(self, t: npt.ArrayLike, of: str = "theta") -> Floats:
        """The state at one time or many.

        Flows are evaluated to the accuracy of their stepper; iterates at t = kε, linear in between. A solution that was unpickled,
        or too long to be kept between its recorded times (1 GB), is computed anew.

        Parameters
        ----------
        t : array_like
            Times between 0 and the end of the run, of any shape and in any order.
        of : {"theta", "weights", "rates"}
            θ; the weights; their rates (discrete: (w_k − w_{k−1})/ε).

        Returns
        -------
        ndarray
            Of the shape of `t`, and (d,) behind it for θ, (blocks, d) for weights and rates.
        """
        if of not in ("theta", "weights", "rates"):
            raise InvalidInput(f"of={of!r}", "there is no such part of the state", "choose theta, weights or rates")
        times = np.asarray(t, dtype=np.float64)
        end = float(self._values["time"])
        if not ((times >= 0) & (times <= end)).all():
            raise InvalidInput("t", f"the solution is defined on [0, {end}] only")
        flat = np.ascontiguousarray(times.reshape(-1))
        found = self._flow(flat, of) if self._values["command"] == "solve" else self._iterates(flat, of)
        return found.reshape(times.shape + found.shape[1:])

    def _flow(self, t: Floats, of: str) -> Floats:
        if self._handle is None:
            self._handle = self._anew(self.experiment)._handle
        d, blocks, width = len(self._variables["feature"][1]), len(self.blocks), _library.width(self._own)
        if width == 0:
            return self._recorded(np.unique(t), t, of)
        states = _library.evaluate(self._own, t, width)
        if of == "theta":
            return states[:, -d:].copy()
        weights = states[:, : blocks * d].reshape(-1, blocks, d)
        if of == "weights":
            return weights.copy()
        if width < 2 * blocks * d:
            raise InvalidInput("of='rates'", "gradient flow has no rates in its state", "take those that are recorded")
        return states[:, blocks * d : 2 * blocks * d].reshape(-1, blocks, d).copy()

    def _anew(self, experiment: dict[str, Any]) -> Solution:
        """A run of the same experiment, of which everything was said when it was first run."""
        from ._run import carry_out

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Note)
            run: Solution = carry_out(experiment, self._problem, partial=True)
        return run

    def _iterates(self, t: Floats, of: str) -> Floats:
        step = float(self._values["step"])
        position = t / step
        near = np.rint(position)
        position = np.where(np.abs(position - near) <= 4e-16 * np.maximum(near, 1), near, position)
        low, high = np.floor(position).astype(int), np.ceil(position).astype(int)
        at = np.unique(np.concatenate([low, high]))
        before, after = self._recorded(at, low, of), self._recorded(at, high, of)
        part = (position - low).reshape((-1,) + (1,) * (before.ndim - 1))
        between: Floats = before + part * (after - before)
        return between

    def _recorded(self, at: npt.NDArray[Any], wanted: npt.NDArray[Any], of: str) -> Floats:
        """The states wanted, of those at `at`, which are increasing: recorded by a run of their own."""
        run = self._anew({**self.experiment, "recording": {"at": at.tolist()}})
        values: Floats
        if of == "theta":
            values = run.arrays["theta"]
        else:
            suffix = "_rate" if of == "rates" else ""
            values = np.stack([run.arrays[name + suffix] for name in run.blocks], axis=1)
        return values[np.searchsorted(at, wanted)]

    def to_xarray(self) -> xarray.Dataset:
        """The recorded arrays as a data set, with quantities and experiment as attributes; ``to_netcdf`` writes it."""
        import xarray

        scalars = {
            name: value for name, value in self._values.items() if isinstance(value, (str, int, float)) and value is not None
        }
        found = xarray.Dataset(
            {name: variable for name, variable in self._variables.items()},
            attrs={
                **{name: int(value) if isinstance(value, bool) else value for name, value in scalars.items()},
                **self._provenance,
            },
        )
        return found.set_coords([name for name in ("time", "feature", "iteration") if name in found])

    def to_dataframe(self) -> pandas.DataFrame:
        """The recorded states as a table: a row for each time, ``time`` as index, blocks as columns ``theta_NAME``."""
        import pandas

        names = self._variables["feature"][1]
        columns: dict[str, Any] = {}
        for name, (dimensions, values, _) in self._variables.items():
            if dimensions == ("time",) and name != "time":
                columns[name] = values
            elif dimensions == ("time", "feature"):
                columns.update({f"{name}_{feature}": values[:, k] for k, feature in enumerate(names)})
        return pandas.DataFrame(columns, index=pandas.Index(self.t, name="time"))

    def plot(self, ax: Axes | None = None, *, features: int = 6) -> Axes:
        """Draws the largest coefficients θ in time. Needs matplotlib."""
        from . import _plot

        return _plot.solution(self, ax, features)
