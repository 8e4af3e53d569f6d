"""Types and examples: mypy --strict on the package and on a user's script, and every docstring's example."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import momentumflow as mf
from conftest import CHECKOUT

SCRIPT = '''\
from pathlib import Path

import numpy as np
import numpy.typing as npt

import momentumflow as mf


def best(data: mf.Problem, lambdas: npt.NDArray[np.float64]) -> tuple[float, mf.Limit]:
    found = [(float(value), mf.limit(data, lambda_=float(value))) for value in lambdas]
    return min(found, key=lambda pair: float(pair[1].test_error))


def main(folder: Path) -> None:
    data = mf.gaussian(20, 30, 3, seed=4)
    value, limit = best(data, np.geomspace(0.01, 1, 5))
    sol: mf.Solution = mf.solve(data, lambda_=value, until=50, samples=101)
    early: npt.NDArray[np.float64] = sol(np.linspace(0, 1, 5))
    print(early.shape, limit.reason("test_error"), limit.experiment["motion"])
    sol.to_xarray().to_netcdf(folder / "flow.nc")
    try:
        mf.descend(data, gamma=5.0, beta=0.9, iterations=100)
    except mf.IncompleteResult as error:
        print(error, error.result.outcome)
    except mf.InvalidInput as error:
        print(error.keyword, error.reason)
    grid = mf.sweep({"name": "a"}, store=folder / "a.sqlite")
    print(grid.sizes)
'''


def test_types(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    (tmp_path / "user.py").write_text(SCRIPT)
    out, err, code = api.run(
        ["--strict", "--ignore-missing-imports", "--cache-dir", str(tmp_path), str(CHECKOUT / "Sources/Python/momentumflow"),
         str(tmp_path / "user.py")]
    )  # fmt: skip
    assert code == 0, out + err


def modules() -> list[str]:
    return [f"momentumflow.{item.name}" for item in pkgutil.iter_modules(mf.__path__)]


@pytest.mark.parametrize("name", modules())
def test_examples(name: str) -> None:
    if name.endswith("_regressor"):
        pytest.importorskip("sklearn")
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_everything_public_is_documented() -> None:
    for name in mf.__all__:
        if name == "MomentumFlowRegressor":
            continue
        assert (getattr(mf, name).__doc__ or "").strip(), name
