"""Solutions: evaluated anywhere, converted, pickled, run again."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import momentumflow as mf


@pytest.mark.parametrize("stepper", ["auto", "taylor", "radau", "rk8pd", "msadams"])
@pytest.mark.parametrize("flow", [{"lambda_": 1}, {"flow": "gf"}])
def test_dense_output_is_as_accurate_as_the_stepper(problem: mf.Problem, stepper: str, flow: dict[str, Any]) -> None:
    sol = mf.solve(problem, until=30, stepper=stepper, rtol=1e-10, **flow)
    fine = mf.solve(problem, until=30, stepper="taylor", rtol=1e-15, at=np.linspace(0, 30, 41), **flow)
    assert np.abs(sol(fine.t) - fine.arrays["theta"]).max() < 3e-8
    weights = np.stack([fine.arrays["w_plus"], fine.arrays["w_minus"]], axis=1)
    assert np.abs(sol(fine.t, of="weights") - weights).max() < 3e-8


def test_shapes_and_order_of_times(problem: mf.Problem) -> None:
    sol = mf.solve(problem, lambda_=1, until=10)
    assert sol(3).shape == (30,) and sol([3]).shape == (1, 30) and sol(np.ones((2, 3))).shape == (2, 3, 30)
    assert sol([], of="rates").shape == (0, 2, 30)
    t = np.array([7.5, 0.1, 10, 0])
    assert (sol(t) == np.stack([sol(time) for time in t])).all()
    rates = (sol(5 + 1e-5, of="weights") - sol(5 - 1e-5, of="weights")) / 2e-5
    assert np.abs(sol(5, of="rates") - rates).max() < 1e-8
    for bad in (-1, 10.1, np.nan, [1, 11]):
        with pytest.raises(mf.InvalidInput, match="defined on"):
            sol(bad)
    with pytest.raises(mf.InvalidInput, match="choose theta"):
        sol(1, of="x")


def test_iterates_on_their_clock(problem: mf.Problem) -> None:
    every = mf.descend(problem, gamma=0.01, beta=0.9, iterations=500, every=True)
    few = mf.descend(problem, gamma=0.01, beta=0.9, iterations=500, samples=3)
    assert len(few.t) == 3
    assert (few(every.t) == every.arrays["theta"]).all()
    middle = (every.arrays["w_plus"][10] + every.arrays["w_plus"][11]) / 2
    assert np.abs(few(1.05, of="weights")[0] - middle).max() < 1e-13


def test_networks(problem: mf.Problem) -> None:
    sol = mf.solve(problem, network="power", depth=3, lambda_=1, until=5, alpha=0.5)
    weights = sol(2.5, of="weights")
    assert weights.shape == (len(sol.blocks), 30)
    assert np.abs(sol(sol.t) - sol.arrays["theta"]).max() < 1e-9


def test_pickle_and_rerun(problem: mf.Problem, arrays: tuple[np.ndarray, np.ndarray]) -> None:
    for data in (problem, mf.problem(*arrays)):
        sol = mf.solve(data, lambda_=0.5, until=5)
        copy = pickle.loads(pickle.dumps(sol))
        assert copy.to_dict() == sol.to_dict() and copy.experiment == sol.experiment
        assert (copy(1.234) == sol(1.234)).all() and (copy.arrays["theta"] == sol.arrays["theta"]).all()
        again = sol.rerun()
        assert (again.arrays["w_minus"] == sol.arrays["w_minus"]).all()
    found = mf.limit(problem, lambda_=1)
    assert (pickle.loads(pickle.dumps(found)).rerun().delta_inf == found.delta_inf).all()


def test_xarray_and_pandas(problem: mf.Problem, tmp_path: Any) -> None:
    import xarray

    sol = mf.solve(problem, lambda_=1, until=10, samples=11)
    data = sol.to_xarray()
    assert dict(data.sizes) == {"time": 11, "feature": 30, "event": data.sizes["event"]}
    assert data.theta.attrs["long_name"] and (data.theta.sel(feature="x3").values == sol.arrays["theta"][:, 3]).all()
    data.to_netcdf(tmp_path / "sol.nc")
    with xarray.open_dataset(tmp_path / "sol.nc") as file:
        again = mf.run(file.attrs["experiment"])
        assert (file.w_plus.values == again.arrays["w_plus"]).all()
    table = sol.to_dataframe()
    assert table.index.name == "time" and (table["theta_x3"].to_numpy() == sol.arrays["theta"][:, 3]).all()


def test_arrays_outlive_their_solution(problem: mf.Problem) -> None:
    theta = mf.solve(problem, lambda_=1, until=10).arrays["theta"]
    copy = theta.copy()
    for _ in range(20):
        mf.solve(problem, lambda_=1, until=10)
    assert (theta == copy).all()


def test_measurements_show_themselves(problem: mf.Problem) -> None:
    found = mf.limit(problem, lambda_=1)
    assert "delta_inf" in repr(found) and "<table>" in found._repr_html_()
    assert found["delta_inf"] is not None and len(found) == len(list(found)) and "theta_inf" in dir(found)
    assert found.error_estimate.delta < 1e-9 and found.problem is problem
    flow = mf.limit(problem, flow="gf")
    assert flow.stepper is None and "no integration" in (flow.reason("stepper") or "")
    with pytest.raises(AttributeError, match="it has"):
        found.no_such_quantity


def test_given_starts(problem: mf.Problem) -> None:
    alpha = mf.solve(problem, lambda_=1, until=3, alpha=0.2)
    u0, v0 = np.full(30, 0.2 * np.sqrt(2)), np.zeros(30)
    given = mf.solve(problem, lambda_=1, until=3, u0=u0, v0=v0)
    assert np.abs(given(3) - alpha(3)).max() < 1e-13
    layers = mf.solve(problem, lambda_=1, until=3, network="layers", depth=2, w0=np.stack([u0, v0]), w0_rate=np.zeros((2, 30)))
    assert np.abs(layers(3) - given(3)).max() < 1e-9
    assert given.experiment["initialisation"]["u0"] == u0.tolist()
    assert (mf.run(json.dumps(given.experiment))(3) == given(3)).all()


def test_keywords_are_those_of_experiments() -> None:
    import inspect

    from momentumflow import _library

    keys = {key for part, names in _library.keys().items() if part != "problem" for key in names}
    own = {"problem", "progress", "partial", "seed"}
    offered: set[str] = set()
    for function in (mf.solve, mf.descend, mf.compare, mf.limit, mf.certify, mf.thresholds):
        words = {name.removesuffix("_") for name in inspect.signature(function).parameters}
        assert words - own <= keys, function
        offered |= words
    assert keys - offered == set()


def test_data_are_read_once(tmp_path: Path) -> None:
    """A file is read by the first run, and never again for the same problem."""
    table = tmp_path / "table.csv"
    table.write_text("a,b,c,y\n1,2,0.5,1\n-1,0.3,2,2\n")
    data = mf.read_csv(table, "y", holdout=0.5)
    first = mf.limit(data, lambda_=1)
    table.write_text("a,b,c,y\n9,9,9,9\n8,7,8,8\n")
    again = mf.limit(data, lambda_=1)
    assert again.theta_inf.tobytes() == first.theta_inf.tobytes() and data.X.shape == (1, 3) and data.X.max() <= 2
    # Another split is another problem, as is what another process makes of it.
    assert mf.run({**first.experiment, "problem": {**first.experiment["problem"], "seed": 2}}).theta_inf.shape == (3,)
    assert mf.limit(pickle.loads(pickle.dumps(data)), lambda_=1).theta_inf.tobytes() != first.theta_inf.tobytes()
    drawn = mf.gaussian(6, 8, 2)
    one, other = (mf.descend(drawn, gamma=0.01, beta=0, iterations=5, batch=2, seed=seed) for seed in (1, 2))
    assert one.arrays["theta"].tobytes() != other.arrays["theta"].tobytes()
    held = mf.problem(drawn.X, drawn.y, holdout=0.3)
    assert mf.limit(held, lambda_=1).problem.shape == (4, 8)
    assert mf.descend(held, gamma=0.01, beta=0, iterations=5, batch=2, seed=3).iterations == 5
