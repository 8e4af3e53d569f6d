"""Experiments: one function for each command of `mgf`, and one for all."""

from __future__ import annotations

import functools
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _library
from ._errors import Interrupted, InvalidInput
from ._problem import Problem, plain
from ._result import Comparison, Limit, Result, Solution

if TYPE_CHECKING:
    import numpy.typing as npt

#: Whether, and how, progress is shown: a bar, or a function of the fraction done and what is being done.
Progress = bool | Callable[[float, str], None]

_kinds: dict[str, type[Result]] = {
    "solve": Solution, "descend": Solution, "compare": Comparison, "limit": Limit, "certify": Limit,
}  # fmt: skip


def carry_out(
    experiment: Mapping[str, Any], problem: Problem, progress: Progress = False, partial: bool = False
) -> Any:
    """Runs an experiment; what is not complete raises `IncompleteResult`, unless `partial`."""
    kind = _kinds.get(str(experiment.get("command")), Result)
    report = _Bar() if progress is True else progress or None
    # What is recorded takes its time to be put together after Ctrl-C.
    is_brief = problem._is_small and kind is not Solution
    try:
        handle = _library.run(experiment, problem._known(experiment.get("problem")), report, is_brief)
    except Interrupted as stop:
        raise Interrupted(functools.partial(_late, stop, kind, problem)) from None
    finally:
        if isinstance(report, _Bar):
            report.close()
    problem._keep(experiment.get("problem"), handle)
    result = kind(handle, problem)
    result._warn()
    if not partial:
        result._require_complete()
    return result


def _late(stop: Interrupted, kind: type[Result], problem: Problem) -> Result | None:
    return None if stop.result is None else kind(stop.result, problem)


def tqdm_bar(**settings: Any) -> Any:
    """A bar of tqdm's; None where that is not installed."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(**settings)


class _Bar:
    """A bar of tqdm's, if that is installed."""

    def __init__(self) -> None:
        self._bar = tqdm_bar(total=1.0, bar_format="{l_bar}{bar}| {elapsed}", leave=False)

    def __call__(self, fraction: float, what: str) -> None:
        if self._bar is not None:
            self._bar.set_description(what, refresh=False)
            self._bar.update(max(0.0, fraction - self._bar.n))

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


#: The parts of an experiment in which keywords are looked for; `problem` holds the rest.
_PARTS = ("initialisation", "network", "motion", "numerics", "goal", "recording")


