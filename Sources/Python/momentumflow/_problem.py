"""Data and where they come from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _library
from ._errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
else:
    from . import _numpy as np


#: So many entries of X are few.
_SMALL = 4096


class Problem:
    """A linear regression y ≈ Xθ: what every run begins from.

    Made by :func:`problem`, :func:`gaussian`, :func:`preset` and :func:`read_csv`. Data of files and presets are read or drawn
    once, when they are first needed; the same object may be used by any number of runs and threads.

    Attributes
    ----------
    specification : dict
        What it is, as the part "problem" of an experiment.
    X : ndarray of shape (n, d)
        The design matrix: the array given to :func:`problem`, or what was read or drawn, held-out rows left out.
    y : ndarray of shape (n,)
        The targets.
    feature_names : list of str
        The names of the features.
    theta_star : ndarray of shape (d,) or None
        The true coefficients, where they are known.
    """

    def __init__(
        self,
        specification: Mapping[str, Any],
        arrays: tuple[Floats, Floats] | None = None,
        description: Mapping[str, Any] | None = None,
    ) -> None:
        self.specification = dict(specification)
        self._arrays = arrays
        self._description = dict(description or {})

    @cached_property
    def _given(self) -> _library.Handle | None:
        """The arrays as the library has them; None for what it reads or draws by itself."""
        if self._arrays is None:
            return None
        return _library.new_problem(*self._arrays, self._description)

    #: What was read or drawn, once it was.
    _loaded: _library.Handle | None = None

    def _known(self, specification: Any) -> _library.Handle | None:
        """What a run on data of that specification need not make anew."""
        return (self._loaded if specification == self.specification else None) or self._given

    @property
    def _is_small(self) -> bool:
        """Whether there is so little of it, and at hand, that no step of a run on it takes long."""
        drawn = self.specification.get("gaussian", {})
        n, d = self._arrays[0].shape if self._arrays else (drawn.get("samples", 0), drawn.get("features", 0))
        return isinstance(n, int) and isinstance(d, int) and 0 < n * d <= _SMALL

    def _keep(self, specification: Any, run: _library.Handle) -> None:
        """Keeps the data that a run has read or drawn."""
        if self._loaded is None and specification == self.specification and not self._is_as_given:
            self._loaded = _library.problem_of(run)

    @cached_property
    def _data(self) -> dict[str, _library.Variable]:
        handle = self._given if self._is_as_given else self._loaded
        if handle is None:
            handle = self._loaded = _library.load_problem(self.specification, self._given)
        return _library.arrays(handle, "problem")

    @property
    def _is_as_given(self) -> bool:
        return self._arrays is not None and not {"standardize", "holdout"} & self.specification.keys()

    @property
    def X(self) -> Floats:  # noqa: N802: the field's name
        if self._is_as_given and self._arrays is not None:
            return self._arrays[0]
        return self._data["X"][1]

    @property
    def y(self) -> Floats:
        if self._is_as_given and self._arrays is not None:
            return self._arrays[1]
        return self._data["y"][1]

    @property
    def feature_names(self) -> list[str]:
        return [str(name) for name in self._data["feature"][1]]

    @property
    def theta_star(self) -> Floats | None:
        found = self._data.get("theta_star")
        return None if found is None else found[1]

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        n, d = self.X.shape
        return n, d

    def _in_files(self, folder: Path) -> dict[str, Any]:
        """The specification as studies take it, arrays written to a folder."""
        whole = dict(self.specification)
        if self._arrays is None:
            return whole
        if whole.pop("standardize", False):
            raise InvalidInput(
                "standardize", "sweeps read arrays from files, and do not standardise these",
                "give problem(p.X, p.y) of the problem p",
            )  # fmt: skip
        del whole["arrays"]
        folder.mkdir(parents=True, exist_ok=True)
        parts = {"design": self._arrays[0], "response": self._arrays[1]}
        if "truth" in self._description:
            parts["truth"] = np.array(self._description["truth"])
        for name, values in parts.items():
            np.save(folder / f"{name}.npy", values)
            whole[name] = str((folder / f"{name}.npy").resolve())
        return whole

    def __repr__(self) -> str:
        name = next(iter(f"{key}={value!r}" for key, value in self.specification.items()), "")
        shape = f" {self._arrays[0].shape[0]} × {self._arrays[0].shape[1]}" if self._arrays is not None else ""
        return f"<momentumflow.Problem {name}{shape}>"

    def __getstate__(self) -> dict[str, Any]:
        return {"specification": self.specification, "_arrays": self._arrays, "_description": self._description}


def _real(values: Any, name: str, dimensions: int) -> Floats:
    """An array of finite float64; the one given where it is that already."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InvalidInput(name, f"it is no array: {error}", "rows must be of one length") from None
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise InvalidInput(name, "values are masked", "fill or drop them")
    if array.dtype.kind not in "fiub":
        raise InvalidInput(name, f"its dtype is {array.dtype}", "real numbers are needed")
    if array.ndim != dimensions:
        need = "two dimensions, samples × features," if dimensions == 2 else "one dimension"
        raise InvalidInput(name, f"its shape is {array.shape}", f"{need} needed")
    if array.dtype.itemsize > 8 and array.dtype.kind == "f":
        raise InvalidInput(name, f"its dtype is {array.dtype}", "convert it to float64")
    if array.size == 0:
        raise InvalidInput(name, f"it is empty: its shape is {array.shape}", "at least one sample and one feature are needed")
    rows_are_contiguous = array.strides[-1] == 8 and (dimensions == 1 or array.strides[0] >= 8 * array.shape[1])
    if array.dtype == np.float64 and array.dtype.isnative and rows_are_contiguous and array.flags.aligned:
        return array
    return np.ascontiguousarray(array, dtype=np.float64)


