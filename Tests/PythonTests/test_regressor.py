"""The estimator of scikit-learn: its conventions, and that its coefficients are those of the flow."""

from __future__ import annotations

import pickle
import sys
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import momentumflow as mf

pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from momentumflow import MomentumFlowRegressor  # noqa: E402

Floats = npt.NDArray[np.float64]
Data = tuple[Floats, Floats]


@pytest.fixture
def wide() -> Data:
    """Over-parametrised, a sparse truth and noise."""
    random = np.random.default_rng(3)
    x = random.standard_normal((25, 40)) + 0.5
    return x, 2 * x[:, 0] - x[:, 1] + 0.3 * random.standard_normal(25) + 4


@pytest.fixture
def tall() -> Data:
    random = np.random.default_rng(4)
    x = random.standard_normal((60, 5)) + 0.5
    return x, 2 * x[:, 0] - x[:, 1] + 0.3 * random.standard_normal(60) + 4


@parametrize_with_checks(
    [
        MomentumFlowRegressor(),
        MomentumFlowRegressor(lambda_=None),
        MomentumFlowRegressor(until=20.0),
        MomentumFlowRegressor(lambda_=None, until=20.0),
        MomentumFlowRegressor(early_stopping=True),
        MomentumFlowRegressor(early_stopping=True, until=20.0),
        MomentumFlowRegressor(fit_intercept=False),
    ]
)
def test_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


# MARK: Its place in scikit-learn


def test_pipeline(wide: Data) -> None:
    x, y = wide
    model = make_pipeline(StandardScaler(), MomentumFlowRegressor()).fit(1000 * x, y)
    assert model.score(1000 * x, y) == pytest.approx(1)
    assert np.isfinite(cross_val_score(model, x, y, cv=3)).all()


@pytest.mark.parametrize("jobs", [None, 2])
def test_grid_search(wide: Data, jobs: int | None) -> None:
    x, y = wide
    grid = {"alpha": [1e-3, 1.0], "lambda_": [None, 1.0], "until": [None, 5.0]}
    search = GridSearchCV(MomentumFlowRegressor(), grid, cv=3, n_jobs=jobs, error_score="raise").fit(x, y)
    again = clone(search.best_estimator_).fit(x, y)
    np.testing.assert_array_equal(search.best_estimator_.coef_, again.coef_)


def test_parameters_and_clone() -> None:
    model = MomentumFlowRegressor(alpha=0.3, lambda_=None, random_state=1)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(lambda_=2.0).lambda_ == 2.0
    for name in [*model.get_params(), "coef_", "intercept_", "stop_time_", "path_t_", "coef_path_", "n_iter_", "result_"]:
        assert f"\n    {name} : " in (MomentumFlowRegressor.__doc__ or ""), name


@pytest.mark.parametrize(
    "settings", [{}, {"lambda_": None}, {"until": 5.0}, {"early_stopping": True, "random_state": 0}], ids=str
)
def test_pickles(wide: Data, settings: dict[str, Any]) -> None:
    model = MomentumFlowRegressor(**settings).fit(*wide)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(wide[0]), model.predict(wide[0]))
    np.testing.assert_array_equal(copy.coef_path_, model.coef_path_)


def test_unfitted() -> None:
    # lambda_ must not pass for an attribute that was fitted.
    model = MomentumFlowRegressor()
    with pytest.raises(NotFittedError):
        model.predict([[1.0]])
    assert not hasattr(model, "coef_path_")
    assert not hasattr(model, "path_t_")


def test_is_shown_in_notebooks(wide: Data) -> None:
    for model in (MomentumFlowRegressor(), MomentumFlowRegressor().fit(*wide)):
        assert "MomentumFlowRegressor" in model._repr_html_()


def test_names_of_features(wide: Data) -> None:
    pandas = pytest.importorskip("pandas")
    x, y = wide
    frame = pandas.DataFrame(x, columns=[f"gene {k}" for k in range(x.shape[1])])
    model = MomentumFlowRegressor().fit(frame, y)
    assert list(model.feature_names_in_) == list(frame.columns) == model.result_.problem.feature_names
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[frame.columns[::-1]])


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    monkeypatch.delitem(sys.modules, "momentumflow._regressor")
    with pytest.raises(ImportError, match="pip install"):
        mf.MomentumFlowRegressor  # noqa: B018


