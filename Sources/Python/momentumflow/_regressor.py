"""Momentum gradient flow as an estimator of scikit-learn."""

from __future__ import annotations

import math
import warnings
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _library
from ._errors import IncompleteResult
from ._problem import Problem, problem
from ._result import Note, Result, Solution
from ._run import limit, solve

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._problem import Floats

try:
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import train_test_split
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("MomentumFlowRegressor needs scikit-learn 1.6 or later: pip install 'scikit-learn>=1.6'") from error

#: How many times a path has.
_TIMES = 201
#: The residual, relative to the largest target, at which a path to the limit ends; also the relative error of coefficients that
#: needs no warning.
_TOLERANCE = 1e-6


class MomentumFlowRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Linear regression by momentum gradient flow on a two-layer diagonal linear network.

    The coefficients are θ = u ⊙ v where the weights w = (u, v) follow λẅ + ẇ + ∇F(w) = 0 from u = √2·α, v = 0 for the square
    loss F. There is no penalty: λ, the scale α and the time decide which of all solutions is found. With more features than
    samples the limit interpolates, and smaller α gives sparser coefficients; where X has full column rank the limit is ordinary
    least squares, and only an earlier time regularises.

    Features and targets should be of the order of 1, as :class:`sklearn.preprocessing.StandardScaler` makes them: the flow is
    fast along large features and slow along small ones.

    Parameters
    ----------
    alpha : float, default=0.1
        The scale α > 0 of the start.
    lambda_ : float or None, default=1.0
        λ = γ/(1−β)² of momentum gradient descent with step γ and momentum β; 0 or None for gradient flow.
    until : float or None, default=None
        The time at which the flow ends; None for its limit.
    early_stopping : bool, default=False
        Whether rows are held out, and the time is taken at which their mean squared error is least, among 201 times evenly
        spread in ln(1 + t) up to `until` or, where that is None, nearly to the limit. The held-out rows are not used
        otherwise.
    validation_fraction : float, default=0.2
        The fraction of rows to hold out, between 0 and 1; used with `early_stopping` only.
    fit_intercept : bool, default=True
        Whether X and y are centred, so that an intercept is fitted.
    rtol : float or None, default=None
        The relative local error allowed; None for that of :func:`momentumflow.solve` and :func:`momentumflow.limit`.
    stepper : str or None, default=None
        The method of integration, as for :func:`momentumflow.solve`; None for ``auto``.
    max_work : int or None, default=1000000
        The most passes over the data; None for what :func:`momentumflow.solve` allows.
    max_seconds : float or None, default=None
        The seconds after which the flow is stopped.
    random_state : int, RandomState instance or None, default=None
        What the held-out rows are drawn with.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
        The coefficients θ.
    intercept_ : float
        The intercept; 0.0 if it is not fitted.
    stop_time_ : float
        The time of the coefficients; infinity for the limit.
    path_t_ : ndarray of shape (n_times,)
        The times of the path, evenly spread in ln(1 + t): 201 from 0 to `until` or, where that is None, to where the residual is
        1e-6 of the largest target. A path of very many steps has fewer.
    coef_path_ : ndarray of shape (n_times, n_features)
        The coefficients at these times; those on the way to a limit are found by a run of their own when they, or `path_t_`, are
        first asked for.
    n_iter_ : int
        The accepted steps; 0 for the limit of gradient flow, which needs none.
    result_ : Limit or Solution
        What :func:`momentumflow.limit` or :func:`momentumflow.solve` found, the data of the run included. Where X has more rows
        than its rank, its data are as many rows as that with the same flow: losses then lack the part that no θ can change.
    n_features_in_ : int
        The number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if X has names that are all strings.

    Warns
    -----
    ConvergenceWarning
        If `max_work` or `max_seconds` ended the run: the coefficients are those that it had come to. With `early_stopping`, only
        if the held-out error was still falling there; at the limit, not where X has full column rank.

    See Also
    --------
    momentumflow.limit : The limit with its error estimates and its certificate.
    momentumflow.solve : The trajectory.

    Examples
    --------
    >>> import numpy as np
    >>> from momentumflow import MomentumFlowRegressor
    >>> X = np.random.default_rng(0).normal(size=(20, 40))
    >>> y = 3 * X[:, 0] - 2 * X[:, 1]
    >>> model = MomentumFlowRegressor(alpha=1e-3, lambda_=1.0).fit(X, y)
    >>> np.flatnonzero(np.abs(model.coef_) > 0.01), model.coef_[:2].round(2)
    (array([0, 1]), array([ 3., -2.]))
    >>> round(model.score(X, y), 6)
    1.0
    """

    coef_: Floats
    intercept_: float
    stop_time_: float
    n_iter_: int
    result_: Result
    n_features_in_: int
    feature_names_in_: npt.NDArray[np.object_]

    def __init__(
        self,
        alpha: float = 0.1,
        lambda_: float | None = 1.0,
        until: float | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.2,
        fit_intercept: bool = True,
        rtol: float | None = None,
        stepper: str | None = None,
        max_work: int | None = 1_000_000,
        max_seconds: float | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.alpha = alpha
        self.lambda_ = lambda_
        self.until = until
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.fit_intercept = fit_intercept
        self.rtol = rtol
        self.stepper = stepper
        self.max_work = max_work
        self.max_seconds = max_seconds
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> MomentumFlowRegressor:  # noqa: N803: the field's name
        """Follow the flow of the data.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            The features.
        y : array_like of shape (n_samples,)
            The targets.

        Returns
        -------
        MomentumFlowRegressor
            The estimator itself.
        """
        self._check_parameters()
        least = 2 if self.fit_intercept else 1
        # Centring copies X; else it must be done here: the data of the result must not change with the caller's.
        copy = not self.fit_intercept
        X, y = validate_data(self, X, y, dtype=np.float64, order="C", copy=copy, y_numeric=True, ensure_min_samples=least)
        x, target = np.asarray(X), np.asarray(y, dtype=np.float64)
        if self.early_stopping:
            x, held_out, target, held_out_target = train_test_split(
                x, target, test_size=self.validation_fraction, random_state=self.random_state
            )
        x_mean, y_mean = np.zeros(x.shape[1]), 0.0
        if self.fit_intercept:
            x, x_mean = _centred(x)
            target, y_mean = _centred(target)
        data = problem(*_reduced(x, target), feature_names=getattr(self, "feature_names_in_", None))
        self._settings: dict[str, Any] = {
            "alpha": self.alpha,
            **({"lambda_": self.lambda_} if self.lambda_ else {"flow": "gf"}),
            "rtol": self.rtol,
            "stepper": self.stepper,
            "max_work": self.max_work,
            "max_seconds": self.max_seconds,
        }
        self._until = self.until
        self._path: tuple[Floats, Floats] | None = None
        failure: str | None
        if self.until is None and not self.early_stopping:
            self.result_, failure = _run(limit, data, self._settings)
            self.coef_, failure = _limiting(data, self.result_, failure)
            self.stop_time_ = math.inf
        else:
            self.result_, failure = self._follow(data)
            self._path = t, theta = _path(self.result_)
            best = len(t) - 1
            if self.early_stopping:
                error = np.mean((held_out_target[:, None] - y_mean - (held_out - x_mean) @ theta.T) ** 2, axis=0)
                best = int(np.argmin(error))
                if best < len(t) - 1:
                    failure = None
            self.coef_, self.stop_time_ = theta[best].copy(), float(t[best])
        if failure is not None:
            warnings.warn(f"the flow did not come to its end: {failure}", ConvergenceWarning, stacklevel=2)
        self.intercept_ = float(y_mean - x_mean @ self.coef_)
        self.n_iter_ = int(self.result_.get("steps") or 0)
        return self

    def predict(self, X: npt.ArrayLike) -> Floats:  # noqa: N803: the field's name
        """Predict the targets of samples.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            The features.

        Returns
        -------
        ndarray of shape (n_samples,)
            The predictions.
        """
        check_is_fitted(self)
        x: Floats = validate_data(self, X, dtype=np.float64, reset=False)
        return x @ self.coef_ + self.intercept_

    @property
    def path_t_(self) -> Floats:
        """The times of the path."""
        return self._whole_path()[0]

    @property
    def coef_path_(self) -> Floats:
        """The coefficients at the times of the path."""
        return self._whole_path()[1]

    def __sklearn_is_fitted__(self) -> bool:
        # The parameter lambda_ looks as if it had been fitted.
        return hasattr(self, "coef_")

    def _check_parameters(self) -> None:
        def require(name: str, is_right: bool, need: str) -> None:
            if not is_right:
                raise ValueError(f"{name}={getattr(self, name)!r}: it must be {need}")

        def is_number(value: object) -> bool:
            return isinstance(value, Real) and math.isfinite(value)

        require("alpha", is_number(self.alpha) and self.alpha > 0, "a finite number above 0")
        require(
            "lambda_",
            self.lambda_ is None or (is_number(self.lambda_) and self.lambda_ >= 0),
            "a finite number of at least 0, or None for gradient flow",
        )
        require(
            "until",
            self.until is None or (is_number(self.until) and self.until > 0),
            "a finite time above 0, or None for the limit",
        )
        fraction = self.validation_fraction
        require("validation_fraction", is_number(fraction) and 0 < fraction < 1, "between 0 and 1")

    def _whole_path(self) -> tuple[Floats, Floats]:
        check_is_fitted(self)
        if self._path is None:
            solution, failure = self._follow(self.result_.problem)
            if failure is not None:
                warnings.warn(f"the path ends early: {failure}", ConvergenceWarning, stacklevel=3)
            self._path = _path(solution)
        return self._path

    def _follow(self, data: Problem) -> tuple[Solution, str | None]:
        """The flow that `fit` was asked for, to its end or nearly to its limit, and why it ends early."""
        goal: dict[str, Any]
        if self._until is not None:
            goal = {"until": self._until, "at": _times(self._until)}
        else:
            largest = float(np.abs(data.y).max())
            # Where y is zero the flow rests from the beginning.
            goal = {"residual": _TOLERANCE * largest if largest > 0 else 1.0, "max_time": 1e15, "samples": _TIMES}
        return _run(solve, data, {**self._settings, **goal})


def _run(command: Any, data: Problem, settings: dict[str, Any]) -> tuple[Any, str | None]:
    """What a run found, and why it is not all that was asked for."""
    with warnings.catch_warnings():
        # Whether the data are over-parametrised, or a feature is constant, is no concern of a regressor's.
        warnings.simplefilter("ignore", Note)
        try:
            return command(data, **settings), None
        except IncompleteResult as error:
            return error.result, str(error)


def _limiting(data: Problem, result: Result, failure: str | None) -> tuple[Floats, str | None]:
    """The coefficients of the limit, and why they are not accurate."""
    if data.shape[0] == data.shape[1]:
        # X has full column rank: whatever the flow, there is but one limit.
        return np.asarray(np.linalg.lstsq(data.X, data.y, rcond=None)[0], dtype=np.float64), None
    found, error = result["theta_inf"], result["error_estimate"]["theta"]
    if found is None or not np.isfinite(found).all():
        raise IncompleteResult(failure or "the limit is not finite", result)
    if error is not None and error <= _TOLERANCE * np.abs(found).max():
        # It is Δ∞ alone that is not known as well as asked for.
        failure = None
    return np.array(found, dtype=np.float64), failure


def _times(end: float) -> Floats:
    """Times from 0 to `end`, evenly spread in ln(1 + t)."""
    t = np.expm1(np.linspace(0.0, math.log1p(end), _TIMES if end > 0 else 1), dtype=np.float64)
    t[-1] = end
    return t


def _path(solution: Solution) -> tuple[Floats, Floats]:
    """The times of a path and the coefficients there: what was recorded if the flow is too long to be kept between these."""
    if solution._handle is None or _library.width(solution._handle) == 0:
        return solution.t.copy(), solution.arrays["theta"].copy()
    t = _times(float(solution["time"]))
    return t, solution(t)


def _centred(values: Floats) -> tuple[Floats, Any]:
    """Values less their means, and these; values that are all alike become exactly zero."""
    rest = values - values[0]
    mean = rest.mean(axis=0)
    return rest - mean, values[0] + mean


def _reduced(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """No more rows than the rank of X, with the same XᵀX/n and Xᵀy/n and hence the same flow; Xθ = y then has a solution."""
    n, d = x.shape
    left, values, right = np.linalg.svd(x, full_matrices=False)
    rank = int(np.count_nonzero(values > values[0] * max(n, d) * np.finfo(np.float64).eps))
    if rank == n:
        return x, y
    if rank == 0:
        return np.zeros((1, d)), np.zeros(1)
    scale = math.sqrt(rank / n)
    return scale * values[:rank, None] * right[:rank], scale * (left[:, :rank].T @ y)