def _specification(**settings: Any) -> dict[str, Any]:
    return {key: plain(value) for key, value in settings.items() if value is not None and value is not False}


def plain(value: Any) -> Any:
    """A setting as JSON takes it: numbers of NumPy and paths become those of Python."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def problem(
    X: npt.ArrayLike,  # noqa: N803: the field's name
    y: npt.ArrayLike,
    *,
    feature_names: Sequence[str] | None = None,
    theta_star: npt.ArrayLike | None = None,
    standardize: bool = False,
    holdout: float | None = None,
    seed: int | None = None,
    name: str = "arrays",
) -> Problem:
    """The problem of a design matrix and targets.

    Float64 of 64 MB or more is used where it lies, if its rows are contiguous (and, where d is no multiple of 8, a few bytes behind
    its end belong to it, which is nearly always so): it must then not be changed while the problem, or a result of it, is in use.
    Anything else is copied once.

    Parameters
    ----------
    X : array_like of shape (n, d)
        The design matrix, samples × features. A DataFrame's column names become the names of the features.
    y : array_like of shape (n,)
        The targets.
    feature_names : sequence of str, optional
        The names of the features.
    theta_star : array_like of shape (d,), optional
        The true coefficients: the test error is then ‖θ − θ*‖².
    standardize : bool
        Whether each feature is centred and scaled to variance 1, and y centred, after rows are held out.
    holdout : float, optional
        The fraction of rows held out for the test error.
    seed : int, optional
        The seed of what is drawn: held-out rows, minibatches. 1 where none is given.
    name : str
        How messages call it.

    Returns
    -------
    Problem

    Raises
    ------
    InvalidInput
        For wrong shapes, dtypes that are no real numbers, and values that are not finite.

    Examples
    --------
    >>> import momentumflow as mf
    >>> mf.problem([[1.0, 2.0, 0.5]], [1.0]).shape
    (1, 3)
    """
    if feature_names is None and hasattr(X, "columns"):
        feature_names = [str(column) for column in X.columns]
    matrix, target = _real(X, "X", 2), _real(y, "y", 1)
    if len(target) != len(matrix):
        raise InvalidInput("y", f"it has {len(target)} values where X has {len(matrix)} rows", "give one target a sample")
    if not np.isfinite(target).all():
        raise InvalidInput("y", "it holds NaN or infinity", "give finite numbers")
    description: dict[str, Any] = {"name": name}
    if feature_names is not None:
        description["feature_names"] = [str(item) for item in feature_names]
    if theta_star is not None:
        description["truth"] = _real(theta_star, "theta_star", 1).tolist()
    made = Problem(
        _specification(arrays=name, standardize=standardize, holdout=holdout, seed=seed), (matrix, target), description
    )
    made._given  # says what is wrong with the numbers now, not at the first run
    return made


def gaussian(
    samples: int,
    features: int,
    nonzeros: int,
    *,
    mean: float | None = None,
    holdout: float | None = None,
    seed: int | None = None,
) -> Problem:
    """Synthetic Gaussian data, y = Xθ* with a sparse θ*.

    Parameters
    ----------
    samples, features, nonzeros : int
        n, d and the number of non-zero coefficients of θ*.
    mean : float, optional
        The mean of every feature; 0 where none is given.
    holdout : float, optional
        The fraction of rows held out.
    seed : int, optional
        The seed; 1 where none is given.

    Returns
    -------
    Problem

    Examples
    --------
    >>> import momentumflow as mf
    >>> mf.gaussian(20, 30, 3).X.shape
    (20, 30)
    """
    drawn = _specification(mean=mean)
    drawn.update(samples=plain(samples), features=plain(features), nonzeros=plain(nonzeros))
    return Problem(_specification(gaussian=drawn, holdout=holdout, seed=seed))


def preset(
    name: str, *, mean: float | None = None, holdout: float | None = None, seed: int | None = None
) -> Problem:
    """A published setting by its name, such as ``"even-2023-centred"``; ``mgf presets`` lists them.

    Parameters
    ----------
    name : str
        The name.
    mean : float, optional
        Another mean of the features than the published one.
    holdout : float, optional
        The fraction of rows held out.
    seed : int, optional
        The seed; 1 where none is given.

    Returns
    -------
    Problem
    """
    return Problem(_specification(preset=name, mean=mean, holdout=holdout, seed=seed))


def read_csv(
    path: str | os.PathLike[str],
    target: str,
    *,
    standardize: bool = False,
    holdout: float | None = None,
    seed: int | None = None,
    index: str | None = None,
    drop: Sequence[str] | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    missing: str | None = None,
) -> Problem:
    """The problem of a table with a header, read as the command line reads it.

    Parameters
    ----------
    path : path
        The file.
    target : str
        The column of the targets; all others are features.
    standardize : bool
        Whether features are centred and scaled, and targets centred.
    holdout : float, optional
        The fraction of rows held out.
    seed : int, optional
        The seed of the rows held out; 1 where none is given.
    index, drop : str, sequence of str, optional
        The column of row names, and columns to leave out.
    delimiter : {"comma", "semicolon", "tab", "bar", "blanks"}, optional
        What stands between cells, where the file does not show it.
    decimal : {"point", "comma"}, optional
        The decimal mark, where the file does not show it.
    missing : {"refuse", "drop-rows", "drop-columns"}, optional
        What is done about missing values; they are refused where nothing is said.

    Returns
    -------
    Problem
    """
    if not os.path.exists(path):
        raise InvalidInput(os.fspath(path), "there is no such file", field="problem.data")
    # The same file from wherever the experiment is run again.
    return Problem(
        _specification(
            data=os.path.abspath(os.fspath(path)),
            target=target,
            standardize=standardize,
            holdout=holdout,
            seed=seed,
            index=index,
            drop=drop,
            delimiter=delimiter,
            decimal=decimal,
            missing=missing,
        )
    )