# MARK: What it finds


@pytest.mark.parametrize("lambda_", [None, 1.0])
def test_limit(wide: Data, lambda_: float | None) -> None:
    x, y = wide
    x, y = x - x.mean(axis=0), y - y.mean()
    motion = {"flow": "gf"} if lambda_ is None else {"lambda_": lambda_}
    expected = mf.limit(mf.problem(x, y), alpha=0.01, **motion).theta_inf
    model = MomentumFlowRegressor(alpha=0.01, lambda_=lambda_).fit(x, y)
    np.testing.assert_allclose(model.coef_, expected, rtol=0, atol=1e-10)
    assert model.intercept_ == pytest.approx(0, abs=1e-12)
    assert model.stop_time_ == np.inf
    assert (model.n_iter_ == 0) == (lambda_ is None)
    # Without an intercept the data are those that were given.
    given = MomentumFlowRegressor(alpha=0.01, lambda_=lambda_, fit_intercept=False).fit(*wide)
    np.testing.assert_array_equal(given.coef_, mf.limit(mf.problem(*wide), alpha=0.01, **motion).theta_inf)


def test_intercept_follows_shifts(wide: Data) -> None:
    x, y = wide
    model, shifted = MomentumFlowRegressor().fit(x, y), MomentumFlowRegressor().fit(x + 7, y - 3)
    np.testing.assert_allclose(shifted.coef_, model.coef_, rtol=0, atol=1e-10)
    assert shifted.intercept_ == pytest.approx(model.intercept_ - 3 - 7 * model.coef_.sum())


@pytest.mark.parametrize("lambda_", [None, 0.01, 1.0])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_least_squares(tall: Data, lambda_: float | None, fit_intercept: bool) -> None:
    x, y = tall
    model = MomentumFlowRegressor(lambda_=lambda_, fit_intercept=fit_intercept).fit(x, y)
    columns = np.column_stack([x, np.ones(len(x))]) if fit_intercept else x
    expected = np.linalg.lstsq(columns, y, rcond=None)[0]
    np.testing.assert_allclose(model.coef_, expected[:5], rtol=1e-10)
    assert model.intercept_ == pytest.approx(expected[5] if fit_intercept else 0)


def test_least_squares_without_full_rank(tall: Data) -> None:
    x, y = tall
    x = np.column_stack([x, x[:, 0] + x[:, 1], np.full(len(x), 0.1), np.zeros(len(x))])
    model = MomentumFlowRegressor().fit(x, y)
    np.testing.assert_allclose(model.predict(x), LinearRegression().fit(x, y).predict(x), rtol=1e-9)
    np.testing.assert_array_equal(model.coef_[6:], 0)
    # A row twice, with two targets: no interpolator, though there are fewer rows than features.
    x, y = np.vstack([np.eye(3, 6), np.eye(1, 6)]), np.array([1.0, 2.0, 3.0, 2.0])
    model = MomentumFlowRegressor(fit_intercept=False).fit(x, y)
    np.testing.assert_allclose(model.predict(x), [1.5, 2.0, 3.0, 1.5])


@pytest.mark.filterwarnings("ignore::momentumflow.Note")
@pytest.mark.parametrize("lambda_", [None, 1.0])
def test_until(tall: Data, lambda_: float | None) -> None:
    """Fewer rows are integrated than were given; the flow is the same."""
    x, y = tall
    motion = {"flow": "gf"} if lambda_ is None else {"lambda_": lambda_}
    solution = mf.solve(mf.problem(x - x.mean(axis=0), y - y.mean()), alpha=0.1, until=4, **motion)
    model = MomentumFlowRegressor(lambda_=lambda_, until=4).fit(x, y)
    np.testing.assert_allclose(model.coef_, solution(4.0), rtol=0, atol=1e-8)
    np.testing.assert_allclose(model.coef_path_, solution(model.path_t_), rtol=0, atol=1e-8)
    assert (model.stop_time_, model.path_t_[0], model.path_t_[-1]) == (4, 0, 4)
    assert model.n_iter_ == model.result_.steps > 0


