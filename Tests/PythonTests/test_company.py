"""Threads, processes, signals, memory: a library that behaves in company."""

from __future__ import annotations

import concurrent.futures
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import Any

import joblib  # type: ignore[import-untyped, unused-ignore]
import numpy as np
import psutil
import pytest

import momentumflow as mf


def theta(lambda_: float) -> bytes:
    found: bytes = mf.limit(mf.gaussian(20, 30, 3), lambda_=lambda_, delta_tolerance=1e-6).theta_inf.tobytes()
    return found


LAMBDAS = [0.1, 0.2, 0.4, 0.8, 1.0, 1.5]


def test_threads_do_not_show() -> None:
    alone = [theta(value) for value in LAMBDAS]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(theta, LAMBDAS * 4)) == alone * 4


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_processes_do_not_show(method: str) -> None:
    alone = [theta(value) for value in LAMBDAS]
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(theta, LAMBDAS)) == alone


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblib(backend: str) -> None:
    alone = [theta(value) for value in LAMBDAS]
    assert joblib.Parallel(2, backend=backend)(joblib.delayed(theta)(value) for value in LAMBDAS) == alone


def test_pytest_xdist() -> None:
    """Tests of users', shared out over processes."""
    file = os.path.join(os.path.dirname(__file__), "test_plots.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", file], capture_output=True, text=True
    )
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout + done.stderr


def test_one_problem_in_many_threads(arrays: tuple[np.ndarray, np.ndarray]) -> None:
    data = mf.problem(*arrays)
    alone = mf.solve(data, lambda_=1, until=3).arrays["theta"].tobytes()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda _: mf.solve(data, lambda_=1, until=3).arrays["theta"].tobytes(), range(32))
        assert set(found) == {alone}


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_large_problem_after_a_fork() -> None:
    """Passes over a large X are shared among threads, which a forked child does not have."""
    script = """
        import os, numpy as np, momentumflow as mf
        random = np.random.default_rng(1)
        data = mf.problem(random.standard_normal((1000, 1000)), random.standard_normal(1000))
        go = lambda: mf.descend(data, gamma=1e-3, beta=0.5, iterations=20, alpha=1e-2).arrays["theta"].tobytes()
        parent = go()
        child = os.fork()
        if child == 0:
            os._exit(0 if go() == parent else 1)
        assert os.waitpid(child, 0)[1] == 0
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], check=True, timeout=60)


def test_a_fork_within_a_run_is_refused() -> None:
    script = """
        import os, threading, time, momentumflow as mf
        data = mf.gaussian(20, 30, 3)
        run = threading.Thread(target=lambda: mf.solve(data, lambda_=1, until=1e12, stepper="taylor", max_seconds=3, partial=True))
        run.start()
        time.sleep(0.5)
        child = os.fork()
        if child == 0:
            try:
                mf.solve(data, lambda_=1, until=1)
            except mf.InvalidInput as error:
                os._exit(0 if "forked" in str(error) else 2)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        run.join()
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], check=True, timeout=60)


LONG: dict[str, Any] = {
    "solve": {"lambda_": 1, "until": 1e12, "stepper": "taylor"},
    "descend": {"gamma": 1e-6, "beta": 0.0, "iterations": 10**10},
    "limit": {"gamma": 1e-6, "beta": 0.0, "tail": "iterate", "delta_tolerance": 1e-12},
}


@pytest.mark.parametrize("name", LONG)
def test_interrupts(name: str, problem: mf.Problem) -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        getattr(mf, name)(problem, **LONG[name])
    assert isinstance(caught.value, mf.Interrupted)
    assert caught.value.result is not None and caught.value.result.outcome == "interrupted"
    # The interpreter is sound, and so is the library.
    assert mf.solve(problem, lambda_=1, until=1).outcome == "reached"


