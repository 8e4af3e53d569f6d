"""Bad input: an exception each, with keyword and reason, never a crash."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest

import momentumflow as mf


@pytest.mark.parametrize(
    ("keywords", "keyword"),
    [
        ({"lambda_": -1, "until": 1}, "lambda_"),
        ({"lambda_": 0, "until": 1}, "lambda_"),
        ({"until": 1}, "lambda_"),
        ({"lambda_": float("nan"), "until": 1}, "lambda_"),
        ({"lambda_": 1, "until": np.inf}, "until"),
        ({"lambda_": 1, "until": -1}, "until"),
        ({"lambda_": 1, "until": 1, "alpha": 0}, "alpha"),
        ({"lambda_": 1, "until": 1, "rtol": 2}, "rtol"),
        ({"lambda_": 1, "until": 1, "stepper": "euler"}, "stepper"),
        ({"lambda_": 1, "until": 1, "samples": 1}, "samples"),
        ({"lambda_": 1, "until": 1, "samples": 2.5}, "samples"),
        ({"lambda_": "1", "until": 1}, "lambda_"),
        ({"lambda_": 1, "until": 1, "at": [1, 0.5]}, "at"),
        ({"lambda_": 1, "until": 1, "u0": [1.0], "v0": [1.0]}, "u0"),
        ({"lambda_": 1, "until": 1, "w0": [[1.0] * 30]}, "w0"),
        ({"lambda_": 1, "until": 1, "w0": [[1.0] * 29, [1.0] * 30]}, "w0"),
        ({"lambda_": 1, "until": 1, "max_work": 0}, "max_work"),
    ],
)
def test_settings(problem: mf.Problem, keywords: dict[str, Any], keyword: str) -> None:
    with pytest.raises(mf.InvalidInput) as caught:
        mf.solve(problem, **keywords)
    assert caught.value.keyword == keyword and caught.value.reason and "--" not in str(caught.value)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value) and copy.keyword == keyword


@pytest.mark.parametrize("beta", [-0.1, 1, 1.5, np.nan, np.inf])
def test_momenta(problem: mf.Problem, beta: float) -> None:
    with pytest.raises(mf.InvalidInput):
        mf.descend(problem, gamma=0.01, beta=beta, iterations=10)
    with pytest.raises(mf.InvalidInput):
        mf.descend(problem, gamma=-0.01, beta=0.5, iterations=10)


X, Y = np.arange(12.0).reshape(3, 4) ** 0.5, np.ones(3)
BAD = {
    "empty": (np.empty((0, 4)), np.empty(0)),
    "no features": (np.empty((3, 0)), Y),
    "one dimension": (Y, Y),
    "three dimensions": (X[None], Y),
    "lengths": (X, np.ones(4)),
    "a matrix of targets": (X, np.ones((3, 1))),
    "NaN in X": (np.where(X == 0, np.nan, X), Y),
    "infinity in X": (np.where(X == 0, np.inf, X), Y),
    "NaN in y": (X, np.array([1, np.nan, 1])),
    "texts": (X.astype(str), Y),
    "objects": (X.astype(object) * 1j, Y),
    "complex": (X + 0j, Y),
    "dates": (X.astype("datetime64[s]"), Y),
    "long double": (X.astype(np.longdouble), Y) if np.longdouble(0).itemsize > 8 else (X + 0j, Y),
    "ragged": ([[1.0, 2.0], [1.0]], [1.0, 2.0]),
    "masked": (np.ma.masked_equal(X, 1.0), Y),
    "None": (None, Y),
    "a structure": (np.zeros((3, 4), dtype=[("a", float)]), Y),
}


@pytest.mark.parametrize("name", BAD)
def test_arrays(name: str) -> None:
    with pytest.raises(mf.InvalidInput) as caught:
        mf.problem(*BAD[name])  # type: ignore[arg-type]
    assert caught.value.subject


class Subclass(np.ndarray):
    pass


def good() -> dict[str, Any]:
    base = np.arange(1.0, 13.0).reshape(3, 4) ** 0.5
    readonly = base.copy()
    readonly.flags.writeable = False
    wide = np.zeros((6, 9))
    wide[::2, 1:5] = base
    odd = np.frombuffer(b"\0" + base.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(3, 4)
    return {
        "as it is": base,
        "Fortran order": np.asfortranarray(base),
        "every other row": wide[::2, 1:5],
        "backwards": base[::-1, ::-1].copy()[::-1, ::-1],
        "every other column": np.repeat(base, 2, axis=1)[:, ::2],
        "read-only": readonly,
        "a subclass": base.view(Subclass),
        "big-endian": base.astype(">f8"),
        "not aligned": odd,
        "lists": base.tolist(),
        "tuples": tuple(map(tuple, base)),
        "broadcast": np.broadcast_to(base[None], (1, 3, 4))[0],
    }


@pytest.mark.parametrize("name", good())
def test_arrays_of_any_layout_are_the_same(name: str) -> None:
    expected = mf.solve(mf.problem(good()["as it is"], Y), lambda_=1, until=2)
    found = mf.solve(mf.problem(good()[name], Y), lambda_=1, until=2)
    assert (found.arrays["theta"] == expected.arrays["theta"]).all()


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "int8", "uint8", "bool"])
def test_other_dtypes_are_converted(dtype: str) -> None:
    x = np.array([[1, 0, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0]]).astype(dtype)
    found = mf.solve(mf.problem(x, Y.astype(dtype)), lambda_=1, until=2)
    expected = mf.solve(mf.problem(x.astype(float), Y), lambda_=1, until=2)
    assert (found.arrays["theta"] == expected.arrays["theta"]).all()


@pytest.mark.filterwarnings("ignore::momentumflow.Note")
def test_one_row_broadcast_over_all() -> None:
    # A stride of zero.
    rows = np.broadcast_to(np.array([1.0, 2.0, 3.0]), (4, 3))
    found = mf.solve(mf.problem(rows, np.ones(4)), lambda_=1, until=1)
    expected = mf.solve(mf.problem(rows.copy(), np.ones(4)), lambda_=1, until=1)
    assert (found.arrays["theta"] == expected.arrays["theta"]).all()


@pytest.mark.filterwarnings("ignore::momentumflow.Note")
def test_anything_for_any_keyword(problem: mf.Problem) -> None:
    """No value of any kind does more than raise, or work."""
    import inspect

    values: list[Any] = [
        -1, 0, 10**30, -(10**400), 1e308, np.nan, -np.inf, "", "\0", "x" * 10_000, "💥", b"x", [], [[]], [None], {}, {"a": 1},
        np.float32(1), np.array(3.0), np.array([[np.nan]]), object(), True, (1, "a"), np.datetime64("now"), 1j,
    ]  # fmt: skip
    base: dict[Any, dict[str, Any]] = {
        mf.solve: {"lambda_": 1, "until": 0.5},
        mf.descend: {"gamma": 0.01, "beta": 0.5, "iterations": 5},
        mf.compare: {"lambda_": 1, "steps": [0.5], "until": 1, "gap_work": 0},
        mf.limit: {"lambda_": 1, "delta_tolerance": 1e-3},
        mf.certify: {"lambda_": 1, "delta_tolerance": 1e-3},
        mf.thresholds: {"tolerance": 0.1},
    }
    tried = 0
    for function, keywords in base.items():
        names = [name for name in inspect.signature(function).parameters if name not in ("problem", "progress", "partial")]
        for name, value in itertools.product(names, values):
            tried += 1
            try:
                function(problem, **{**keywords, "max_work": 20_000, "max_seconds": 0.5, name: value}, partial=True)
            except (mf.InvalidInput, mf.StoppedEarly):
                pass
    assert tried > 3000
    for value in values:
        with pytest.raises(mf.InvalidInput):
            mf.solve(value, lambda_=1, until=1)


def test_incomplete_results_carry_what_there_is(problem: mf.Problem) -> None:
    with pytest.raises(mf.IncompleteResult, match="diverged") as caught:
        mf.descend(problem, gamma=1.0, beta=0.9, iterations=1000)
    assert caught.value.result.outcome == "diverged" and len(caught.value.result.t) > 1
    found = mf.solve(problem, lambda_=1, until=1e6, max_work=1000, partial=True)
    assert found.outcome == "max-work" and not found.is_complete and 0 < found.time < 1e6
    assert pickle.loads(pickle.dumps(caught.value)).result.outcome == "diverged"


def test_notes_are_warnings() -> None:
    with pytest.warns(mf.Note, match="not over-parametrised"):
        mf.solve(mf.gaussian(6, 4, 2), lambda_=1, until=1)


def test_arrays_of_another_process(arrays: tuple[np.ndarray, np.ndarray]) -> None:
    experiment = mf.solve(mf.problem(*arrays), lambda_=1, until=1).experiment
    with pytest.raises(mf.InvalidInput, match="memory of another process"):
        mf.run(experiment)
    assert mf.run(experiment, mf.problem(*arrays)).outcome == "reached"


def test_files_and_texts(tmp_path: Any) -> None:
    for bad in ("no-such-file.json", tmp_path, "{", "{}", "[1]", {"command": "fly"}, {}, 3, {"command": "solve", "x": 1}):
        with pytest.raises(mf.InvalidInput):
            mf.run(bad)  # type: ignore[arg-type]
    with pytest.raises(mf.InvalidInput, match="no-such"):
        mf.solve(mf.read_csv(tmp_path / "no-such.csv", "y"), lambda_=1, until=1)
    with pytest.raises(mf.InvalidInput):
        mf.preset("no-such").X