def _experiment(command: str, problem: Problem, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """An experiment from the keywords that are given."""
    if not isinstance(problem, Problem):
        raise InvalidInput(
            "problem", f"it is a {type(problem).__name__}", "make one with problem(X, y), gaussian, preset or read_csv"
        )
    keys = _library.keys()
    experiment: dict[str, Any] = {"command": command, "problem": dict(problem.specification)}
    for keyword, value in keywords.items():
        if value is None or value is False:
            continue
        key = keyword.removesuffix("_")
        if key == "seed":
            experiment["problem"]["seed"] = plain(value)
            continue
        part = next(part for part in _PARTS if key in keys[part])
        value = plain(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidInput(f"{keyword}={value}", "it is not a finite number", field=f"{part}.{key}")
        experiment.setdefault(part, {})[key] = value
    return experiment


def _perform(command: str, problem: Problem, progress: Progress, partial: bool, **keywords: Any) -> Any:
    return carry_out(_experiment(command, problem, keywords), problem, progress, partial)


def solve(
    problem: Problem,
    *,
    lambda_: float | None = None,
    flow: str | None = None,
    step: float | None = None,
    until: float | None = None,
    residual: float | None = None,
    max_time: float | None = None,
    samples: int | None = None,
    at: npt.ArrayLike | None = None,
    log_samples: int | None = None,
    log_from: float | None = None,
    alpha: float | None = None,
    u0: npt.ArrayLike | None = None,
    v0: npt.ArrayLike | None = None,
    u0_rate: npt.ArrayLike | None = None,
    v0_rate: npt.ArrayLike | None = None,
    w0: npt.ArrayLike | None = None,
    w0_rate: npt.ArrayLike | None = None,
    network: str | None = None,
    depth: int | None = None,
    loss: str | None = None,
    stepper: str | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    partial: bool = False,
) -> Solution:
    """Follows gradient flow or momentum gradient flow λẅ + ẇ + ∇F(w) = 0 under error control.

    Parameters
    ----------
    problem : Problem
        The data.
    lambda_ : float
        λ = γ/(1−β)² > 0; not for gradient flow.
    flow : str, optional
        ``mgf`` (the default), ``gf``, or ``corrected2`` to ``corrected12``: what iterates with `step` follow to that order.
    step : float, optional
        The iterates' time step ε ≤ λ, for corrected flows.
    until : float
        The end, a time.
    residual : float
        The end, where max|Xθ − y| is at most this; in place of `until`.
    max_time : float, optional
        The longest time allowed with `residual`; 1e6 where nothing is said.
    samples : int, optional
        How many equally spaced times to record (with `residual`: steps spread in ln(1 + t)); every accepted step where nothing is said.
    at : array_like, optional
        The times to record, increasing.
    log_samples, log_from : int, float, optional
        How many geometrically spaced times to record, and the first of them (1 where nothing is said).
    alpha : float, optional
        The scale α of the start u₀ = √2·α, v₀ = 0; the preset's, or 0.1, where nothing is said.
    u0, v0, u0_rate, v0_rate : array_like of shape (d,), optional
        The start of the diagonal network in place of α, and its rates.
    w0, w0_rate : array_like of shape (blocks, d), optional
        The start of any network, a row for each block of weights, and its rates.
    network, depth : str, int, optional
        ``diagonal`` (the default), ``layers`` or ``power``, and the depth of these two.
    loss : str, optional
        ``square`` (the default), ``logistic`` or ``exponential``.
    stepper : str, optional
        The method of integration, ``auto`` where nothing is said; ``mgf solve --help`` lists them.
    rtol, atol : float, optional
        The local error allowed: atol + rtol·|w|; 1e-10 and 0 where nothing is said.
    max_work, max_seconds : int, float, optional
        The most passes over X, and seconds; 2e13 multiply-adds in any time where nothing is said.
    progress : bool or callable
        Whether a bar of tqdm is shown; or a function of the fraction done and what is being done.
    partial : bool
        Whether a run that did not come to its end is returned rather than raised.

    Returns
    -------
    Solution

    Raises
    ------
    InvalidInput
        For settings that cannot be used.
    IncompleteResult
        For a run that did not come to its end; it holds what there is.

    Examples
    --------
    >>> import momentumflow as mf
    >>> sol = mf.solve(mf.gaussian(20, 30, 3), lambda_=1, until=100, samples=101)
    >>> sol.outcome, sol.arrays["theta"].shape, sol([0.5, 1.5]).shape
    ('reached', (101, 30), (2, 30))
    """
    every = samples is None and at is None and log_samples is None
    return _perform(  # type: ignore[no-any-return]
        "solve", problem, progress, partial, lambda_=lambda_, flow=flow, step=step, until=until, residual=residual,
        max_time=max_time, samples=samples, at=at, log_samples=log_samples, log_from=log_from, every=every, alpha=alpha,
        u0=u0, v0=v0, u0_rate=u0_rate, v0_rate=v0_rate, w0=w0, w0_rate=w0_rate, network=network, depth=depth, loss=loss,
        stepper=stepper, rtol=rtol, atol=atol, max_work=max_work, max_seconds=max_seconds,
    )  # fmt: skip


def descend(
    problem: Problem,
    *,
    gamma: float | None = None,
    beta: float | None = None,
    lambda_: float | None = None,
    step: float | None = None,
    method: str | None = None,
    batch: int | None = None,
    replacement: bool = False,
    seed: int | None = None,
    iterations: int | None = None,
    residual: float | None = None,
    max_iterations: int | None = None,
    samples: int | None = None,
    at: npt.ArrayLike | None = None,
    log_samples: int | None = None,
    log_from: float | None = None,
    every: bool = False,
    identity: bool = False,
    alpha: float | None = None,
    u0: npt.ArrayLike | None = None,
    v0: npt.ArrayLike | None = None,
    u0_rate: npt.ArrayLike | None = None,
    v0_rate: npt.ArrayLike | None = None,
    w0: npt.ArrayLike | None = None,
    w0_rate: npt.ArrayLike | None = None,
    network: str | None = None,
    depth: int | None = None,
    loss: str | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    partial: bool = False,
) -> Solution:
    """Runs momentum gradient descent: heavy ball w_{k+1} = w_k − γ∇F(w_k) + β(w_k − w_{k−1}), or Nesterov's method.

    Parameters
    ----------
    problem : Problem
        The data.
    gamma, beta : float
        The step γ > 0 and the momentum β, 0 ≤ β < 1.
    lambda_, step : float
        In place of them: λ = γ/(1−β)² and the time step ε = γ/(1−β), 0 < ε ≤ λ.
    method : str, optional
        ``heavy-ball`` (the default) or ``nesterov``.
    batch, replacement, seed : int, bool, int, optional
        Rows in a minibatch (all where nothing is said), whether they are drawn with replacement, and the seed.
    iterations : int
        The end, an iteration.
    residual : float
        The end, where max|Xθ − y| is at most this; in place of `iterations`.
    max_iterations : int, optional
        The most iterations with `residual`; 10⁷ where nothing is said.
    samples : int, optional
        How many equally spaced iterates to record; 1001 where nothing is said.
    at : array_like, optional
        The iterations to record, increasing.
    log_samples, log_from : int, float, optional
        How many geometrically spaced iterates to record, and the first of them (1 where nothing is said).
    every : bool
        Whether every iterate is recorded.
    identity : bool
        Whether the exact identity of balancedness is checked on the way.
    alpha, u0, v0, u0_rate, v0_rate, w0, w0_rate, network, depth, loss
        As for :func:`solve`.
    max_work, max_seconds, progress, partial
        As for :func:`solve`.

    Returns
    -------
    Solution

    Raises
    ------
    InvalidInput
        For settings that cannot be used.
    IncompleteResult
        For iterates that diverge, and other runs that did not come to their end; it holds what there is.

    Examples
    --------
    >>> import momentumflow as mf
    >>> mf.descend(mf.gaussian(20, 30, 3), lambda_=1, step=0.1, iterations=1000).beta
    0.9
    """
    if samples is None and at is None and log_samples is None and not every:
        samples = 1001
    return _perform(  # type: ignore[no-any-return]
        "descend", problem, progress, partial, gamma=gamma, beta=beta, lambda_=lambda_, step=step, method=method,
        batch=batch, replacement=replacement, seed=seed, iterations=iterations, residual=residual,
        max_iterations=max_iterations, samples=samples, at=at, log_samples=log_samples, log_from=log_from, every=every,
        identity=identity, alpha=alpha, u0=u0, v0=v0, u0_rate=u0_rate, v0_rate=v0_rate, w0=w0, w0_rate=w0_rate,
        network=network, depth=depth, loss=loss, max_work=max_work, max_seconds=max_seconds,
    )  # fmt: skip


def compare(
    problem: Problem,
    *,
    lambda_: float | None = None,
    steps: npt.ArrayLike | None = None,
    until: float | None = None,
    order: int | None = None,
    method: str | None = None,
    batch: int | None = None,
    replacement: bool = False,
    paths: int | None = None,
    seed: int | None = None,
    gap_work: float | None = None,
    alpha: float | None = None,
    u0: npt.ArrayLike | None = None,
    v0: npt.ArrayLike | None = None,
    u0_rate: npt.ArrayLike | None = None,
    v0_rate: npt.ArrayLike | None = None,
    w0: npt.ArrayLike | None = None,
    w0_rate: npt.ArrayLike | None = None,
    network: str | None = None,
    depth: int | None = None,
    loss: str | None = None,
    stepper: str | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    partial: bool = False,
) -> Comparison:
    """Compares iterates with the flow of the same λ: path errors at steps ε, their order, and the gap of the limits.

    Parameters
    ----------
    problem : Problem
        The data.
    lambda_ : float
        λ of both.
    steps : array_like
        The time steps ε ≤ λ of the iterates.
    until : float
        The time up to which paths are compared.
    order : int, optional
        The order in ε of the flow compared with, 1 to 12; 1 where nothing is said.
    method : str, optional
        ``heavy-ball`` (the default) or ``nesterov``.
    batch, replacement, paths, seed : int, bool, int, int, optional
        Minibatches, and how many paths to average over: their expectations are then compared with those of the stochastic flow.
    gap_work : float, optional
        The most iterations spent on the gap of the limits; 0 for none.
    alpha, u0, v0, u0_rate, v0_rate, w0, w0_rate, network, depth, loss, stepper, rtol, atol
        As for :func:`solve`.
    max_work, max_seconds, progress, partial
        As for :func:`solve`.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import momentumflow as mf
    >>> round(mf.compare(mf.gaussian(20, 30, 3), lambda_=1, steps=[0.02, 0.01], until=5, gap_work=0).slope, 1)
    1.0
    """
    return _perform(  # type: ignore[no-any-return]
        "compare", problem, progress, partial, lambda_=lambda_, steps=steps, until=until, order=order, method=method,
        batch=batch, replacement=replacement, paths=paths, seed=seed, gap_work=gap_work, alpha=alpha, u0=u0, v0=v0,
        u0_rate=u0_rate, v0_rate=v0_rate, w0=w0, w0_rate=w0_rate, network=network, depth=depth, loss=loss,
        stepper=stepper, rtol=rtol, atol=atol, max_work=max_work, max_seconds=max_seconds,
    )  # fmt: skip


def limit(
    problem: Problem,
    *,
    lambda_: float | None = None,
    flow: str | None = None,
    gamma: float | None = None,
    beta: float | None = None,
    step: float | None = None,
    method: str | None = None,
    batch: int | None = None,
    replacement: bool = False,
    seed: int | None = None,
    route: str | None = None,
    delta_tolerance: float | None = None,
    residual_tolerance: float | None = None,
    max_time: float | None = None,
    tail: str | None = None,
    sensitivity: bool = False,
    alpha: float | None = None,
    u0: npt.ArrayLike | None = None,
    v0: npt.ArrayLike | None = None,
    u0_rate: npt.ArrayLike | None = None,
    v0_rate: npt.ArrayLike | None = None,
    w0: npt.ArrayLike | None = None,
    w0_rate: npt.ArrayLike | None = None,
    network: str | None = None,
    depth: int | None = None,
    stepper: str | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    partial: bool = False,
) -> Limit:
    """Finds the limit of a flow, or of a discrete method: Δ∞ and θ∞ with error estimates, and the conditions that θ∞ meets.

    Parameters
    ----------
    problem : Problem
        The data.
    lambda_ : float
        λ of the flow; with `step` and `method` that of the iterates.
    flow : str, optional
        ``mgf`` (the default), ``gf`` or a corrected flow.
    gamma, beta, step, method, batch, replacement, seed : optional
        A discrete method in place of a flow, as for :func:`descend`.
    route : str, optional
        ``project`` (the default): the run ends where the projection of its state is known well enough; or ``integrate``.
    delta_tolerance : float, optional
        The relative error of Δ∞ allowed.
    residual_tolerance : float, optional
        The residual allowed, for ``integrate``.
    max_time : float, optional
        The longest time allowed.
    tail : str, optional
        ``auto`` (the default) or ``iterate``, for discrete methods: whether slow iterates go on in long steps.
    sensitivity : bool
        Whether the derivatives of the limit by λ are found, too.
    alpha, u0, v0, u0_rate, v0_rate, w0, w0_rate, network, depth, stepper, rtol, atol
        As for :func:`solve`.
    max_work, max_seconds, progress, partial
        As for :func:`solve`.

    Returns
    -------
    Limit

    Examples
    --------
    >>> import momentumflow as mf
    >>> found = mf.limit(mf.gaussian(20, 30, 3), lambda_=1)
    >>> found.delta_inf.shape, found.outcome
    ((30,), 'reached')
    """
    return _perform(  # type: ignore[no-any-return]
        "limit", problem, progress, partial, lambda_=lambda_, flow=flow, gamma=gamma, beta=beta, step=step,
        method=method, batch=batch, replacement=replacement, seed=seed, route=route, delta_tolerance=delta_tolerance,
        residual_tolerance=residual_tolerance, max_time=max_time, tail=tail, sensitivity=sensitivity, alpha=alpha,
        u0=u0, v0=v0, u0_rate=u0_rate, v0_rate=v0_rate, w0=w0, w0_rate=w0_rate, network=network, depth=depth,
        stepper=stepper, rtol=rtol, atol=atol, max_work=max_work, max_seconds=max_seconds,
    )  # fmt: skip


def certify(
    problem: Problem,
    *,
    lambda_: float | None = None,
    flow: str | None = None,
    gamma: float | None = None,
    beta: float | None = None,
    step: float | None = None,
    method: str | None = None,
    delta_tolerance: float | None = None,
    max_time: float | None = None,
    tail: str | None = None,
    alpha: float | None = None,
    u0: npt.ArrayLike | None = None,
    v0: npt.ArrayLike | None = None,
    u0_rate: npt.ArrayLike | None = None,
    v0_rate: npt.ArrayLike | None = None,
    w0: npt.ArrayLike | None = None,
    w0_rate: npt.ArrayLike | None = None,
    network: str | None = None,
    depth: int | None = None,
    stepper: str | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    partial: bool = False,
) -> Limit:
    """Finds a limit and checks it against an independent minimiser of the problem that it solves.

    Parameters
    ----------
    problem : Problem
        The data.
    lambda_, flow, gamma, beta, step, method, delta_tolerance, max_time, tail
        As for :func:`limit`.
    alpha, u0, v0, u0_rate, v0_rate, w0, w0_rate, network, depth, stepper, rtol, atol
        As for :func:`solve`.
    max_work, max_seconds, progress, partial
        As for :func:`solve`.

    Returns
    -------
    Limit
    """
    return _perform(  # type: ignore[no-any-return]
        "certify", problem, progress, partial, lambda_=lambda_, flow=flow, gamma=gamma, beta=beta, step=step,
        method=method, delta_tolerance=delta_tolerance, max_time=max_time, tail=tail, alpha=alpha, u0=u0, v0=v0,
        u0_rate=u0_rate, v0_rate=v0_rate, w0=w0, w0_rate=w0_rate, network=network, depth=depth, stepper=stepper,
        rtol=rtol, atol=atol, max_work=max_work, max_seconds=max_seconds,
    )  # fmt: skip


def thresholds(
    problem: Problem,
    *,
    step: float | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    optimal: npt.ArrayLike | None = None,
    alpha: float | None = None,
    u0: npt.ArrayLike | None = None,
    v0: npt.ArrayLike | None = None,
    u0_rate: npt.ArrayLike | None = None,
    v0_rate: npt.ArrayLike | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    partial: bool = False,
) -> Result:
    """Finds λ_cert, λ_c, below which no weight changes sign, and, if asked for, λ* of least test error.

    Parameters
    ----------
    problem : Problem
        The data.
    step, method : float, str, optional
        The time step ε of a discrete method, ``heavy-ball`` or ``nesterov``; the flow where nothing is said.
    tolerance : float, optional
        The relative uncertainty allowed.
    optimal : (float, float), optional
        The range of λ in which λ* is sought.
    alpha, u0, v0, u0_rate, v0_rate
        As for :func:`solve`.
    max_work, max_seconds, progress, partial
        As for :func:`solve`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import momentumflow as mf
    >>> found = mf.thresholds(mf.gaussian(20, 30, 3))
    >>> found.lambda_certified <= found.lambda_critical
    True
    """
    return _perform(  # type: ignore[no-any-return]
        "thresholds", problem, progress, partial, step=step, method=method, tolerance=tolerance, optimal=optimal,
        alpha=alpha, u0=u0, v0=v0, u0_rate=u0_rate, v0_rate=v0_rate, max_work=max_work, max_seconds=max_seconds,
    )  # fmt: skip


def run(
    experiment: Mapping[str, Any] | str | os.PathLike[str],
    problem: Problem | None = None,
    *,
    progress: Progress = False,
    partial: bool = False,
) -> Any:
    """Carries out an experiment, such as ``result.experiment`` or what ``--print-experiment`` prints.

    Parameters
    ----------
    experiment : dict, str or path
        The experiment; JSON; or the name of a file of JSON.
    problem : Problem, optional
        The data, in place of those that the experiment names; needed where it speaks of arrays.
    progress, partial
        As for :func:`solve`.

    Returns
    -------
    Solution, Comparison, Limit or Result
    """
    if isinstance(experiment, (str, os.PathLike)):
        text = str(experiment)
        if not text.lstrip().startswith("{"):
            try:
                text = Path(experiment).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise InvalidInput(os.fspath(experiment), f"it cannot be read: {error}") from None
        try:
            experiment = json.loads(text)
        except ValueError as error:
            raise InvalidInput("experiment", f"it is not JSON: {error}", "mgf run reads YAML, too") from None
    if not isinstance(experiment, Mapping):
        raise InvalidInput("experiment", f"it is a {type(experiment).__name__}", "a mapping of keys to values is needed")
    whole = {str(key): plain(value) for key, value in experiment.items()}
    if problem is not None:
        whole["problem"] = dict(problem.specification)
    return carry_out(whole, problem or Problem(whole.get("problem") or {}), progress, partial)