#: Carried out by a thread of their own, and by the main thread itself.
ENDLESS: dict[str, Any] = {
    "solve": {"lambda_": 1, "until": 1e12, "stepper": "taylor"},
    "limit": LONG["limit"],
    "certify": LONG["limit"],
    "compare": {"lambda_": 1, "steps": [1e-7], "until": 1e3},
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_interrupt_is_heard_soon(name: str, problem: mf.Problem) -> None:
    waits = []
    for _ in range(5):
        sent: list[float] = []

        def strike() -> None:
            sent.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

        threading.Timer(0.2, strike).start()
        with pytest.raises(KeyboardInterrupt):
            getattr(mf, name)(problem, **ENDLESS[name])
        waits.append(time.perf_counter() - sent[0])
    # A fifth of them in company of other tests; the median says what it is.
    assert sorted(waits)[2] <= 0.1, waits


@pytest.mark.parametrize("name", ["solve", "limit"])
def test_handlers_of_others(name: str, problem: mf.Problem) -> None:
    """What a handler of the caller's own raises, comes through; one that raises nothing, stops nothing."""

    class Enough(Exception):
        pass

    def enough(number: int, frame: object) -> None:
        raise Enough

    def go() -> None:
        getattr(mf, name)(problem, **ENDLESS[name])

    for number in (signal.SIGALRM, signal.SIGINT):
        before = signal.signal(number, enough)
        try:
            threading.Timer(0.2, os.kill, (os.getpid(), number)).start()
            with pytest.raises(Enough):
                go()
        finally:
            signal.signal(number, before)
    heard: list[int] = []

    def listen(number: int, frame: object) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGINT, listen)
    try:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        found = mf.limit(problem, gamma=1e-4, beta=0.0, tail="iterate", max_seconds=0.3, partial=True)
        assert heard == [signal.SIGINT] and found.outcome != "interrupted"
        assert signal.getsignal(signal.SIGINT) is listen
    finally:
        signal.signal(signal.SIGINT, before)
    assert mf.limit(problem, lambda_=1).is_complete


def test_an_interrupt_while_setting_up() -> None:
    """A decomposition cannot be stopped: it is left to itself, and the process ends well."""
    script = """
        import os, signal, threading, momentumflow as mf
        threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            mf.limit(mf.gaussian(1200, 1800, 3), lambda_=1)
        except mf.Interrupted as stop:
            assert stop.result is None
            print("interrupted")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=120, capture_output=True, text=True
    )
    assert done.stdout == "interrupted\n" and done.stderr == ""


def test_progress(problem: mf.Problem) -> None:
    seen: list[tuple[float, str]] = []
    mf.descend(problem, gamma=1e-3, beta=0.0, iterations=2_000_000, progress=lambda *told: seen.append(told))
    assert len(seen) >= 3 and all(0 <= fraction <= 1 for fraction, _ in seen) and "iteration" in seen[-1][1]

    def stop(fraction: float, what: str) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        mf.descend(problem, gamma=1e-6, beta=0.0, iterations=10**10, progress=stop)
    mf.solve(problem, lambda_=1, until=1, progress=True)


def resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def test_memory_stays_flat(problem: mf.Problem) -> None:
    small = mf.gaussian(3, 4, 2)
    for _ in range(500):
        mf.solve(small, lambda_=1, until=1)
    before = resident()
    for _ in range(1500):
        mf.solve(small, lambda_=1, until=1)
        with pytest.raises(mf.InvalidInput):
            mf.solve(small, lambda_=-1, until=1)
    assert resident() - before < 3 << 20


@pytest.mark.parametrize("d", [100_000, 99_997])
def test_large_arrays_are_used_where_they_lie(d: int) -> None:
    x = np.random.default_rng(1).standard_normal((500, d))
    y = x[:, 0].copy()
    before = resident()
    data = mf.problem(x, y)
    found = mf.descend(data, gamma=1e-4, beta=0.5, iterations=3, samples=2)
    assert resident() - before < 0.4 * x.nbytes
    assert data.X is x and found.iterations == 3


@pytest.mark.parametrize("d", [88_000, 88_005])
def test_memory_does_not_show(d: int) -> None:
    """Where X lies, and how its rows end, makes no difference."""
    x = np.random.default_rng(1).standard_normal((100, d))
    y = x[:, 0].copy()
    keywords: dict[str, Any] = {"gamma": 1e-4, "beta": 0.5, "iterations": 3, "samples": 2}
    expected = mf.descend(mf.problem(x, y), **keywords).arrays["theta"]
    assert (mf.descend(mf.problem(x.astype(">f8"), y), **keywords).arrays["theta"] == expected).all()
    for fill in (1e300, np.nan):
        wide = np.full((100, d + 20), fill)
        wide[:, 1 : d + 1] = x
        assert (mf.descend(mf.problem(wide[:, 1 : d + 1], y), **keywords).arrays["theta"] == expected).all()


def test_lent_arrays_are_given_back() -> None:
    import weakref

    from momentumflow import _library

    x = np.random.default_rng(1).standard_normal((200, 48_000))
    x[:, 0] = 1
    seen = weakref.ref(x)
    data = mf.problem(x, np.ones(200))
    with pytest.warns(mf.Note):
        sol = mf.solve(data, lambda_=1, until=1e-3, samples=2)
    del x, data
    # The solution still needs it.
    assert seen() is not None and sol(5e-4).shape == (48_000,)
    del sol
    gc.collect()
    assert seen() is None and not _library._lent


def test_what_import_brings_along() -> None:
    script = """
        import sys, momentumflow
        heavy = {"xarray", "pandas", "matplotlib", "sklearn", "scipy", "tqdm", "netCDF4"} & set(sys.modules)
        assert not heavy, heavy
        from momentumflow import _library
        assert _library._loaded is None
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)