def test_zero_is_gradient_flow(wide: Data) -> None:
    none, zero = MomentumFlowRegressor(lambda_=None).fit(*wide), MomentumFlowRegressor(lambda_=0).fit(*wide)
    np.testing.assert_array_equal(none.coef_, zero.coef_)


def test_smaller_scale_is_sparser(wide: Data) -> None:
    norms = [np.abs(MomentumFlowRegressor(alpha=alpha).fit(*wide).coef_).sum() for alpha in (1e-4, 1e-2, 1.0)]
    assert norms == sorted(norms)


@pytest.mark.parametrize("lambda_", [None, 1.0])
def test_path_to_the_limit(wide: Data, lambda_: float | None) -> None:
    model = MomentumFlowRegressor(lambda_=lambda_).fit(*wide)
    assert model.coef_path_.shape == (len(model.path_t_), 40)
    assert (np.diff(model.path_t_) > 0).all()
    np.testing.assert_allclose(model.coef_path_[-1], model.coef_, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(model.coef_path_[0], 0)


def test_path_is_that_of_the_fit(tall: Data) -> None:
    model = MomentumFlowRegressor(until=2.0).fit(*tall)
    model.set_params(until=3.0, alpha=1.0)
    np.testing.assert_array_equal(model.coef_path_[-1], model.coef_)
    first = model.coef_path_
    np.testing.assert_array_equal(model.fit(*tall).coef_path_[-1], model.coef_)
    assert model.path_t_[-1] == 3 and not np.array_equal(model.coef_path_, first)


@pytest.mark.parametrize("lambda_", [None, 1.0])
@pytest.mark.parametrize("until", [None, 30.0])
@pytest.mark.parametrize("fraction", [0.2, 0.4])
def test_early_stopping(wide: Data, lambda_: float | None, until: float | None, fraction: float) -> None:
    model = MomentumFlowRegressor(
        lambda_=lambda_, until=until, early_stopping=True, validation_fraction=fraction, random_state=5
    ).fit(*wide)
    x, held_out, y, held_out_y = train_test_split(*wide, test_size=fraction, random_state=5)
    intercepts = y.mean() - model.coef_path_ @ x.mean(axis=0)
    errors = [np.mean((held_out @ theta + b - held_out_y) ** 2) for theta, b in zip(model.coef_path_, intercepts)]
    best = int(np.argmin(errors))
    assert len(errors) == 201
    assert model.stop_time_ == model.path_t_[best]
    np.testing.assert_array_equal(model.coef_, model.coef_path_[best])
    assert np.mean((model.predict(held_out) - held_out_y) ** 2) == pytest.approx(min(errors))
    # The flow is that of the other rows.
    motion = {"flow": "gf"} if lambda_ is None else {"lambda_": lambda_}
    solution = mf.solve(mf.problem(x - x.mean(axis=0), y - y.mean()), alpha=0.1, until=model.path_t_[-1], **motion)
    np.testing.assert_allclose(model.coef_, solution(model.stop_time_), rtol=0, atol=1e-7)


# MARK: Hard data


def test_constant_target(wide: Data) -> None:
    x, y = wide
    for settings in ({}, {"early_stopping": True}, {"until": 2.0}, {"lambda_": None}):
        model = MomentumFlowRegressor(**settings).fit(x, np.full(len(y), 0.1))
        np.testing.assert_array_equal(model.coef_, 0)
        np.testing.assert_array_equal(model.coef_path_, 0)
        assert model.intercept_ == 0.1


def test_constant_features(wide: Data) -> None:
    x, y = wide
    for settings in ({}, {"early_stopping": True, "random_state": 0}, {"until": 2.0}, {"lambda_": None}):
        model = MomentumFlowRegressor(**settings).fit(np.full_like(x[:, :1], 0.1), y)
        np.testing.assert_array_equal(model.coef_, 0)
        mixed = MomentumFlowRegressor(**settings).fit(np.column_stack([x, np.full(len(x), 0.1)]), y)
        assert mixed.coef_[-1] == 0


def test_few_samples() -> None:
    with pytest.raises(ValueError, match="1 sample"):
        MomentumFlowRegressor().fit([[1.0, 2.0]], [1.0])
    one = MomentumFlowRegressor(fit_intercept=False).fit([[1.0, 2.0]], [1.0])
    np.testing.assert_allclose(one.predict([[1.0, 2.0]]), [1.0])
    two = MomentumFlowRegressor().fit([[1.0], [3.0]], [1.0, 2.0])
    np.testing.assert_allclose([two.coef_[0], two.intercept_], [0.5, 0.5])


def test_sizes_of_features_and_targets(tall: Data) -> None:
    x, y = tall
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for size in (1e-6, 1e6):
            model = MomentumFlowRegressor().fit(x * np.geomspace(1 / size, size, 5) ** 0.5, y * size)
            assert model.score(x * np.geomspace(1 / size, size, 5) ** 0.5, y * size) == pytest.approx(
                LinearRegression().fit(x, y).score(x, y), abs=1e-8
            )


def test_data_are_left_alone(wide: Data) -> None:
    x, y = wide
    before = x.copy(), y.copy()
    model = MomentumFlowRegressor(fit_intercept=False).fit(x, y)
    np.testing.assert_array_equal([*x.ravel(), *y], [*before[0].ravel(), *before[1]])
    path = clone(model).fit(x, y).coef_path_
    x[:] = 0
    np.testing.assert_array_equal(model.coef_path_, path)


@pytest.mark.parametrize("budget", [{"max_work": 30}, {"max_seconds": 1e-6}])
def test_budget(wide: Data, budget: dict[str, Any]) -> None:
    x, y = wide
    for settings in ({}, {"until": 100.0}, {"early_stopping": True, "random_state": 0}):
        with pytest.warns(ConvergenceWarning, match=next(iter(budget))):
            model = MomentumFlowRegressor(**budget, **settings).fit(x, y)
        assert np.isfinite(model.predict(x)).all()
        assert not model.result_.is_complete
    with pytest.warns(ConvergenceWarning):
        model = MomentumFlowRegressor(until=100.0, **budget).fit(x, y)
    assert model.stop_time_ == model.path_t_[-1] == model.result_.time < 100
    with pytest.warns(ConvergenceWarning, match="path"):
        MomentumFlowRegressor(**budget, lambda_=None).fit(x, y).path_t_  # noqa: B018
    with pytest.warns(ConvergenceWarning, match="raise"):
        copy = pickle.loads(pickle.dumps(MomentumFlowRegressor(**budget).fit(x, y)))
    np.testing.assert_allclose(copy.predict(x), y)


@pytest.mark.filterwarnings("error")
def test_full_rank_needs_no_flow(tall: Data) -> None:
    expected = LinearRegression().fit(*tall).coef_
    np.testing.assert_allclose(MomentumFlowRegressor(max_work=30).fit(*tall).coef_, expected, rtol=1e-10)


@pytest.mark.filterwarnings("error")
def test_fits_quietly(wide: Data, tall: Data) -> None:
    for data in (wide, tall):
        for settings in ({}, {"lambda_": None}, {"until": 5.0}, {"early_stopping": True, "random_state": 0}):
            assert len(MomentumFlowRegressor(**settings).fit(*data).path_t_) == 201


# MARK: Refusals


@pytest.mark.parametrize(
    "name, value",
    [
        ("alpha", 0), ("alpha", -1.0), ("alpha", None), ("alpha", "small"), ("alpha", np.nan), ("alpha", 1e-200),
        ("lambda_", -1.0), ("lambda_", np.inf), ("lambda_", "1"),
        ("until", 0.0), ("until", -3), ("until", np.inf),
        ("validation_fraction", 0.0), ("validation_fraction", 1.0), ("validation_fraction", -0.1),
        ("validation_fraction", 5), ("validation_fraction", None),
        ("stepper", "euler"), ("rtol", 2.0), ("rtol", -1.0), ("max_work", 0), ("max_seconds", -1.0),
    ],
)  # fmt: skip
def test_bad_parameters(tall: Data, name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name}="):
        MomentumFlowRegressor(**{name: value}).fit(*tall)


def test_no_sample_weights(tall: Data) -> None:
    with pytest.raises(TypeError):
        MomentumFlowRegressor().fit(*tall, sample_weight=np.ones(60))
